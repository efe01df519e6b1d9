#define CAF_SUITE follow_schema
#include "tests/support/test.hpp"

#include "actors/sanitizer/clean_for_schema.hpp"
#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

namespace {

constexpr auto food = R"({"type":"object","required":["dish_name","calories"],
  "properties":{"dish_name":{"type":"string"},"calories":{"type":"number"},
                "type":{"enum":["food_processing","weight_processing"]},
                "tags":{"type":"array","items":{"type":"string"}},"vegan":{"type":"boolean"},
                "portion":{"type":["number","null"]}}})";

struct row {
  std::string_view why;
  std::string_view schema;
  std::string_view raw;
  std::string_view expected; ///< the clean answer, or the fault and the reason
  std::string_view mends = "";
};

std::string told(const std::variant<cleaned, unusable_answer>& outcome) {
  if (const auto* done = std::get_if<cleaned>(&outcome))
    return done->text + "  <" + test::names_of(done->mends) + ">";
  const auto& unusable = std::get<unusable_answer>(outcome);
  return to_string(unusable.why) + ": " + unusable.problem;
}

void check(std::initializer_list<row> rows, finish_reason finish = finish_reason::stop) {
  for (const auto& each : rows) {
    const auto schema = std::get<std::shared_ptr<const answer_schema>>(answer_schema::compile(each.schema));
    const auto why = std::string{each.why} + ": ";
    const auto outcome = clean_for_schema(each.raw, schema.get(), finish);
    const auto* done = std::get_if<cleaned>(&outcome);
    CHECK_EQ(why + told(outcome),
             why + std::string{each.expected} + (done != nullptr ? "  <" + std::string{each.mends} + ">" : ""));
    if (done != nullptr)
      CHECK_EQ(why + told(clean_for_schema(done->text, schema.get(), finish_reason::stop)), why + done->text + "  <>");
  }
}

} // namespace

TEST_CASE("an answer that follows its schema stays as it is written") {
  check({
    {"numbers, order, further members", food, R"({"extra": 1.50, "calories": 285.0, "dish_name": "Pizza"})",
     R"({"extra":1.50,"calories":285.0,"dish_name":"Pizza"})"},
    {"a string that only looks like a number", food, R"({"dish_name":"7","calories":1})",
     R"({"dish_name":"7","calories":1})"},
  });
}

TEST_CASE("what the schema asks for in another form is brought into it") {
  check({
    {"numbers in strings", food, R"({"dish_name":"P","calories":"285.0"})", R"({"dish_name":"P","calories":285.0})",
     "text_to_number"},
    {"a number or null", food, R"({"dish_name":"P","calories":1,"portion":"2"})",
     R"({"dish_name":"P","calories":1,"portion":2})", "text_to_number"},
    {"a number with its unit stays wrong", food, R"({"dish_name":"P","calories":"285 kcal"})",
     "invalid_answer: /calories: is a string, but has to be a number"},
    {"a decimal comma has two readings", food, R"({"dish_name":"P","calories":"1,285"})",
     "invalid_answer: /calories: is a string, but has to be a number"},
    {"a truth in a string", food, R"({"dish_name":"P","calories":1,"vegan":"True"})",
     R"({"dish_name":"P","calories":1,"vegan":true})", "text_to_boolean"},
    {"a number where text is wanted keeps its digits", food, R"({"dish_name":7.10,"calories":1})",
     R"({"dish_name":"7.10","calories":1})", "number_to_text"},
    {"an array of one", food, R"({"dish_name":["P"],"calories":[285]})", R"({"dish_name":"P","calories":285})",
     "single_element"},
    {"an array of one string that is a number", food, R"({"dish_name":"P","calories":["285"]})",
     R"({"dish_name":"P","calories":285})", "single_element,text_to_number"},
    {"an array of two stays wrong", food, R"({"dish_name":"P","calories":[285,300]})",
     "invalid_answer: /calories: is an array, but has to be a number"},
    {"an element where an array is wanted", food, R"({"dish_name":"P","calories":1,"tags":"x"})",
     R"({"dish_name":"P","calories":1,"tags":["x"]})", "lone_element"},
    {"large and small letters", food, R"({"dish_name":"P","calories":1,"type":"Food_Processing"})",
     R"({"dish_name":"P","calories":1,"type":"food_processing"})", "enum_case"},
    {"two spellings of a value", R"({"enum":["Yes","YES"]})", R"("yes")",
     R"(invalid_answer: the answer: is a string, but has to be "YES" or "Yes")"},
    {"two readings of one value", R"({"properties":{"a":{"anyOf":[{"type":"number"},{"type":"array"}]}}})",
     R"({"a":"1"})",
     "invalid_answer: /a: is a string, but has to be a number; /a: is a string, but has to be an array"},
    {"a string as it is rather than a number made of it", R"({"properties":{"a":{"type":["number","string"]}}})",
     R"({"a":["1"]})", R"({"a":"1"})", "single_element"},
    {"several places at once", food, R"({"dish_name":["P"],"calories":"1","tags":"x","vegan":"false"})",
     R"({"dish_name":"P","calories":1,"tags":["x"],"vegan":false})",
     "single_element,text_to_number,lone_element,text_to_boolean"},
    {"the last of two members of one name is the one that counts", food,
     R"({"dish_name":"P","calories":"a","calories":"2"})", R"({"dish_name":"P","calories":"a","calories":2})",
     "text_to_number"},
    {"in every element", R"({"items":{"type":"number"}})", R"(["1",2,"3"])", "[1,2,3]", "text_to_number"},
    {"a condition on objects is not escaped by an array", R"({"required":["a"]})", R"({"b":1})",
     "invalid_answer: the answer: Missing required property 'a'"},
    {"nor a pattern by a number", R"({"properties":{"a":{"pattern":"^a"}}})", R"({"a":"12"})",
     "invalid_answer: /a: is a string, but has to be one that matches ^a"},
    {"one place that cannot be mended leaves all as it is", food, R"({"dish_name":"P","calories":"1","vegan":"maybe"})",
     "invalid_answer: /calories: is a string, but has to be a number; /vegan: is a string, but has to be a boolean"},
  });
}

