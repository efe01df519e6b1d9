#define CAF_SUITE food_schema
#include "tests/support/source_file.hpp"
#include "tests/support/test.hpp"

#include "actors/sanitizer/schema/follow_schema.hpp"
#include "messages/json/json_text.hpp"

using namespace mp;

namespace {

std::shared_ptr<const answer_schema> food() {
  return std::get<std::shared_ptr<const answer_schema>>(
    answer_schema::compile(test::source_file("deploy/schemas/food.json")));
}

/// Every `"analysis": "{...}"` of a page, without its escapes; those that tell an error are left out.
std::vector<std::string> analyses(const std::string& page) {
  constexpr std::string_view mark = "\"analysis\": \"{";
  std::vector<std::string> found;
  for (auto at = page.find(mark); at != std::string::npos; at = page.find(mark, at + 1)) {
    const auto quote = at + mark.size() - 2;
    auto answer =
      unescape(std::string_view{page}.substr(quote, json_value_size(std::string_view{page}.substr(quote), 1)));
    if (answer.find("\"error\"") == std::string::npos)
      found.push_back(std::move(answer));
  }
  return found;
}

} // namespace

TEST_CASE("the schema that ships takes the answers that the manuals show, as they are") {
  const auto schema = food();
  for (const auto* page : {"README.md", "messages/README.md"}) {
    const auto shown = analyses(test::source_file(page));
    CHECK(!shown.empty());
    for (const auto& each : shown)
      CHECK(schema->accepts(each));
  }
}

TEST_CASE("it takes further members and any type of analysis, and asks for name and calories") {
  const auto schema = food();
  CHECK(schema->accepts(R"({"type":"weight_processing","dish_name":"Soup","estimated_avg_calories":1,"note":[1]})"));
  CHECK(schema->accepts(R"({"type":"drink","dish_name":"Tea","estimated_avg_calories":0})"));
  CHECK(!schema->accepts(R"({"dish_name":"Pizza"})"));
  CHECK(!schema->accepts(R"({"dish_name":"","estimated_avg_calories":1})"));
  auto mended =
    follow_schema(R"({"dish_name":["Pizza"],"estimated_avg_calories":"285","contains":{"protein":"12.0"}})", *schema);
  REQUIRE(std::holds_alternative<followed>(mended));
  CHECK_EQ(std::get<followed>(mended).json,
           R"({"dish_name":"Pizza","estimated_avg_calories":285,"contains":{"protein":12.0}})");
}
