#define CAF_SUITE text_answers
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

namespace {

constexpr auto text = answer_shape::text;

std::string object_of(std::string_view raw, finish_reason finish = finish_reason::stop) {
  return std::get<cleaned>(clean_answer(raw, text, finish)).object;
}

} // namespace

TEST_CASE("a text without thinking comes back byte for byte") {
  for (const std::string_view raw :
       {"Hello.", "  Hello,\n\n  world!  \n", "```python\nprint('{}')\n```", "{'a': 1,}", "\"quoted\"", "a\\nb \\' c",
        "caf\xC3\xA9 \xF0\x9F\x8D\x95 \xC2\xA0", "42", "null", "[1, 2]", "tab\there", "windows\r\nlines\r\n"})
    CHECK_EQ(test::told(clean_answer(raw, text, finish_reason::stop)), std::string(raw) + "  <>");
}

CLEANING_CASES("thinking goes, with the white space behind it", text_stop,
               {"a block", "<think>\nhm\n</think>\n\nHello.", "Hello.", "thinking"},
               {"an empty block", "<think>\n\n</think>\n\nHello.", "Hello.", "thinking"},
               {"white space before the block", "\n<think>hm</think>Hello.", "Hello.", "thinking"},
               {"two blocks", "<think>x</think><think>y</think> Hello.", "Hello.", "thinking"},
               {"only the closing tag, on its own line", "hm\n</think>\n\nHello.", "Hello.", "thinking"},
               {"another form", "<Thinking>hm</Thinking>\nHello.", "Hello.", "thinking"},
               {"in the middle", "One. <think>hm</think> Two.", "One. Two.", "thinking"},
               {"the answer's own white space stays", "<think>x</think>\n  A\n\n  B \n", "A\n\n  B \n", "thinking"},
               {"tags that come together only then", "<think>a</think>\n<thi<think>b</think>nk>c</think>\nHello.",
                "Hello.", "thinking"})

TEST_CASE("a text about thinking tags is left alone") {
  for (const std::string_view raw :
       {"The </think> tag closes a block.", "Use `<think>` and `</think>`.", "It says \"<think>x</think>\".",
        "```xml\n<think>x</think>\n```", "Close it by </think> or so.", "x < y, [z] <b>bold</b>",
        "{\"a\":\"<think>x</think>\"}"})
    CHECK_EQ(test::told(clean_answer(raw, text, finish_reason::stop)), std::string(raw) + "  <>");
}

CLEANING_CASES("a text that is all thinking is empty", text_stop, {"never closed", "<think>hm", "answer_empty"},
               {"closed, with nothing behind it", "<think>hm</think>\n", "answer_empty"})

CLEANING_CASES("a cut text that is all thinking is cut", text_length, {"never closed", "<think>hm", "truncated"},
               {"closed, with nothing behind it", "<think>hm</think>\n", "truncated"})

CLEANING_CASES("a cut text is given as it is: its finish is the caller's to tell", text_length,
               {"in a sentence", "Hello, wor", "Hello, wor"}, {"in an object", "{\"a\":", "{\"a\":"},
               {"in a fence", "```json\n{\"a\":1", "```json\n{\"a\":1"})

CLEANING_CASES("broken UTF-8 and byte order marks are mended in texts too", text_stop,
               {"a mark", "\xEF\xBB\xBFHello.", "Hello.", "byte_order_mark"},
               {"a cut character", "caf\xC3", "caf", "invalid_utf8"},
               {"a broken one", "caf\xC3!", "caf\xEF\xBF\xBD!", "invalid_utf8"},
               {"a mark behind thinking", "<think>x</think>\xEF\xBB\xBFHello.", "Hello.", "thinking,byte_order_mark"})

TEST_CASE("the object of a text is its valid JSON object, in compact form") {
  CHECK_EQ(object_of("{\"a\": 1}"), R"({"a":1})");
  CHECK_EQ(object_of(" \n{ \"b\" : 1.50, \"a\" : [ ] }\n"), R"({"b":1.50,"a":[]})");
  CHECK_EQ(object_of("```json\n{\"a\": 1}\n```"), R"({"a":1})");
  CHECK_EQ(object_of("```\n{\"a\": 1}\n```\n"), R"({"a":1})");
  CHECK_EQ(object_of("<think>x</think>\n{\"a\": 1}"), R"({"a":1})");
  CHECK_EQ(object_of("Here it is: {\"a\": 1}"), R"({"a":1})");
  CHECK_EQ(object_of("{}"), "{}");
}

TEST_CASE("a text that holds no valid JSON object, or more than one, has none") {
  for (const std::string_view raw : {"Hello.", "[1, 2]", "[{\"a\":1}]", "42", "\"{}\"", "{'a': 1}", "{\"a\":1,}",
                                     "{\"a\":1", "Use {x} here.", "{\"a\":1} or {\"b\":2}", "```json\n{'a':1}\n```"})
    CHECK_EQ(std::string(raw) + " -> " + object_of(raw), std::string(raw) + " -> ");
}

TEST_CASE("the text of an object stays as it was written") {
  const auto outcome = clean_answer("```json\n{ \"a\": 1 }\n```", text, finish_reason::stop);
  CHECK_EQ(std::get<cleaned>(outcome).text, "```json\n{ \"a\": 1 }\n```");
  CHECK(std::get<cleaned>(outcome).mends.empty());
}
