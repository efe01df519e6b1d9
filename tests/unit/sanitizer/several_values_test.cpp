#define CAF_SUITE several_values
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES("several values: an example followed by the real answer", json_stop,
               {"the last one counts", "Example: {\"a\":0}\nAnswer: {\"a\":1}", R"({"a":1})", "several_values,prose"},
               {"in fences", "Format:\n```json\n{\"a\":0}\n```\nAnswer:\n```json\n{\"a\":1}\n```", R"({"a":1})",
                "fence,several_values,prose"},
               {"an example with placeholders", "Format: {\"a\": <number>}\nAnswer: {\"a\":1}", R"({"a":1})",
                "several_values,prose"},
               {"the answer has to be mended", "Example: {\"a\":0}\nAnswer: {'a': 1}", R"({"a":1})",
                "several_values,prose,single_quotes"},
               {"a broken answer is not replaced by the example", "Example: {\"a\":0}\nAnswer: {\"a\": 1 2 3}",
                "invalid_answer"},
               {"an unclosed example in front of a fence", "Format: {\"a\": <x\n```json\n{\"a\":1}\n```", R"({"a":1})",
                "fence,several_values,prose"},
               {"an unclosed example swallows all behind it", "Example: {\"a\": <x\nAnswer: {\"a\":1}",
                "invalid_answer"})

CLEANING_CASES("several values: several fences, the first one not JSON", json_stop,
               {"python, then json", "```python\nx = {\"a\": 0}\n```\n```json\n{\"a\":1}\n```", R"({"a":1})",
                "fence,several_values,prose"},
               {"json, then python", "```json\n{\"a\":1}\n```\n```python\nprint({\"a\": 0})\n```", R"({"a":1})",
                "fence,several_values,prose"},
               {"a shell fence", "```bash\necho {a,b}\n```\n```json\n{\"a\":1}\n```", R"({"a":1})", "fence,prose"},
               {"no label, then json", "```\nnot json\n```\n```json\n{\"a\":1}\n```", R"({"a":1})", "fence,prose"},
               {"a bigger one in code, with other names: which one?",
                "```python\n{\"a\": 1, \"b\": 2}\n```\nfrom {\"source\": \"x\"}", "invalid_answer"},
               {"text counts more than code", "```python\nx = {\"b\": 0}\n```\n{\"a\":1}", R"({"a":1})",
                "fence,several_values,prose"})

CLEANING_CASES(
  "several values: a fence counts more than text", json_stop,
  {"text before it", "Like {\"a\":0}:\n```json\n{\"a\":1}\n```", R"({"a":1})", "fence,several_values,prose"},
  {"other values in the text behind it", "```json\n{\"a\":1}\n```\nFrom {\"source\":\"x\"}.", R"({"a":1})",
   "fence,several_values,prose"},
  {"the same names in the text behind it: which one?", "```json\n{\"a\":0}\n```\nBetter: {\"a\":1}", "invalid_answer"},
  {"a broken fence is not replaced by text", "```json\n{\"a\": 1 2}\n```\nwith {\"b\":1}", "invalid_answer"})

CLEANING_CASES("several values: NDJSON", json_stop,
               {"lines that differ are a list, not an answer", "{\"a\":1}\n{\"a\":2}", "invalid_answer"},
               {"also in a fence", "```json\n{\"a\":1}\n{\"a\":2}\n```", "invalid_answer"},
               {"the same value again is one answer", "{\"a\":1}\n{\"a\": 1}", R"({"a":1})", "several_values"},
               {"three different ones", "{\"a\":1}\n{\"b\":2}\n{\"c\":3}", "invalid_answer"})

CLEANING_CASES("several values: objects in a row", json_stop,
               {"also with commas", "{\"a\":1}, {\"a\":2}", "invalid_answer"},
               {"also without anything between them", "{\"a\":1}{\"a\":2}", "invalid_answer"},
               {"arrays in a row", "[\"a\"]\n[\"b\"]", "invalid_answer"})

CLEANING_CASES("several values: unrelated ones", json_stop,
               {"a bigger one before, with other names: which one?", "{\"a\":1,\"b\":2} via {\"tool\":\"x\"}",
                "invalid_answer"},
               {"a smaller one before", "Plan: {\"step\":1}\nResult: {\"a\":1,\"b\":2}", R"({"a":1,"b":2})",
                "several_values,prose"},
               {"an object counts more than a list", "Of [\"x\",\"y\"] I made {\"a\":1}, see [\"z\"]", R"({"a":1})",
                "several_values,prose"},
               {"a list of objects is an answer too", "Here: [{\"a\":1},{\"a\":2}]", R"([{"a":1},{"a":2}])", "prose"})

TEST_CASE("several values: a runaway of values is no answer") {
  std::string many;
  for (auto i = 0; i < 2000; ++i)
    many += "{\"a\":" + std::to_string(i) + "} and ";
  CHECK_EQ(test::told(clean_answer(many, answer_shape::json_required, finish_reason::stop)), "fault: invalid_answer");
}

CLEANING_CASES("several values: a doubled first brace", json_stop,
               {"doubled at both ends", "{{\"a\":1}}", R"({"a":1})", "doubled_brace"},
               {"doubled at the beginning only", "{{\"a\":1}", R"({"a":1})", "doubled_brace"},
               {"doubled everywhere, as in a format string", "{{\"a\": {{\"b\": 1}}, \"c\": 2}}",
                R"({"a":{"b":1},"c":2})", "doubled_brace"},
               {"with a line break between", "{\n{\"a\":1}\n}", R"({"a":1})", "doubled_brace"})

CLEANING_CASES("several values: an array of one stays as it is, an object may be wanted", json_stop,
               {"an array of one", "[{\"a\":1}]", R"([{"a":1}])"}, {"an empty array", "[]", "[]"})

CLEANING_CASES("several values: an object stays as it is, an array may be wanted", json_stop,
               {"an object", "{\"a\":1}", R"({"a":1})"}, {"an empty object", " { } ", "{}"})

CLEANING_CASES("several values: scalars in prose are no answer", json_stop,
               {"a number", "The answer is 42", "invalid_answer"},
               {"a quoted word", "It is \"Pizza\".", "invalid_answer"},
               {"a truth value", "That is true", "invalid_answer"}, {"a footnote", "See [1].", "invalid_answer"},
               {"brackets around nothing", "Use {} or [].", "invalid_answer"},
               {"a word in braces", "Hello {name}!", "invalid_answer"},
               {"words with a colon in braces", "Use {name: value} here", "invalid_answer"},
               {"a list of words in brackets", "One of [cheese, tomato]", "invalid_answer"},
               {"no JSON at all", "I cannot see a dish in this picture.", "invalid_answer"})

CLEANING_CASES("several values: a value inside of something unreadable is not the answer", json_stop,
               {"a member without its object", "\"a\": {\"b\":1},\n\"c\": 2", "invalid_answer"},
               {"the opening brace is missing", "\"a\": 1, \"b\": {\"c\":1}}", "invalid_answer"},
               {"inside of braces with words", "{see {\"a\":1} here}", "invalid_answer"},
               {"inside of braces without names", "{: [\"x\",\"y\"], : {\"b\":1}}", "invalid_answer"},
               {"a wrong bracket seems to close it, the rest are its members", "{\"a\":[{\"b\":\"x\"]],\"c\":{\"d\":1}",
                "invalid_answer"},
               {"closed too early", "{\"a\":{\"b\":1}}, \"c\":2}", "invalid_answer"})
