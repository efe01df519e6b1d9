#define CAF_SUITE schema_patterns
#include "tests/support/test.hpp"

#include "actors/sanitizer/schema/answer_schema.hpp"
#include "actors/sanitizer/schema/schema_patterns.hpp"
#include "messages/json/json_text.hpp"

#include <vector>

using namespace mp;

namespace {

std::string repeated(std::string_view text, std::size_t bytes) {
  std::string all;
  while (all.size() + text.size() <= bytes)
    all += text;
  return all;
}

/// "taken", or why not.
std::string get(schema_patterns& patterns, const std::string& pattern) {
  try {
    return patterns.get(pattern) != nullptr ? "taken" : "nothing";
  } catch (const bad_pattern& bad) {
    return bad.why;
  }
}

std::string verdict(const std::vector<std::string>& patterns) {
  std::string members;
  for (std::size_t i = 0; i < patterns.size(); ++i)
    members += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":{\"pattern\":" + string_literal(patterns[i]) + "}";
  auto compiled = answer_schema::compile(R"({"properties":{)" + members + "}}");
  const auto* why = std::get_if<std::string>(&compiled);
  return why != nullptr ? *why : "taken";
}

/// Different patterns of one kind: `text` with a number in front.
std::vector<std::string> different(const std::string& text, std::size_t count) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < count; ++i)
    all.push_back(std::to_string(i) + text);
  return all;
}

} // namespace

TEST_CASE("what a pattern's text says of the work to compile it") {
  const auto cost = [](std::string_view pattern) {
    const auto found = cost_of(pattern);
    return std::to_string(found.classes) + " " + std::to_string(found.repeats);
  };
  CHECK_EQ(cost(""), "0 0");
  CHECK_EQ(cost("^[a-z]+$"), "0 0");
  CHECK_EQ(cost(R"(\p{L}[\PN\d]\\p)"), "2 0");
  CHECK_EQ(cost("a{2}b{3,}c{4,500}d{,7}"), "0 512");
  CHECK_EQ(cost(R"(\pL{10}\)"), "1 10");
  CHECK_EQ(cost("{{{9"), "0 9");
  CHECK_EQ(cost("a{99999999999999999999999999}"), "0 1000000");
}

TEST_CASE("equal patterns are compiled once and count once") {
  schema_patterns patterns;
  const auto first = patterns.get("^[a-z]{1,100}$");
  for (int i = 0; i < 1'000; ++i)
    CHECK(patterns.get("^[a-z]{1,100}$") == first);
  CHECK_EQ(patterns.count(), 1u);
  CHECK_EQ(verdict(std::vector<std::string>(1'000, "^.{1,500}$")), "taken");
}

TEST_CASE("patterns as people write them are taken") {
  CHECK_EQ(verdict({R"(^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$)", R"(^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$)",
                    "^.{1,500}$", "^[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
                    R"(^[\p{L}\p{M}' -]+$)", R"(^[^<>]{1,200}$)", R"(^\w{1,1000}$)", "(?i)^(yes|no|maybe)$",
                    R"(^https?://\S+$)", "^#[0-9a-fA-F]{6}$"}),
           "taken");
}

TEST_CASE("the patterns of a schema are bounded in number, in instructions, in classes and in repetitions") {
  const std::string refused = "a pattern in it cannot be used: ";
  CHECK_EQ(verdict(different("a", 32)), "taken");
  CHECK_EQ(verdict(different("a", 33)), refused + "there are more than 32");
  CHECK_EQ(verdict(different(".{1,200}", 10)), "taken");
  CHECK_EQ(verdict(different(".{1,200}", 12)), refused + "their programs have more instructions than 20000");
  CHECK_EQ(verdict(different(R"(\pN)", 32)), "taken");
  CHECK_EQ(verdict({repeated(R"(\pN|)", 32 * 4), R"(\PN)"}),
           refused + R"(they name more classes of characters by \p than 32)");
  CHECK_EQ(verdict({repeated("(?:){1000}", 200)}), "taken");
  CHECK_EQ(verdict({repeated("(?:){1000}", 210)}), refused + "their numbers of repetitions make more than 20000");
  CHECK_EQ(verdict({std::string(1'001, 'a')}), refused + "it is longer than 1000 bytes");
}

TEST_CASE("what costs most to compile is refused before it has cost much") {
  for (const std::string& pattern :
       {std::string{R"((?i)(\pL|\pN|\pP){40})"}, std::string{R"(\pL{1000})"}, std::string{R"((?i)\pL{1000})"},
        "(?i)" + repeated(R"(\PL|)", 980) + "a", "(?i)[" + repeated(R"(\PL\pL)", 980) + "]", repeated(R"(\pL)", 990),
        repeated("a{1000}", 990), repeated(".{1000}", 990), std::string{"((a{100}){100}){100}"}}) {
    CHECK(verdict({pattern}).starts_with("a pattern in it cannot be used: "));
    const auto as_many_as_fit = 60'000 / (2 * pattern.size() + 30);
    CHECK(verdict(std::vector<std::string>(as_many_as_fit, pattern)).starts_with("a pattern in it cannot be used: "));
  }
}

TEST_CASE("a pattern that was refused is not kept, and those before it are") {
  schema_patterns patterns{{.count_max = 2}};
  CHECK_EQ(get(patterns, "a"), "taken");
  CHECK_EQ(get(patterns, "("), "missing ): (");
  CHECK_EQ(get(patterns, "b"), "taken");
  CHECK_EQ(get(patterns, "c"), "there are more than 2");
  CHECK_EQ(get(patterns, "a"), "taken");
  CHECK_EQ(patterns.count(), 2u);
}
