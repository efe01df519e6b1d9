#define CAF_SUITE answer_schema
#include "tests/support/test.hpp"

#include "actors/sanitizer/schema/answer_schema.hpp"
#include "actors/sanitizer/schema/schema_cache.hpp"

#include <initializer_list>

using namespace mp;

namespace {

std::shared_ptr<const answer_schema> schema_of(std::string_view text) {
  auto compiled = answer_schema::compile(text);
  if (const auto* why = std::get_if<std::string>(&compiled))
    CAF_FAIL("the schema is not taken: " << *why);
  return std::get<std::shared_ptr<const answer_schema>>(compiled);
}

/// A schema, an answer, and whether the one follows the other: the reason, or nothing.
struct row {
  std::string_view why;
  std::string_view schema;
  std::string_view answer;
  std::string_view reason = "";
};

void check(std::initializer_list<row> rows) {
  for (const auto& each : rows) {
    const auto schema = schema_of(each.schema);
    const auto why = std::string{each.why} + ": ";
    CHECK_EQ(why + (schema->accepts(each.answer) ? "" : reason_text(schema->violations(each.answer))),
             why + std::string{each.reason});
  }
}

std::string refusal_of(std::string_view text) {
  auto compiled = answer_schema::compile(text);
  const auto* why = std::get_if<std::string>(&compiled);
  return why != nullptr ? *why : "taken";
}

} // namespace

TEST_CASE("types: what the schema asks for and what the answer has is said, with the place") {
  check({
    {"a number", R"({"type":"number"})", "1.5"},
    {"a whole number is a number", R"({"type":"number"})", "1"},
    {"a fraction of nothing is an integer", R"({"type":"integer"})", "12.0"},
    {"a larger number than 64 bits hold", R"({"type":"integer","minimum":5})", "18446744073709551615"},
    {"a fraction is none", R"({"type":"integer"})", "12.5", "the answer: is a number, but has to be an integer"},
    {"one of several", R"({"type":["string","null"]})", "null"},
    {"none of several", R"({"type":["string","null"]})", "true",
     "the answer: is a boolean, but has to be a string or null"},
    {"inside", R"({"properties":{"contains":{"properties":{"protein":{"type":"number"}}}}})",
     R"({"contains":{"protein":"12 g"}})", "/contains/protein: is a string, but has to be a number"},
    {"in an array", R"({"items":{"type":"string"}})", R"(["a",7])", "/1: is an integer, but has to be a string"},
    {"names with signs of pointers", R"({"additionalProperties":{"type":"string"}})", R"({"a/b~c":7})",
     "/a~1b~0c: is an integer, but has to be a string"},
    {"a name in brackets", R"({"additionalProperties":{"type":"string"}})", R"({"[0]":7})",
     "/[0]: is an integer, but has to be a string"},
  });
}

TEST_CASE("values: enumerations, constants, patterns, bounds") {
  check({
    {"one of them", R"({"enum":["a",1,null,{"b":[1,2]}]})", R"({"b":[1.0,2]})"},
    {"none of them", R"({"enum":["a","b"]})", R"("c")", R"(the answer: is a string, but has to be "a" or "b")"},
    {"a constant", R"({"const":7})", "7.0"},
    {"another one", R"({"const":7})", "8", "the answer: is an integer, but has to be 7"},
    {"constant and enumeration together", R"({"const":7,"enum":[8]})", "7",
     "the answer: is an integer, but has to be 8"},
    {"a pattern is searched for", R"({"pattern":"[0-9]{2}"})", R"("in 12 days")"},
    {"a pattern that is not there", R"({"pattern":"^[0-9]+$"})", R"("12 g")",
     "the answer: is a string, but has to be one that matches ^[0-9]+$"},
    {"a pattern asks nothing of a number", R"({"pattern":"^a"})", "12"},
    {"a bound", R"({"minimum":0,"exclusiveMaximum":5})", "4.9"},
    {"above the bound", R"({"exclusiveMaximum":5})", "5", "the answer: Expected number less than 5.000000"},
    {"a multiple of a fraction", R"({"multipleOf":0.1})", "0.3"},
    {"no multiple", R"({"multipleOf":2})", "3", "the answer: is an integer, but has to be a multiple of 2"},
    {"half is no multiple of one", R"({"multipleOf":1})", "1.5",
     "the answer: is a number, but has to be a multiple of 1"},
    {"the smallest number of all by minus one's neighbour", R"({"multipleOf":1})", "-9223372036854775808"},
    {"different elements", R"({"uniqueItems":true})", R"([1,"1",[1],{"a":1}])"},
    {"equal elements", R"({"uniqueItems":true})", R"([{"a":1,"b":2},{"b":2.0,"a":1}])",
     "the answer: is an array, but has to be one without equal elements"},
    {"length in characters", R"({"maxLength":2})", "\"\u00e4\u00f6\""},
  });
}

