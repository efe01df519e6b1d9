#define CAF_SUITE refused_publications
#include "tests/support/test.hpp"

#include "actors/producer/refused_publications.hpp"

#include <string>

using namespace mp;

namespace {

using enum delivery_result;

/// Requests with so many records each; tokens are numbered through from 1.
std::vector<request_publication> publications(std::vector<std::size_t> records) {
  std::vector<request_publication> all;
  std::uint64_t token = 1;
  for (auto count : records) {
    request_publication publication;
    publication.from.offset = static_cast<std::int64_t>(all.size());
    for (std::size_t i = 0; i < count; ++i)
      publication.parts.push_back({token++, static_cast<std::uint8_t>(i), shared_outgoing{outgoing{}}});
    all.push_back(std::move(publication));
  }
  return all;
}

/// "blamed 2(5) suspected 0 innocent 1": offsets, and the tokens of what is certain
std::string sorted(std::vector<std::size_t> records, const std::vector<refused_record>& refused) {
  auto found = sort_out(publications(std::move(records)), refused);
  std::string text = "blamed";
  for (const auto& each : found.blamed) {
    text += ' ' + std::to_string(each.publication.from.offset) + '(';
    for (const auto& fate : each.fate)
      text += fate.result == withdrawn ? "-" : std::to_string(fate.token);
    text += ')';
  }
  text += " suspected";
  for (const auto& each : found.suspected)
    text += ' ' + std::to_string(each.from.offset);
  text += " innocent";
  for (const auto& each : found.innocent)
    text += ' ' + std::to_string(each.from.offset);
  return text;
}

refused_record of(std::size_t index, delivery_result why) { return {index, why, "CODE"}; }

} // namespace

TEST_CASE("a request that was alone is to blame") {
  for (auto why : {too_large, invalid, rejected, topic_refuses})
    CHECK_EQ(sorted({1}, {of(0, why)}), "blamed 0(1) suspected innocent");
}

TEST_CASE("of a batch all are suspected, the others are innocent") {
  for (auto why : {too_large, invalid, rejected})
    CHECK_EQ(sorted({1, 1, 1}, {of(0, why), of(2, why)}), "blamed suspected 0 2 innocent 1");
}

TEST_CASE("a record that alone is named is to blame") {
  CHECK_EQ(sorted({1, 2, 1}, {of(2, invalid)}), "blamed 1(-3) suspected innocent 0 2");
}

TEST_CASE("what a topic refuses from everybody is believed of each") {
  CHECK_EQ(sorted({2, 1, 2}, {of(1, topic_refuses), of(4, topic_refuses)}), "blamed 0(-2) 2(-5) suspected innocent 1");
}

TEST_CASE("a refusing topic and a refused batch of another one are told apart") {
  CHECK_EQ(sorted({1, 1, 1}, {of(0, topic_refuses), of(1, too_large), of(2, too_large)}),
           "blamed 0(1) suspected 1 2 innocent");
}

TEST_CASE("of two records of a request alone both may be to blame: they are in batches of their own") {
  CHECK_EQ(sorted({2}, {of(0, too_large), of(1, invalid)}), "blamed 0(12) suspected innocent");
}

TEST_CASE("the code goes with the result") {
  auto found = sort_out(publications({1}), {{0, topic_refuses, "TOPIC_AUTHORIZATION_FAILED"}});
  REQUIRE_EQ(found.blamed.size(), 1u);
  CHECK_EQ(found.blamed[0].fate[0].code, "TOPIC_AUTHORIZATION_FAILED");
  CHECK(found.blamed[0].fate[0].result == topic_refuses);
}
