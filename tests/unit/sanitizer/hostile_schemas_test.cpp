#define CAF_SUITE hostile_schemas
#include "tests/support/test.hpp"

#include "actors/sanitizer/schema/answer_schema.hpp"
#include "actors/sanitizer/schema/follow_schema.hpp"

#include <chrono>
#include <functional>
#include <iterator>
#include <random>
#include <sstream>

using namespace mp;
using namespace std::chrono_literals;

namespace {

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream from{text};
  return {std::istream_iterator<std::string>{from}, {}};
}

/// Compiles and checks, whatever comes of it. Never takes long: a sanitizer's build needs up to twenty times the usual.
void survive(const std::string& schema, const std::string& answer) {
  const auto begun = std::chrono::steady_clock::now();
  auto compiled = answer_schema::compile(schema);
  if (auto* taken = std::get_if<std::shared_ptr<const answer_schema>>(&compiled))
    follow_schema(answer, **taken);
  CHECK(std::chrono::steady_clock::now() - begun < 20s);
}

std::string refusal_of(std::string_view text) {
  auto compiled = answer_schema::compile(text);
  const auto* why = std::get_if<std::string>(&compiled);
  return why != nullptr ? *why : "taken";
}

constexpr auto in_a_circle = "its parts lead to each other in a circle, or too many of them apply to one value";

} // namespace

