#define CAF_SUITE offset_bitmap
#include "tests/support/test.hpp"

#include "actors/kafka_reader/offset_bitmap.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <limits>
#include <random>

using namespace mp;

namespace {

using offsets = std::set<std::int64_t>;
constexpr auto spread_max = offset_ledger::spread_max;

std::optional<offsets> read(std::string_view text, std::int64_t base = 0) {
  return read_offset_bitmap(base, text, spread_max);
}

} // namespace

TEST_CASE("bit i of byte i/8 stands for base + i") {
  CHECK_EQ(write_offset_bitmap(100, {}, spread_max), "1");
  CHECK_EQ(write_offset_bitmap(100, {100}, spread_max), "1AQ==");
  CHECK_EQ(write_offset_bitmap(100, {107}, spread_max), "1gA==");
  CHECK_EQ(write_offset_bitmap(100, {108}, spread_max), "1AAE=");
  CHECK_EQ(write_offset_bitmap(100, {101, 102, 123}, spread_max), "1BgCA");
}

TEST_CASE("what was written is read back, for sets of every density and length") {
  std::mt19937_64 random{1};
  for (int round = 0; round < 500; ++round) {
    std::int64_t base = round % 7 == 0 ? 0 : static_cast<std::int64_t>(random() >> 2);
    auto width = 1 + random() % spread_max;
    auto count = round % 3 == 0 ? random() % 4 : random() % 300;
    offsets finished;
    for (std::uint64_t i = 0; i < count; ++i)
      finished.insert(base + static_cast<std::int64_t>(random() % width));
    auto text = write_offset_bitmap(base, finished, spread_max);
    REQUIRE_EQ(read(text, base), std::optional{finished});
  }
}

TEST_CASE("the fullest bitmap fits the broker's limit for metadata") {
  offsets all;
  for (std::int64_t i = 0; i < spread_max; ++i)
    all.insert(all.end(), 5'000'000'000 + i);
  auto text = write_offset_bitmap(5'000'000'000, all, spread_max);
  CHECK_LE(text.size(), 4096u);
  CHECK(read(text, 5'000'000'000) == all);
}

TEST_CASE("offsets below the base or beyond the spread are left out") {
  offsets finished{9, 10, 12, 10 + spread_max - 1, 10 + spread_max, 10 + 2 * spread_max};
  auto text = write_offset_bitmap(10, finished, spread_max);
  CHECK_EQ(read(text, 10), (std::optional{offsets{10, 12, 10 + spread_max - 1}}));
}

TEST_CASE("no text and the bare version are an empty set") {
  CHECK_EQ(read(""), std::optional{offsets{}});
  CHECK_EQ(read("1"), std::optional{offsets{}});
}

TEST_CASE("foreign text gives nothing") {
  for (const auto* text :
       {"2AQ==", "0", "{}", "NO_METADATA", "some other program was here", "a", "=", " 1AQ==", "\xFF\xFE"})
    CHECK(!read(text));
}

TEST_CASE("text cut at any place but between groups gives nothing") {
  offsets finished;
  for (std::int64_t i = 0; i < 200; i += 3)
    finished.insert(i);
  auto text = write_offset_bitmap(0, finished, spread_max);
  for (std::size_t length = 1; length < text.size(); ++length)
    CHECK_EQ(read(std::string_view{text}.substr(0, length)).has_value(), (length - 1) % 4 == 0);
}

TEST_CASE("a character outside of the alphabet at any place gives nothing") {
  auto text = write_offset_bitmap(0, {1, 40, 70}, spread_max);
  for (std::size_t at = 1; at < text.size(); ++at)
    for (char bad : {' ', '\n', '-', '_', '*', '\0', '\x80', '\xFF'}) {
      auto damaged = text;
      damaged[at] = bad;
      CHECK(!read(damaged));
    }
}

TEST_CASE("padding anywhere but at the end gives nothing") {
  for (const auto* text : {"1A===", "1====", "1AQ==AQ==", "1AAE=AQ==", "1A=E=", "1=AAA", "1AA=A"})
    CHECK(!read(text));
}

TEST_CASE("a bitmap longer than the spread gives nothing") {
  auto groups = static_cast<std::size_t>(spread_max) / 24;
  CHECK(read("1" + std::string(groups * 4, 'A')));
  CHECK(!read("1" + std::string((groups + 1) * 4, 'A')));
  CHECK(!read("1" + std::string(1'000'000, 'A')));
}

TEST_CASE("random bytes never make a bitmap with members outside of the spread") {
  std::mt19937_64 random{2};
  for (int round = 0; round < 20'000; ++round) {
    std::string text = round % 2 == 0 ? "1" : "";
    for (auto length = random() % 40; length > 0; --length)
      text += round % 4 == 0 ? "ABCDwxyz0189+/="[random() % 15] : static_cast<char>(random());
    if (auto members = read(text, 1000); members && !members->empty()) {
      REQUIRE_GE(*members->begin(), 1000);
      REQUIRE_LT(*members->rbegin(), 1000 + spread_max);
    }
  }
}
