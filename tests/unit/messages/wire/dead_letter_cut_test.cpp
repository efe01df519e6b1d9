#define CAF_SUITE dead_letter_cut
#include "tests/support/test.hpp"

#include "messages/wire/dead_letter_cut.hpp"

#include <string>

using namespace mp;

namespace {

/// With everything that can be large.
outgoing letter(std::string key = "id") {
  return {destination::dead_letter,
          std::move(key),
          "payload",
          {{"reason", "not_json"},
           {"source-offset", "7"},
           {"traceparent", "00-1"},
           {"tracestate", "a=b"},
           {"correlation-id", "c"},
           {"answer", "text"},
           {"problem", "none"}}};
}

std::string header(const outgoing& record, std::string_view name) {
  for (const auto& each : record.headers)
    if (each.first == name)
      return each.second;
  return "(none)";
}

} // namespace

TEST_CASE("first the payload goes, and the answer that belongs to it") {
  auto smaller = cut_dead_letter(letter());
  REQUIRE(smaller);
  CHECK_EQ(smaller->body, "");
  CHECK_EQ(header(*smaller, "answer"), "(none)");
  CHECK_EQ(header(*smaller, "problem"), "(none)");
  CHECK_EQ(header(*smaller, "traceparent"), "00-1");
  CHECK_EQ(header(*smaller, "reason"), "not_json");
  CHECK_EQ(header(*smaller, "cut"), "payload");
  CHECK_EQ(smaller->key, "id");
}

TEST_CASE("then the repeated headers and what is too much of the key, and then nothing is left to cut") {
  auto smaller = cut_dead_letter(*cut_dead_letter(letter("k" + std::string(2 << 20, 'x'))));
  REQUIRE(smaller);
  CHECK_EQ(smaller->key.size(), cut_key_bytes_max);
  CHECK_EQ(header(*smaller, "key-bytes"), std::to_string((2 << 20) + 1));
  for (const auto* name : {"traceparent", "tracestate", "correlation-id"})
    CHECK_EQ(header(*smaller, name), "(none)");
  CHECK_EQ(header(*smaller, "cut"), "payload,headers,key");
  CHECK_EQ(header(*smaller, "source-offset"), "7");
  CHECK(!cut_dead_letter(*smaller));
}

TEST_CASE("whatever the key, headers and body are, the smallest form has less than 6 KB") {
  for (std::size_t size : {0, 10, 5'000, 3'000'000}) {
    auto big = letter(std::string(size, 'k'));
    big.body.assign(size, 'b');
    for (auto& each : big.headers)
      if (each.first != "reason" && each.first != "source-offset")
        each.second.assign(size, 'h');
    std::optional<outgoing> last = big;
    for (int steps = 0; auto next = cut_dead_letter(*last); ++steps) {
      REQUIRE_LE(steps, 2);
      last = next;
    }
    auto bytes = last->key.size() + last->body.size();
    for (const auto& [name, value] : last->headers)
      bytes += name.size() + value.size();
    CHECK_LE(bytes, 6'000u);
  }
}

TEST_CASE("a key that is text is cut between two characters, other bytes at the limit") {
  std::string text;
  while (text.size() < 3 * cut_key_bytes_max)
    text += "\xE2\x82\xAC"; // three bytes each
  auto cut = *cut_dead_letter(*cut_dead_letter(letter(text)));
  CHECK_LE(cut.key.size(), cut_key_bytes_max);
  CHECK_GE(cut.key.size(), cut_key_bytes_max - 3);
  CHECK_EQ(cut.key.size() % 3, 0u);
  auto bytes = *cut_dead_letter(*cut_dead_letter(letter(std::string(10'000, '\x80'))));
  CHECK_GE(bytes.key.size(), cut_key_bytes_max - 4);
}

TEST_CASE("a letter without a key gets one of its place, one with a key does not") {
  auto keyed = dead_letter_with_key(letter(""), {3, 9, 41}, "requests");
  REQUIRE(keyed);
  CHECK_EQ(keyed->key, "requests-3-41");
  CHECK_EQ(header(*keyed, "made-key"), "true");
  CHECK_EQ(keyed->body, "payload");
  CHECK(!dead_letter_with_key(*keyed, {3, 9, 41}, "requests"));
}