TEST_CASE("references in a circle are refused") {
  CHECK_EQ(refusal_of(R"({"$ref":"#"})"), in_a_circle);
  CHECK_EQ(refusal_of(R"({"anyOf":[{"$ref":"#"}]})"), in_a_circle);
  CHECK_EQ(refusal_of(R"({"not":{"allOf":[{"if":{"$ref":"#"}}]}})"), in_a_circle);
  CHECK_EQ(refusal_of(R"({"$ref":"#/d/a","d":{"a":{"$ref":"#/d/b"},"b":{"$ref":"#/d/a"}}})"), in_a_circle);
  CHECK_EQ(refusal_of(R"({"properties":{"x":{"$ref":"#/d/a"}},"d":{"a":{"oneOf":[{"$ref":"#/d/a"}]}}})"), in_a_circle);
}

TEST_CASE("references that lead out of the schema or nowhere are refused, and nothing is fetched") {
  for (const auto* away :
       {"http://127.0.0.1:1/schema.json", "file:///etc/passwd", "other.json#/a", "urn:a:b", "", "#a", "//x"})
    CHECK(refusal_of(std::string{R"({"$ref":")"} + away + "\"}").starts_with("a $ref in it "));
  CHECK_EQ(refusal_of(R"({"$id":"http://a/","properties":{"a":{"$ref":"b.json"}}})"),
           "a $ref in it leads out of the schema");
  CHECK_EQ(refusal_of(R"({"$ref":7})"), "a $ref in it leads out of the schema");
  CHECK_EQ(refusal_of(R"({"$ref":"#/a/b"})"), "a $ref in it leads nowhere");
  CHECK_EQ(refusal_of(R"({"allOf":[{"$ref":"#/allOf/99999999999999999999"}]})"), "a $ref in it leads nowhere");
}

TEST_CASE("a reference to what is no schema, and one with escapes") {
  CHECK_EQ(refusal_of(R"({"required":["a"],"properties":{"b":{"$ref":"#/required"}}})"),
           "a part of it is neither an object nor true or false");
  CHECK_EQ(refusal_of(R"({"$defs":{"a/b %":{"type":"null"}},"properties":{"b":{"$ref":"#/%24defs/a~1b%20%25"}}})"),
           "taken");
}

TEST_CASE("size and depth are bounded") {
  CHECK_EQ(refusal_of(R"({"title":")" + std::string(70'000, 'a') + "\"}"), "it is larger than 65536 bytes");
  CHECK_EQ(refusal_of(repeated(R"({"not":)", 15) + "true" + repeated("}", 15)), "taken");
  CHECK_EQ(refusal_of(repeated(R"({"not":)", 17) + "true" + repeated("}", 17)), in_a_circle);
  CHECK_EQ(refusal_of(repeated(R"({"items":)", 60) + "true" + repeated("}", 60)), "taken");
  CHECK_EQ(refusal_of(repeated(R"({"items":)", 5'000) + "true" + repeated("}", 5'000)),
           "it is not valid JSON, or its parts lie too deep in each other");
  CHECK_EQ(refusal_of(R"({"items":[)" + repeated("true,", 5'000) + "true]}"), "it has more than 4000 parts");
}

TEST_CASE("definitions that lead on and on to each other are bounded") {
  std::string definitions;
  for (int i = 0; i < 1'000; ++i)
    definitions += (i > 0 ? "," : "") + std::string{"\"d"} + std::to_string(i) + R"(":{"items":{"$ref":"#/d/d)"
                   + std::to_string((i + 1) % 1'000) + "\"}}";
  CHECK_EQ(refusal_of(R"({"$ref":"#/d/d0","d":{)" + definitions + "}}"), "its $refs lead to more than 64 places");
  std::string deep;
  for (int i = 0; i < 40; ++i)
    deep += "\"d" + std::to_string(i) + "\":" + repeated(R"({"items":)", 25) + R"({"$ref":"#/d/d)"
            + std::to_string((i + 1) % 40) + "\"}" + repeated("}", 25) + ",";
  CHECK_EQ(refusal_of(R"({"$ref":"#/d/d0","d":{)" + deep + R"("x":true}})"), "its parts lie too deep in each other");
}

TEST_CASE("branches that multiply are given up after a bounded amount of work") {
  // Each level asks two branches that both ask the next one: 2^15 looks at the innermost.
  std::string levels;
  for (int i = 0; i < 14; ++i)
    levels += "\"l" + std::to_string(i) + R"(":{"anyOf":[{"$ref":"#/d/l)" + std::to_string(i + 1)
              + R"("},{"$ref":"#/d/l)" + std::to_string(i + 1) + "\"}]},";
  survive(R"({"properties":{"a":{"$ref":"#/d/l7"}},"d":{)" + levels + R"("l14":{"type":"null"}}})", R"({"a":1})");
  // The same at every element of a large array.
  survive(R"({"items":{"$ref":"#/d/l8"},"d":{)" + levels + R"("l14":{"type":"null"}}})",
          "[" + repeated("1,", 300'000) + "1]");
  // Through the members of the answer, where no chain is in place.
  const std::string both = R"({"anyOf":[{"properties":{"a":{"$ref":"#"}},"required":["b"]},)"
                           R"({"properties":{"a":{"$ref":"#"}},"required":["c"]}]})";
  survive(both, repeated(R"({"a":)", 60) + "1" + repeated("}", 60));
}

TEST_CASE("patterns take time linear in the text, whatever they are") {
  const auto long_text = "\"" + std::string(900'000, 'a') + "\"";
  for (const auto* pattern :
       {"^(a+)+$", "(a|aa)*b", "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*x", "((a{0,30}){0,30})b", "^(a?){50}a{50}$"})
    survive(std::string{R"({"pattern":")"} + pattern + "\"}", long_text);
  CHECK(refusal_of(R"({"pattern":"((a{1000}){1000}){1000}"})").starts_with("a pattern in it cannot be used"));
  CHECK_EQ(refusal_of(R"({"pattern":")" + std::string(2'000, 'a') + "\"}"),
           "a pattern in it cannot be used: it is longer than 1000 bytes");
  survive(R"({"format":"date"})", "\"" + std::string(900'000, '1') + "\"");
}

TEST_CASE("large answers cost no more than bounded work and memory") {
  const auto ones = "[" + repeated("1,", 300'000) + "1]";
  survive(R"({"uniqueItems":true})", ones);
  std::string different = "[0";
  for (int i = 1; i < 100'000; ++i)
    different += "," + std::to_string(i);
  survive(R"({"uniqueItems":true})", different + "]");
  std::string words;
  for (int i = 0; i < 5'000; ++i)
    words += "\"" + std::to_string(i) + "\",";
  survive(R"({"items":{"enum":[)" + words + "null]}}", ones);
  survive(R"({"items":{"type":"string"}})", ones); // an error for each element
  survive(R"({"items":{"anyOf":[)" + repeated(R"({"minLength":900000},)", 900) + "false]}}",
          "[\"" + std::string(900'000, 'x') + "\"]");
  const auto name = std::string(15'000, 'n');
  std::string deep = "1";
  for (int i = 0; i < 50; ++i)
    deep = "{\"" + name + "\":" + deep + "}";
  survive(R"({"additionalProperties":{"$ref":"#"},"anyOf":[)" + repeated(R"({"type":"null"},)", 500) + "false]}", deep);
}

TEST_CASE("numbers that break arithmetic") {
  for (const auto* schema : {R"({"multipleOf":1e-320})", R"({"multipleOf":1e308})", R"({"multipleOf":-1})",
                             R"({"minimum":1e400})", R"({"maxItems":18446744073709551615})", R"({"maxItems":1e300})",
                             R"({"minLength":2.5})", R"({"enum":[18446744073709551615,1e400]})", R"({"const":-0.0})"})
    for (const auto* answer :
         {"0", "-9223372036854775808", "18446744073709551615", "1e308", "-0.0", "1e-320", R"(["a"])"})
      survive(schema, answer);
}

// Schemas put together of keywords and values at random, right and wrong ones: nothing may crash, hang or throw, and
// what is said to be mended has to follow the schema.
TEST_CASE("no schema put together at random breaks anything") {
  std::mt19937 rng{20261123};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(rng() % n); };
  const auto names =
    words_of("type enum const properties required additionalProperties items additionalItems contains anyOf "
             "allOf oneOf not if then else minimum maxLength minItems uniqueItems multipleOf pattern $ref "
             "definitions propertyNames dependencies prefixItems dependentRequired a");
  const auto leaves =
    words_of(R"(true false null 0 -1 2.5 7 "string" "number" "a" "#" "#/definitions/a" "#/properties/a" )"
             R"(["a"] [] {} "^a*$" "object" ["string","null"] 1e99 "x://y")");
  const std::function<std::string(int)> value = [&](int depth) -> std::string {
    if (depth == 0 || below(4) == 0)
      return leaves[below(leaves.size())];
    if (below(5) == 0)
      return "[" + value(depth - 1) + "," + value(depth - 1) + "]";
    std::string members;
    for (std::size_t i = 0, n = below(4); i <= n; ++i)
      members += (i > 0 ? "," : "") + std::string{"\""} + names[below(names.size())] + "\":" + value(depth - 1);
    return "{" + members + "}";
  };
  const std::vector<std::string> answers{
    R"({"a":{"a":[1,"2",null]},"b":"7"})", R"(["1",{"a":1}])", "\"A\"", "7", "{}", R"({"a":{"b":[{}]}})"};
  std::size_t taken_count = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto compiled = answer_schema::compile(value(5));
    auto* taken = std::get_if<std::shared_ptr<const answer_schema>>(&compiled);
    if (taken == nullptr)
      continue;
    ++taken_count;
    for (const auto& each : answers) {
      auto outcome = follow_schema(each, **taken);
      if (auto* done = std::get_if<followed>(&outcome))
        CHECK((*taken)->accepts(done->json));
    }
  }
  CHECK(taken_count > 500);
}
