#define CAF_SUITE sanitizer
#include "tests/support/test.hpp"

#include "actors/sanitizer/sanitizer.hpp"
#include "tests/support/neighbour_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

sanitizer_config config_of(std::shared_ptr<actor_directory> directory) {
  sanitizer_config config;
  config.directory = std::move(directory);
  return config;
}

struct sanitizer_fixture : neighbour_fixture<sanitizer_actor> {
  sanitizer_actor& sanitizer = subject;
  void start() {
    new_dispatcher();
    put_under_test(spawn_sanitizer(parent(), config_of(directory)));
  }

  const cleaning_result& clean(std::uint64_t ticket, std::string answer, request_kind kind,
                               finish_reason finish = finish_reason::stop) {
    tell(cleaning_job{ticket, 3, kind, finish, text_slice{std::move(answer)}});
    CAF_REQUIRE(!heard->cleaned.empty());
    return heard->cleaned.back();
  }
};

const clean_text& cleaned_text(const cleaning_result& result) {
  CAF_REQUIRE(std::holds_alternative<clean_text>(result.outcome));
  return std::get<clean_text>(result.outcome);
}

fault fault_of(const cleaning_result& result) {
  CAF_REQUIRE(std::holds_alternative<fault>(result.outcome));
  return std::get<fault>(result.outcome);
}

} // namespace

BEGIN_FIXTURE_SCOPE(sanitizer_fixture)

TEST_CASE("a sanitizer reports its start to each dispatcher") {
  start();
  REQUIRE_EQ(heard->sanitizers.size(), 1u);
  CHECK_EQ(heard->sanitizers[0].sanitizer, sanitizer);
  CHECK(heard->sanitizers[0].lane == cleaning_lane::short_answers);
  new_dispatcher();
  CHECK_EQ(heard->sanitizers.size(), 1u);
}

TEST_CASE("one for long answers says so") {
  new_dispatcher();
  auto config = config_of(directory);
  config.lane = cleaning_lane::long_answers;
  put_under_test(spawn_sanitizer(parent(), config));
  settle();
  REQUIRE_EQ(heard->sanitizers.size(), 1u);
  CHECK(heard->sanitizers[0].lane == cleaning_lane::long_answers);
}

TEST_CASE("a photo's answer comes back as compact JSON under its ticket and call number") {
  start();
  auto& result = clean(9, "{ \"b\" : 1.50, \"a\" : [ 1 , 2 ] }", request_kind::photo);
  CHECK_EQ(result.ticket, 9u);
  CHECK_EQ(result.call_number, 3u);
  CHECK_EQ(cleaned_text(result).text, "{\"b\":1.50,\"a\":[1,2]}");
  CHECK_EQ(cleaned_text(result).mends, "");
}

TEST_CASE("what was taken away is named") {
  start();
  auto& result = clean(9, "<think>hm</think>\n```json\n{\"a\":1}\n```", request_kind::photo);
  CHECK_EQ(cleaned_text(result).text, "{\"a\":1}");
  CHECK_EQ(cleaned_text(result).mends, "thinking,fence");
}

TEST_CASE("a photo's answer that holds no JSON is an invalid answer") {
  start();
  CHECK(fault_of(clean(9, "I cannot see any food.", request_kind::photo)) == fault::invalid_answer);
}

TEST_CASE("a photo's answer that was cut is truncated, not mended") {
  start();
  CHECK(fault_of(clean(9, "{\"a\":1,\"b\":", request_kind::photo, finish_reason::length)) == fault::truncated);
}

TEST_CASE("a text's answer stays text, and its object is found where it is one") {
  start();
  CHECK_EQ(cleaned_text(clean(9, "About 285.", request_kind::text)).text, "About 285.");
  CHECK_EQ(cleaned_text(heard->cleaned.back()).object, "");
  auto& result = clean(10, "{ \"a\" : 1 }", request_kind::text);
  CHECK_EQ(cleaned_text(result).text, "{ \"a\" : 1 }");
  CHECK_EQ(cleaned_text(result).object, "{\"a\":1}");
}

TEST_CASE("an answer with nothing in it is empty") {
  start();
  CHECK(fault_of(clean(9, " \n ", request_kind::text)) == fault::answer_empty);
  CHECK(fault_of(clean(9, "", request_kind::photo)) == fault::answer_empty);
}

TEST_CASE("a text with a schema has to be JSON that follows it, and what is wrong is said") {
  start();
  const auto schema =
    text_slice{std::string{R"({"type":"object","required":["a"],"properties":{"a":{"type":"number"}}})"}};
  const auto clean_with = [&](std::string answer, text_slice of) {
    tell(cleaning_job{9, 3, request_kind::text, finish_reason::stop, text_slice{std::move(answer)}, std::move(of)});
    return heard->cleaned.back();
  };
  auto good = clean_with("Sure: {\"a\": \"1\"}", schema);
  CHECK_EQ(cleaned_text(good).text, R"({"a":1})");
  CHECK_EQ(cleaned_text(good).object, R"({"a":1})");
  CHECK_EQ(cleaned_text(good).mends, "prose,text_to_number");
  CHECK(cleaned_text(good).syntax_mended);
  auto bad = clean_with("{\"a\": \"one\"}", schema);
  CHECK(fault_of(bad) == fault::invalid_answer);
  CHECK_EQ(bad.problem, "/a: is a string, but has to be a number");
  CHECK(fault_of(clean_with("{}", text_slice{std::string{R"({"$ref":"#"})"}})) == fault::invalid_request);
}

TEST_CASE("photos follow the schema of all photos unless they bring their own") {
  new_dispatcher();
  auto config = config_of(directory);
  config.photo_schema = std::get<std::shared_ptr<const answer_schema>>(answer_schema::compile(R"({"required":["a"]})"));
  put_under_test(spawn_sanitizer(parent(), config));
  CHECK_EQ(cleaned_text(clean(1, R"({"a":1})", request_kind::photo)).text, R"({"a":1})");
  CHECK(fault_of(clean(2, R"({"b":1})", request_kind::photo)) == fault::invalid_answer);
  CHECK_EQ(cleaned_text(clean(3, R"({"b":1})", request_kind::text)).text, R"({"b":1})");
  tell(cleaning_job{4, 1, request_kind::photo, finish_reason::stop, text_slice{std::string{R"({"b":1})"}},
                    text_slice{std::string{R"({"required":["b"]})"}}});
  CHECK_EQ(cleaned_text(heard->cleaned.back()).text, R"({"b":1})");
}

TEST_CASE("an answer counts as mended in its syntax when the JSON itself was mended, not only what stood around it") {
  start();
  CHECK(!cleaned_text(clean(1, "Here: {\"a\":1}", request_kind::photo)).syntax_mended);
  CHECK(cleaned_text(clean(2, "{'a':1}", request_kind::photo)).syntax_mended);
}

END_FIXTURE_SCOPE()
