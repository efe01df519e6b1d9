#define CAF_SUITE commit_metadata
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_bitmap.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <limits>

using namespace mp;

namespace {

constexpr auto spread_max = offset_ledger::spread_max;
const std::string topic_id = "0N8sDlCmT3eFhIh8Wi0lBA";

std::optional<commit_metadata> read(std::string_view text, std::int64_t base = 100) {
  return read_commit_metadata(base, text, spread_max);
}

} // namespace

TEST_CASE("what was written is read back") {
  for (std::int32_t leader_epoch : {-1, 0, 7, std::numeric_limits<std::int32_t>::max()}) {
    commit_metadata what{topic_id, leader_epoch, {101, 105, 8000}};
    CHECK_EQ(read(write_commit_metadata(100, what, spread_max)), std::optional{what});
    what.finished.clear();
    CHECK_EQ(read(write_commit_metadata(100, what, spread_max)), std::optional{what});
  }
  CHECK_EQ(write_commit_metadata(100, {topic_id, 3, {101}}, spread_max), "2" + topic_id + ".3.1Ag==");
}

TEST_CASE("without a topic id, as with brokers before Kafka 2.8, it is read back too") {
  commit_metadata what{{}, 3, {101}};
  CHECK_EQ(write_commit_metadata(100, what, spread_max), "2.3.1Ag==");
  CHECK_EQ(read("2.3.1Ag=="), std::optional{what});
}

TEST_CASE("a commit by another program has nothing beside it") { CHECK_EQ(read(""), std::optional{commit_metadata{}}); }

TEST_CASE("a bitmap alone, in which nothing tells whose log its offsets are of, is foreign") {
  for (const auto* text : {"1", "1Ag==", "1////"})
    CHECK(!read(text));
}

TEST_CASE("foreign and damaged text gives nothing") {
  for (const auto* text : {"2",         "2.",         "2..",     "2..1",
                           "2.x.1",     "2.1.",       "2a.1",    "2a.1.",
                           "2a..1",     "2a.x.1",     "2a.1x.1", "2a.99999999999.1",
                           "2a.1.2",    "2a.1.1A===", "2 a.1.1", "2a b.1.1",
                           "2\xFF.1.1", "3a.1.1",     "{}",      "some other program was here"})
    CHECK(!read(text));
  CHECK(!read("2" + std::string(65, 'a') + ".1.1"));
  CHECK(read("2" + std::string(64, 'a') + ".1.1"));
}

TEST_CASE("a position that no log can have carries nothing") {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  for (auto base : {largest, largest - 5, (std::int64_t{1} << 62) + 1}) {
    CHECK(!read("", base));
    CHECK(!read("2" + topic_id + ".1.1////", base));
    CHECK(!read_offset_bitmap(base, "1////", spread_max));
  }
  CHECK_EQ(read("2.3.1AQ==", std::int64_t{1} << 62)->finished, (std::set<std::int64_t>{std::int64_t{1} << 62}));
}

TEST_CASE("offsets near the end of the numbers are written without overflow") {
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  CHECK_EQ(write_offset_bitmap(largest - 1, {largest}, spread_max), "1Ag==");
}

TEST_CASE("the longest text fits the broker's limit") {
  commit_metadata full{std::string(64, 'a'), std::numeric_limits<std::int32_t>::max(), {}};
  for (std::int64_t i = 0; i < spread_max; ++i)
    full.finished.insert(full.finished.end(), 100 + i);
  auto text = write_commit_metadata(100, full, spread_max);
  CHECK_LE(text.size(), 1'460u);
  CHECK(read(text) == std::optional{full});
}
