#define CAF_SUITE cut_answers
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

namespace {

constexpr auto json = answer_shape::json_required;

} // namespace

CLEANING_CASES("truncation: missing closing brackets where the model ended by itself", json_stop,
               {"one", R"({"a":1)", R"({"a":1})", "closers"},
               {"two", R"({"a":{"b":"x")", R"({"a":{"b":"x"}})", "closers"},
               {"of a list", R"({"a":["x","y")", R"({"a":["x","y"]})", "closers"},
               {"of a list of objects", R"([{"a":1},{"a":2)", R"([{"a":1},{"a":2}])", "closers"},
               {"behind a comma", R"({"a":1,)", R"({"a":1})", "trailing_comma,closers"},
               {"nothing but the opening one", R"({)", "invalid_answer"},
               {"nothing behind an inner opening one", R"({"a":1,"b":[)", "invalid_answer"},
               {"in a fence", "```json\n{\"a\":{\"b\":1}\n```", R"({"a":{"b":1}})", "fence,closers"},
               {"in a fence, then text", "```json\n{\"a\":[1\n```\nBye {x}", R"({"a":[1]})", "fence,prose,closers"},
               {"then text on its own line", "{\"a\":{\"b\":1}\n\nNote: it's approximate [1].", R"({"a":{"b":1}})",
                "prose,closers"},
               {"then text behind the bracket", "{\"a\":{\"b\":1} That's it.", R"({"a":{"b":1}})", "prose,closers"},
               {"then text with a colon behind a number", "{\"a\":1\n\nNote: about 1.", R"({"a":1})", "prose,closers"},
               {"then a string's text", "{\"a\":\"x\"\n\nHope \"this\" helps!", R"({"a":"x"})", "prose,closers"},
               {"a unit is no text behind it", R"({"a":12 g)", "invalid_answer"},
               {"a comment may have swallowed them", "{\"a\":{\"b\":1 // } }\n", "invalid_answer"},
               {"then a footnote: or an element?", "{\"a\":[\"x\",\"y\"\n[1] as seen", "invalid_answer"},
               {"then a quoted word: or an element?", "{\"a\":[\"x\",\"y\"\n\"Enjoy\" it", "invalid_answer"})

CLEANING_CASES("truncation: a missing bracket where the indentation tells that it is not the last", json_stop,
               {"the members behind belong to whom?",
                "{\n  \"a\": {\n    \"b\": 1\n  ,\n  \"c\": {\n    \"d\": 2\n  }\n}", "invalid_answer"},
               {"the last ones are missing", "{\n  \"a\": {\n    \"b\": 1\n  },\n  \"c\": {\n    \"d\": [2]\n  }\n",
                R"({"a":{"b":1},"c":{"d":[2]}})", "closers"})

CLEANING_CASES("truncation: in a number, a word or a comment", json_stop,
               {"inside of a number's exponent", R"({"a":1e)", "invalid_answer"},
               {"inside of a word", R"({"a":tru)", "invalid_answer"},
               {"inside of a comment", R"({"a":1 /* x)", "invalid_answer"})

