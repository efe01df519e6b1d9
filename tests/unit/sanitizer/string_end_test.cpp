#define CAF_SUITE string_end
#include "tests/support/test.hpp"

#include "actors/sanitizer/repair/string_end.hpp"

using namespace mp;

namespace {

/// The content of the string at the beginning of `text`, or a word why not.
std::string content_of(std::string_view text, const string_place& place) {
  const auto quote = opening_quote(text, 0);
  auto budget = work_budget::unlimited();
  const auto extent = find_string_end({text, budget}, quote.size, quote.kind, place);
  if (extent.ending == string_ending::member_name)
    return "(name)";
  return extent.ending == string_ending::unclear
           ? "(unclear)"
           : std::string(text.substr(quote.size, extent.content_end - quote.size));
}

constexpr string_place value{.role = string_role::object_value, .depth = 1, .inside_object = true};
constexpr string_place element{
  .role = string_role::array_element, .depth = 2, .inside_array = true, .inside_object = true};
constexpr string_place key{.role = string_role::key, .depth = 1, .inside_object = true};

} // namespace

TEST_CASE("a member's value ends where another member, a bracket or the text's end follows") {
  CHECK_EQ(content_of(R"("x", "b": 1})", value), "x");
  CHECK_EQ(content_of(R"("x"})", value), "x");
  CHECK_EQ(content_of(R"("x" "b": 1})", value), "x");
  CHECK_EQ(content_of(R"("x")", value), "x");
  CHECK_EQ(content_of("\"x\"\n```", value), "x");
  CHECK_EQ(content_of("\"x\" // y\n}", value), "x");
}

TEST_CASE("a quote behind which nothing fits is a part of the value") {
  CHECK_EQ(content_of(R"("a "b" c", "d": 1})", value), R"(a "b" c)");
  CHECK_EQ(content_of(R"("a "b", c", "d": 1})", value), R"(a "b", c)");
  CHECK_EQ(content_of(R"("a "b"", "d": 1})", value), R"(a "b")");
}

TEST_CASE("an element ends where another element or a bracket follows") {
  CHECK_EQ(content_of(R"("x", "y"]})", element), "x");
  CHECK_EQ(content_of(R"("x", 1]})", element), "x");
  CHECK_EQ(content_of(R"("x", {"a": 1}]})", element), "x");
  CHECK_EQ(content_of(R"("x" "y"]})", element), "x");
  CHECK_EQ(content_of(R"("a "b" c", "d"]})", element), R"(a "b" c)");
  CHECK_EQ(content_of(R"("b": 1})", element), "(name)");
}

TEST_CASE("a name ends where a colon follows") {
  CHECK_EQ(content_of(R"("x": 1})", key), "x");
  CHECK_EQ(content_of(R"("x" 1})", key), "x");
  CHECK_EQ(content_of(R"("x: 1})", key), "x");
  CHECK_EQ(content_of("'it's': 1}", key), "it's");
  CHECK_EQ(content_of(R"("x", "y": 1})", key), "(unclear)");
}

TEST_CASE("where two ends are possible none is chosen") {
  for (const auto* text : {R"("a, "b": 1})", R"("a "b": c", "d": 1})", R"("never closed)", R"("a "b c", "d": 1})"})
    CHECK_EQ(content_of(text, value), "(unclear)");
  for (const auto* text : {R"("a"b"] c", "d"]})", R"("a" b, "c"]})"})
    CHECK_EQ(content_of(text, element), "(unclear)");
}