TEST_CASE("an object around the answer goes when the answer inside follows the schema") {
  check({
    {"a wrapper", food, R"({"result": {"dish_name":"P","calories":1}})", R"({"dish_name":"P","calories":1})",
     "wrapper"},
    {"a wrapper around numbers in strings", food, R"({"result": {"dish_name":"P","calories":"1"}})",
     R"({"dish_name":"P","calories":1})", "wrapper,text_to_number"},
    {"something beside it: no wrapper", food, R"({"result":{"dish_name":"P","calories":1},"note":"n"})",
     "invalid_answer: the answer: Missing required property 'calories'; "
     "the answer: Missing required property 'dish_name'"},
    {"a member that the schema knows is no wrapper", R"({"properties":{"a":{"type":"number"}}})", R"({"a":[1,2]})",
     "invalid_answer: /a: is an array, but has to be a number"},
    {"a schema that takes the wrapper", R"({"type":"object"})", R"({"result":{}})", R"({"result":{}})"},
    {"an array of one answer", food, R"([{"dish_name":"P","calories":1}])", R"({"dish_name":"P","calories":1})",
     "single_element"},
  });
}

TEST_CASE("among several values the schema says which is the answer") {
  check({
    {"the model repeats the schema behind its answer", food,
     "```json\n{\"dish_name\":\"P\",\"calories\":1}\n```\nIt "
     "follows:\n```json\n{\"type\":\"object\",\"required\":[],\"properties\":{}}\n```",
     R"({"dish_name":"P","calories":1})", "fence,several_values,prose"},
    {"an example in front", food, "Like {\"dish_name\":\"...\"}: {\"dish_name\":\"P\",\"calories\":1}",
     R"({"dish_name":"P","calories":1})", "several_values,prose"},
    {"two answers follow it: the last, as always", food,
     "First {\"dish_name\":\"P\",\"calories\":1}, better {\"dish_name\":\"P\",\"calories\":2}",
     R"({"dish_name":"P","calories":2})", "several_values,prose"},
    {"a list of answers where one is wanted", food,
     "{\"dish_name\":\"P\",\"calories\":1}\n{\"dish_name\":\"Q\",\"calories\":2}",
     "invalid_answer: it holds several different answers"},
    {"an example that follows it does not stand in for an answer that does not", food,
     "Like {\"dish_name\":\"X\",\"calories\":0}: {\"dish_name\":\"P\"}",
     "invalid_answer: the answer: Missing required property 'calories'"},
    {"nor for a broken one", food, "Like {\"dish_name\":\"X\",\"calories\":0}: {\"dish_name\": 1 2 3}",
     "invalid_answer: it holds no JSON, or none that can be read in one way only"},
    {"prose", food, "I cannot see a pizza.",
     "invalid_answer: it holds no JSON, or none that can be read in one way only"},
    {"thinking", food, "<think>{\"dish_name\":\"X\",\"calories\":0}</think>{\"dish_name\":\"P\",\"calories\":\"1\"}",
     R"({"dish_name":"P","calories":1})", "thinking,text_to_number"},
  });
}

TEST_CASE("cut text that does not follow the schema is truncated") {
  check({{"cut", food, R"({"dish_name":"P")", "truncated: the model's answer was cut at its length limit"},
         {"a draft that follows it, then a cut answer", food,
          "{\"dish_name\":\"P\",\"calories\":1} or {\"dish_name\":\"Q\",\"cal",
          "truncated: the model's answer was cut at its length limit"}},
        finish_reason::length);
  check({{"whole, and cut behind", food, R"({"dish_name":"P","calories":1} and so)",
          R"({"dish_name":"P","calories":1})", "prose"}},
        finish_reason::length);
}

TEST_CASE("without a schema it is the cleaning of every JSON answer, with a reason where there is none") {
  CHECK_EQ(told(clean_for_schema("Sure: {'a': 1}", nullptr, finish_reason::stop)), R"({"a":1}  <prose,single_quotes>)");
  CHECK_EQ(told(clean_for_schema("no idea", nullptr, finish_reason::stop)),
           "invalid_answer: it holds no JSON, or none that can be read in one way only");
  CHECK_EQ(told(clean_for_schema(" ", nullptr, finish_reason::stop)), "answer_empty: the model gave an empty answer");
}