TEST_CASE("structure: required members, further members, arrays, branches, references") {
  constexpr auto tree = R"({"$ref":"#/$defs/node","$defs":{"node":{"type":"object","required":["name"],
      "properties":{"name":{"type":"string"},"children":{"type":"array","items":{"$ref":"#/$defs/node"}}}}}})";
  check({
    {"a missing member", R"({"required":["a","b"]})", R"({"a":1})", "the answer: Missing required property 'b'"},
    {"a further member", R"({"properties":{"a":true},"additionalProperties":false})", R"({"a":1,"b":2})",
     "the answer: Object contains a property that could not be validated using 'properties' or "
     "'additionalProperties' constraints: 'b'"},
    {"never", R"({"properties":{"a":false}})", R"({"a":1})",
     "the answer: Failed to validate against schema associated with property name 'a'"},
    {"a tuple", R"({"prefixItems":[{"type":"string"}],"items":{"type":"number"}})", R"(["a",1,2])"},
    {"a tuple with a wrong tail", R"({"prefixItems":[{"type":"string"}],"items":{"type":"number"}})", R"(["a","b"])",
     "/1: is a string, but has to be a number"},
    {"one of two branches", R"({"anyOf":[{"type":"number"},{"type":"null"}]})", "null"},
    {"no branch", R"({"anyOf":[{"type":"number"},{"type":"null"}]})", R"("x")",
     "the answer: is a string, but has to be a number; the answer: is a string, but has to be null"},
    {"a condition", R"({"if":{"properties":{"a":{"const":1}}},"then":{"required":["b"]}})", R"({"a":1})",
     "the answer: Missing required property 'b'"},
    {"a dependency", R"({"dependentRequired":{"a":["b"]}})", R"({"a":1})", "the answer: Missing dependency 'b'"},
    {"a tree", tree, R"({"name":"a","children":[{"name":"b","children":[{"name":"c"}]}]})"},
    {"a broken leaf of a tree", tree, R"({"name":"a","children":[{"name":"b","children":[{"name":3}]}]})",
     "/children/0/children/0/name: is an integer, but has to be a string"},
    {"a schema that leads to itself through a member", R"({"properties":{"a":{"$ref":"#"}},"maxProperties":1})",
     R"({"a":{"a":{}}})"},
    {"it counts inside too", R"({"properties":{"a":{"$ref":"#"}},"maxProperties":1})", R"({"a":{"a":1,"b":2}})",
     "/a: Object should have no more than 1 properties"},
    {"names that are not known, and format, ask nothing",
     R"({"title":"t","format":"date","x-a":1,"default":{"$ref":7}})", R"("soon")"},
  });
}

TEST_CASE("a schema that cannot be used is refused with the reason") {
  CHECK_EQ(refusal_of("[]"), "it is not a JSON object");
  CHECK_EQ(refusal_of("{"), "it is not valid JSON, or its parts lie too deep in each other");
  CHECK_EQ(refusal_of(R"({"type":"text"})"), R"("type" in it names a type that JSON does not have)");
  CHECK_EQ(refusal_of(R"({"properties":[]})"), R"("properties" in it has to be an object)");
  CHECK_EQ(refusal_of(R"({"properties":{"a":7}})"), "a part of it is neither an object nor true or false");
  CHECK_EQ(refusal_of(R"({"required":"a"})"), R"("required" in it has to be an array of strings)");
  CHECK_EQ(refusal_of(R"({"minLength":-1})"), R"("minLength" in it has to be a whole number that is not negative)");
  CHECK_EQ(refusal_of(R"({"multipleOf":0})"), R"("multipleOf" in it has to be a number above 0)");
  CHECK_EQ(refusal_of(R"({"anyOf":[]})"), R"("anyOf" in it has to be an array that is not empty)");
  CHECK_EQ(refusal_of(R"({"patternProperties":{}})"), R"("patternProperties" in it is not supported)");
  CHECK_EQ(refusal_of(R"_({"pattern":"(?=a)"})_"), "a pattern in it cannot be used: invalid perl operator: (?=");
  CHECK_EQ(refusal_of(R"({"pattern":"("})"), "a pattern in it cannot be used: missing ): (");
}

TEST_CASE("the cache compiles a schema once, and keeps those that were used last") {
  schema_cache cache{2, 1'000'000};
  const auto of = [&](std::string_view text) {
    return std::get<std::shared_ptr<const answer_schema>>(cache.get(text));
  };
  const auto first = of(R"({"type":"string"})");
  CHECK(of(R"({"type":"string"})") == first);
  of(R"({"type":"number"})");
  CHECK(of(R"({"type":"string"})") == first);
  of(R"({"type":"null"})"); // takes the place of the number
  CHECK(of(R"({"type":"string"})") == first);
  of(R"({"type":"array"})");
  of(R"({"type":"object"})");
  CHECK(of(R"({"type":"string"})") != first);
  CHECK(std::holds_alternative<std::string>(cache.get("{")));
}

TEST_CASE(
  "the cache is bounded in bytes, counts what patterns may take up, and does not keep what is larger than all of it") {
  constexpr std::size_t bytes_max = 2'000'000;
  schema_cache cache{1'000, bytes_max};
  const auto get = [&](const std::string& text) {
    return std::holds_alternative<std::shared_ptr<const answer_schema>>(cache.get(text));
  };
  for (int i = 0; i < 200; ++i) {
    CHECK(get(R"({"title":")" + std::to_string(i) + R"(","pattern":"^[a-z]+$"})"));
    CHECK(cache.bytes() <= bytes_max);
  }
  CHECK(cache.bytes() > bytes_max / 2);
  std::string parts;
  for (int i = 0; i < 3'000; ++i)
    parts += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":true";
  const auto before = cache.bytes();
  CHECK(get(R"({"properties":{)" + parts + "}}"));
  CHECK_EQ(cache.bytes(), before);
}

TEST_CASE("the largest schema that is taken fits into the cache of the service") {
  std::string parts;
  for (int i = 0; i < 3'990; ++i)
    parts += (i > 0 ? ",\"" : "\"") + std::to_string(i)
             + "\":" + (i < 32 ? R"({"pattern":"a)" + std::to_string(i) + "\"}" : "true");
  const auto text =
    R"({"properties":{)" + parts + "}," + R"("title":")" + std::string(64 * 1024 - parts.size() - 28, 't') + "\"}";
  REQUIRE_EQ(text.size(), 64u * 1024);
  schema_cache cache;
  CHECK(std::holds_alternative<std::shared_ptr<const answer_schema>>(cache.get(text)));
  CHECK(cache.bytes() > 16'000'000);
}
