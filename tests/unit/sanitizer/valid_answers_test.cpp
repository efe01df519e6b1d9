#define CAF_SUITE valid_answers
#include "tests/support/test.hpp"

#include "actors/sanitizer/repair/mend_json.hpp"
#include "messages/json/json_text.hpp"
#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES(
  "valid JSON passes with nothing but its white space changed", json_stop, {"compact", R"({"a":1})", R"({"a":1})"},
  {"the README's sample",
   R"({"dish_name": "Pizza", "estimated_avg_calories": 285, "ingredients": ["cheese", "tomato sauce", "dough"],
       "total_avg_weight": 200, "contains": {"protein": 12.0, "carbs": 36.0, "fat": 10.0}})",
   R"({"dish_name":"Pizza","estimated_avg_calories":285,"ingredients":["cheese","tomato sauce","dough"],)"
   R"("total_avg_weight":200,"contains":{"protein":12.0,"carbs":36.0,"fat":10.0}})"},
  {"key order", R"({"z":1,"a":2,"m":3})", R"({"z":1,"a":2,"m":3})"},
  {"doubled names stay doubled", R"({"a":1,"a":2})", R"({"a":1,"a":2})"},
  {"numbers as they are written", "[1.0, 1.50, -0, 1E+5, 1e-3]", "[1.0,1.50,-0,1E+5,1e-3]"},
  {"numbers beyond a double", "[123456789012345678901, 1e999, 0.1234567890123456789]",
   "[123456789012345678901,1e999,0.1234567890123456789]"},
  {"escapes as they are written", R"(["\u00e9", "\/", "\u000a", "\n"])", R"(["\u00e9","\/","\u000a","\n"])"},
  {"Unicode as it is written", "[\"caf\xC3\xA9\", \"\xF0\x9F\x8D\x95\", \"\xE5\xAF\xBF\xE5\x8F\xB8\"]",
   "[\"caf\xC3\xA9\",\"\xF0\x9F\x8D\x95\",\"\xE5\xAF\xBF\xE5\x8F\xB8\"]"},
  {"white space inside of strings", R"({"a b":" c  d "})", R"({"a b":" c  d "})"},
  {"an empty name", R"({"":1,"a":""})", R"({"":1,"a":""})"},
  {"what looks broken inside of strings", R"({"a":"{'b': 1,}","c":"```json","d":"// e","f":"\"g\":"})",
   R"({"a":"{'b': 1,}","c":"```json","d":"// e","f":"\"g\":"})"},
  {"white space of all kinds around it", "\r\n\t [ ] \r\n", "[]"})

CLEANING_CASES("valid scalars pass when they are the whole answer", json_stop, {"a number", "42", "42"},
               {"a number with white space", " -1.50\n", "-1.50"}, {"a truth value", "true", "true"},
               {"null", "null", "null"}, {"a string", R"("Pizza")", R"("Pizza")"},
               {"an empty string", R"("")", R"("")"}, {"not in single quotes", "'Pizza'", "invalid_answer"},
               {"not as Python writes it", "None", "invalid_answer"}, {"not a word", "Pizza", "invalid_answer"})

CLEANING_CASES("meaning: numbers as strings stay strings without a schema", json_stop,
               {"numbers as strings", R"({"calories":"285"})", R"({"calories":"285"})"},
               {"words for numbers", R"({"calories":"about 285"})", R"({"calories":"about 285"})"})

CLEANING_CASES("meaning: an enum's case or a synonym stays without a schema", json_stop,
               {"another case of an enum", R"({"type":"FOOD_Processing"})", R"({"type":"FOOD_Processing"})"},
               {"a synonym of an enum", R"({"type":"meal"})", R"({"type":"meal"})"})

CLEANING_CASES("meaning: missing or extra keys stay so without a schema", json_stop,
               {"missing keys", R"({"dish_name":"Pizza"})", R"({"dish_name":"Pizza"})"},
               {"extra keys", R"({"a":1,"confidence":0.9})", R"({"a":1,"confidence":0.9})"})

CLEANING_CASES("meaning: null for something required stays null without a schema", json_stop,
               {"null for something required", R"({"dish_name":null})", R"({"dish_name":null})"})

CLEANING_CASES("meaning: a wrapper object stays without a schema", json_stop,
               {"a wrapper object", R"({"result":{"a":1}})", R"({"result":{"a":1}})"},
               {"a thought beside the answer", R"({"thought":"hm","answer":{"a":1}})",
                R"({"thought":"hm","answer":{"a":1}})"})

CLEANING_CASES("meaning: the schema echoed back is an object like any other without a schema", json_stop,
               {"the schema echoed back", R"({"type":"object","properties":{"a":{"type":"number"}}})",
                R"({"type":"object","properties":{"a":{"type":"number"}}})"})

TEST_CASE("the object of a JSON answer is the answer when it is an object, else empty") {
  const auto object_of = [](std::string_view raw) {
    return std::get<cleaned>(clean_answer(raw, answer_shape::json_required, finish_reason::stop)).object;
  };
  CHECK_EQ(object_of("{\"a\": 1}"), R"({"a":1})");
  CHECK_EQ(object_of("Sure: {'a': 1}"), R"({"a":1})");
  CHECK_EQ(object_of("[{\"a\": 1}]"), "");
  CHECK_EQ(object_of("42"), "");
}

TEST_CASE("the tolerant parser reads valid JSON as a strict one does") {
  for (const std::string text :
       {R"({"a":"x","b":["y",{"c":null}],"d":{"":-1.5e+3}})", R"(["a","b","",["",""],"\"","\\"])",
        R"({"a":"},{","b":"],[","c":"\",\"d\":1"})", R"({"a:":":","b,":",","{c}":"[d]"})",
        R"([[],{},[[]],[{}],"",0,true,false,null])", R"({"a":"'","b":"`","c":"``` ","d":"// # /* <!--"})",
        R"({"a":"x","a long name of more than a hundred and twenty-eight bytes, as no model writes it but as some )"
        R"(program may one day: 0123456789":{"b":1},"c":[2]})"}) {
    auto budget = work_budget::unlimited();
    const auto read = mend_json({text, budget}, 0, 64);
    const auto strict = clean_answer("so: " + text + " ok", answer_shape::json_required, finish_reason::stop);
    CHECK_EQ(std::get<cleaned>(strict).text, text);
    if (text.size() < 128) {
      CHECK_EQ(read.json, text);
      CHECK(read.outcome == mend_outcome::complete);
      CHECK(read.mends.empty());
      CHECK_EQ(read.end, text.size());
    }
  }
}