CLEANING_CASES("truncation: in a string", json_stop, {"in a string", R"({"a":"hello wor)", "invalid_answer"},
               {"in a list's string", R"({"a":["x","y)", "invalid_answer"})

CLEANING_CASES("truncation: after a key", json_stop, {"in a name", R"({"a":1,"b)", "invalid_answer"},
               {"after a name", R"({"a":1,"b")", "invalid_answer"},
               {"after a colon", R"({"a":1,"b":)", "invalid_answer"})

CLEANING_CASES("truncation: inside of an escape", json_stop, {"inside of an escape", R"({"a":"x\)", "invalid_answer"},
               {"inside of a long escape", R"({"a":"x\u00)", "invalid_answer"})

CLEANING_CASES("truncation: inside of a surrogate pair", json_stop,
               {"inside of a surrogate pair", R"({"a":"\ud83c)", "invalid_answer"})

CLEANING_CASES("truncation: inside of a UTF-8 character", json_stop,
               {"in a string", "{\"a\":\"caf\xC3", "invalid_answer"},
               {"behind the value", "{\"a\":1} caf\xC3", R"({"a":1})", "invalid_utf8,prose"},
               {"broken in the middle of a string", "{\"a\":\"caf\xC3!\"}", "{\"a\":\"caf\xEF\xBF\xBD!\"}",
                "invalid_utf8"},
               {"no text at all", "\xFF\xFE\xFD", "invalid_answer"})

CLEANING_CASES(
  "truncation: a text that was cut at its length is never mended into a success", json_length,
  {"a missing bracket", R"({"a":1)", "truncated"}, {"a string", R"({"a":"hello)", "truncated"},
  {"in a fence", "```json\n{\"a\":[1\n", "truncated"}, {"before any JSON", "Sure! Here is the", "truncated"},
  {"a number may go on", "42", "truncated"}, {"a string that holds an unclosed object", R"("{\"a\": 1")", "truncated"},
  {"single quotes: a whole value, but a mended one", "{'a':1} and so", "truncated"},
  {"a trailing comma", R"({"a":1,})", "truncated"}, {"inside of the thinking", "<think>hm, so", "truncated"},
  {"behind the thinking", "<think>hm</think>\n", "truncated"},
  {"the second value is cut: it may have been the answer", "Like {\"a\":0}. Answer: {\"a\":1", "truncated"},
  {"in another fence", "```json\n{\"a\":0}\n```\nBetter:\n```json\n{\"a\":", "truncated"})

CLEANING_CASES("truncation: a whole valid value in front of cut chatter is no cut answer", json_length,
               {"nothing but the value", R"({"a": 1})", R"({"a":1})"},
               {"chatter behind it", "{\"a\":1}\n\nThis dish is a", R"({"a":1})", "prose"},
               {"in a fence", "```json\n{\"a\":1}\n```\nThis dish", R"({"a":1})", "fence,prose"},
               {"in a fence that was not closed", "```json\n{\"a\":1}\n", R"({"a":1})", "fence"},
               {"behind thinking", "<think>x</think>{\"a\":1} And", R"({"a":1})", "thinking,prose"},
               {"an array", "[1,2]", "[1,2]"},
               {"blanks without end behind it", "{\"a\":1}\n\n\n\n\n\n\n\n", R"({"a":1})"})

CLEANING_CASES("truncation: nothing but white space", json_stop, {"a blank", " ", "answer_empty"},
               {"line breaks", "\n\n\r\n\t", "answer_empty"}, {"a byte order mark", "\xEF\xBB\xBF", "answer_empty"},
               {"a cut character", "\xC3", "answer_empty"})

CLEANING_CASES("truncation: empty text", json_stop, {"no byte at all", "", "answer_empty"})

// A model that thinks aside may have used up its length with that; to ask again would only end in the same way.
CLEANING_CASES("a cut answer of nothing but white space is cut before it has begun", json_length,
               {"empty", "", "truncated"}, {"line breaks", "\n\n\r\n\t", "truncated"},
               {"a byte order mark", "\xEF\xBB\xBF", "truncated"})

CLEANING_CASES("a text of nothing but white space is empty", text_stop, {"empty", "", "answer_empty"},
               {"line breaks", "\n \n", "answer_empty"})

CLEANING_CASES("a cut text of nothing but white space is cut before it has begun", text_length,
               {"empty", "", "truncated"}, {"line breaks", "\n \n", "truncated"})

TEST_CASE("an answer larger than allowed is refused, one of just that size is not") {
  const cleaning_limits limits{20, 64};
  const std::string fits = "[\"" + std::string(16, 'x') + "\"]";
  for (const auto shape : {json, answer_shape::text}) {
    CHECK_EQ(test::told(clean_answer(fits, shape, finish_reason::stop, limits)), fits + "  <>");
    CHECK_EQ(test::told(clean_answer(fits + " ", shape, finish_reason::stop, limits)), "fault: answer_too_large");
  }
}

TEST_CASE("an answer deeper than allowed is refused, valid or not, one of just that depth is not") {
  const auto nested = [](std::size_t depth, std::string_view inside) {
    return std::string(depth, '[') + std::string(inside) + std::string(depth, ']');
  };
  const auto told = [](std::string_view text) {
    return test::told(clean_answer(text, answer_shape::json_required, finish_reason::stop, {1 << 20, 8}));
  };
  CHECK_EQ(told(nested(8, "\"x\"")), nested(8, "\"x\"") + "  <>");
  CHECK_EQ(told(nested(9, "\"x\"")), "fault: invalid_answer");
  CHECK_EQ(told(nested(8, "\"x\",")), nested(8, "\"x\"") + "  <trailing_comma>");
  CHECK_EQ(told(nested(9, "\"x\",")), "fault: invalid_answer");
  CHECK_EQ(told("{\"a\":" + nested(100000, "") + "}"), "fault: invalid_answer");
  CHECK_EQ(told(std::string(100000, '{')), "fault: invalid_answer");
}
