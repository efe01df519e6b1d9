#define CAF_SUITE find_values
#include "tests/support/test.hpp"

#include "actors/sanitizer/extract/find_values.hpp"
#include "actors/sanitizer/repair/lookahead.hpp"

using namespace mp;

namespace {

std::string told(const found_value& value) {
  constexpr std::string_view places[]{"code", "bare", "fence", "json"};
  const std::string place(places[static_cast<std::size_t>(value.where)]);
  return place + " " + (value.readable() ? value.json : "broken");
}

found_values values_of(std::string_view text) {
  auto budget = work_budget::unlimited();
  return find_values({text, budget}, 64);
}

std::vector<std::string> found_in(std::string_view text) {
  std::vector<std::string> result;
  for (const auto& value : values_of(text).values)
    result.push_back(told(value));
  return result;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("values come from left to right, the outermost ones only, each with its place") {
  CHECK_EQ(found_in("{\"a\":{\"b\":1}} and [{\"c\":2}]"), (strings{R"(bare {"a":{"b":1}})", R"(bare [{"c":2}])"}));
  CHECK_EQ(found_in("```json\n{\"a\":1}\n```\n```\n[2]\n```\n~~~python\n{\"b\":3}\n~~~\n{\"c\":4}"),
           (strings{R"(json {"a":1})", "fence [2]", R"(code {"b":3})", R"(bare {"c":4})"}));
  CHECK(found_in("Hello {name}, see f(x) = {x}.").empty());
}

TEST_CASE("a fence's mark inside of a value opens and closes nothing") {
  CHECK_EQ(found_in("```json\n{\"a\":\"```\"}\n[1,2]\n```\n[3,4]"),
           (strings{R"(json {"a":"```"})", "json [1,2]", "bare [3,4]"}));
}

TEST_CASE("thinking between the values is left out, and all before a closing tag alone") {
  CHECK_EQ(found_in("{\"a\":1}<think>{\"b\":2}</think>{\"c\":3}"), (strings{R"(bare {"a":1})", R"(bare {"c":3})"}));
  CHECK_EQ(found_in("{\"a\":1} </think> {\"c\":3}"), (strings{R"(bare {"c":3})"}));
  CHECK_EQ(found_in("{\"a\":1}<think>{\"b\":2}"), (strings{R"(bare {"a":1})"}));
}

TEST_CASE("a broken value reaches to its closing bracket, so what is inside of it is not found") {
  CHECK_EQ(found_in("{\"a\": 1 2, \"b\": {\"c\":3}} then {\"d\":4}"), (strings{"bare broken", R"(bare {"d":4})"}));
  CHECK_EQ(found_in("{\"a\": 1 2, {\"b\":3} {\"c\":4}"), (strings{"bare broken"}));
  CHECK_EQ(found_in("```json\n{\"a\": 1 2\n```\n```json\n{\"b\":3}\n```"), (strings{"json broken", R"(json {"b":3})"}));
}

TEST_CASE("a value inside of something that cannot be read is broken") {
  CHECK_EQ(found_in("{see {\"a\":1} and {\"b\":2} here} {\"c\":3}"), (strings{"bare broken", R"(bare {"c":3})"}));
  CHECK_EQ(found_in("\"a\": {\"b\":1}, \"c\": 2}"), (strings{"bare broken"}));
  CHECK_EQ(found_in("{\"a\":1}}, \"c\":2}"), (strings{"bare broken"}));
}

TEST_CASE("text beside values, fences and thinking is told") {
  CHECK(!values_of("```json\n{\"a\":1}\n```\n").prose);
  CHECK(values_of("```json\n{\"a\":1}\n```\n").fences);
  CHECK(values_of("Here: {\"a\":1}").prose);
  CHECK(!values_of("Here: {\"a\":1}").fences);
  CHECK(values_of("<think>x</think>{\"a\":1}").thinking);
  CHECK(!values_of("<think>x</think>{\"a\":1}").prose);
}

TEST_CASE("the rest of a text tells how many brackets are still to be closed") {
  CHECK_EQ(unmatched_closers(""), 0u);
  CHECK_EQ(unmatched_closers("}]"), 2u);
  CHECK_EQ(unmatched_closers(", {\"a\": [1]}]}"), 2u);
  CHECK_EQ(unmatched_closers("\"}]\" }"), 1u);
  CHECK_EQ(unmatched_closers("}\n```\n}}"), 1u);
  CHECK(is_only_prose("\n\nHope it's fine [1]."));
  CHECK(!is_only_prose(", \"a\": 1"));
  CHECK(!is_only_prose(" and so on}"));
}
