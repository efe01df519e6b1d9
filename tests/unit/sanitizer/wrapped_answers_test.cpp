#define CAF_SUITE wrapped_answers
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES("wrapping: a json fence", json_stop,
               {"the usual form", "```json\n{\"a\": 1}\n```", R"({"a":1})", "fence"},
               {"capital label", "```JSON\n{\"a\": 1}\n```", R"({"a":1})", "fence"},
               {"relatives of JSON", "```jsonc\n{\"a\": 1}\n```", R"({"a":1})", "fence"},
               {"windows line ends", "```json\r\n{\"a\": 1}\r\n```\r\n", R"({"a":1})", "fence"},
               {"white space around it", "\n\n  ```json\n  {\"a\": 1}\n  ```  \n", R"({"a":1})", "fence"},
               {"a space before the label", "``` json\n{\"a\":1}\n```", R"({"a":1})", "fence"},
               {"an array", "```json\n[1, 2]\n```", "[1,2]", "fence"},
               {"a scalar that is all of a fence", "```json\n42\n```", "42", "fence"},
               {"an empty object that is all of a fence", "```json\n{}\n```", "{}", "fence"})

CLEANING_CASES("wrapping: a bare fence", json_stop, {"no label", "```\n{\"a\":1}\n```", R"({"a":1})", "fence"},
               {"a label that promises nothing", "```text\n{\"a\":1}\n```", R"({"a":1})", "fence"},
               {"the only value may stand in code", "```python\n{\"a\":1}\n```", R"({"a":1})", "fence"})

CLEANING_CASES("wrapping: tildes or four backticks", json_stop,
               {"tildes", "~~~json\n{\"a\":1}\n~~~", R"({"a":1})", "fence"},
               {"four backticks", "````json\n{\"a\":1}\n````", R"({"a":1})", "fence"},
               {"a fence in a fence", "````\n```json\n{\"a\":1}\n```\n````", R"({"a":1})", "fence,prose"})

CLEANING_CASES("wrapping: a fence on one line with its content", json_stop,
               {"all on one line", "```json {\"a\":1} ```", R"({"a":1})", "fence"},
               {"nothing between label and value", "```json{\"a\":1}```", R"({"a":1})", "fence"},
               {"no label", "```{\"a\":1}```", R"({"a":1})", "fence"},
               {"closed behind the value", "```json\n{\"a\":1}```", R"({"a":1})", "fence"},
               {"in a sentence", "Here: ```{\"a\":1}``` ok", R"({"a":1})", "fence,prose"},
               {"inline code", "It is `{\"a\":1}`.", R"({"a":1})", "prose"})

CLEANING_CASES("wrapping: a fence that is never closed", json_stop,
               {"a whole value", "```json\n{\"a\":1}\n", R"({"a":1})", "fence"},
               {"text before it", "Sure:\n```json\n{\"a\":1}", R"({"a":1})", "fence,prose"},
               {"only its end", "{\"a\":1}\n```", R"({"a":1})", "fence"},
               {"only its end, then a footnote", "{\"a\":\"x\"}\n```\n\n[1] as seen", R"({"a":"x"})", "fence,prose"},
               {"closed by fewer backticks than opened", "````json\n{\"a\":1}\n```", R"({"a":1})", "fence"})

CLEANING_CASES("wrapping: text before and after the value", json_stop,
               {"before", "Sure! Here it is:\n{\"a\":1}", R"({"a":1})", "prose"},
               {"after", "{\"a\":1}\n\nHope this helps!", R"({"a":1})", "prose"},
               {"both, with apostrophes", "Here's it:\n{\"a\":1}\nIt's good.", R"({"a":1})", "prose"},
               {"both around a fence", "Here:\n```json\n{\"a\":1}\n```\nBye", R"({"a":1})", "fence,prose"},
               {"braces in the text before", "The dish {as seen} is:\n{\"a\":1}", R"({"a":1})", "prose"},
               {"braces in the text after", "{\"a\":1}\n\nValues are {approx}.", R"({"a":1})", "prose"},
               {"brackets and footnotes", "As [1] and [x] say: {\"a\":1} [2]", R"({"a":1})", "prose"},
               {"quotes in the text", "The \"answer\": is \"here\"\n{\"a\":1}", R"({"a":1})", "prose"},
               {"an unfinished quote in the text", "It is 12\" wide\n{\"a\":1}", R"({"a":1})", "prose"},
               {"a link in the text", "See https://x.y/{id} // ok\n{\"a\":1}", R"({"a":1})", "prose"},
               {"formulas", "With f{x} = \\frac{1}{2} we get {\"a\":1}", R"({"a":1})", "prose"},
               {"an empty object is a word here", "It returns {} or {\"a\":1}", R"({"a":1})", "prose"})

CLEANING_CASES("wrapping: labels such as Answer:", json_stop,
               {"a word and a colon", "Answer: {\"a\":1}", R"({"a":1})", "prose"},
               {"bold", "**Answer:** {\"a\":1}", R"({"a":1})", "prose"},
               {"a heading", "# Result\n\n{\"a\":1}", R"({"a":1})", "prose"},
               {"an assignment", "const x = {\"a\":1};", R"({"a":1})", "prose"},
               {"a quoted label", "The \"JSON\": {\"a\":1}", R"({"a":1})", "prose"})

CLEANING_CASES("wrapping: tags, braces and comment marks inside strings are left alone", json_stop,
               {"a thinking tag in a string", R"({"a":"<think>x</think>",})", R"({"a":"<think>x</think>"})",
                "trailing_comma"},
               {"a closing tag in a string", R"({"a":"use </think>","b":1,})", R"({"a":"use </think>","b":1})",
                "trailing_comma"},
               {"braces and comment marks in a string", R"({"a":"{x} [y] // z /* w */ # v",})",
                R"({"a":"{x} [y] // z /* w */ # v"})", "trailing_comma"})

CLEANING_CASES("wrapping: a fence inside a JSON string is left alone", json_stop,
               {"a fence inside a string of valid JSON", R"({"a":"```json\n{}\n```"})", R"({"a":"```json\n{}\n```"})"})

CLEANING_CASES("wrapping: backticks inside strings are left alone", json_stop,
               {"the same in a fence", "```json\n{\"a\":\"x ``` y\",\"b\":2}\n```", R"({"a":"x ``` y","b":2})",
                "fence"},
               {"the same where something is mended", "```json\n{\"a\":\"x ``` y\",\"b\":2,}\n```",
                R"({"a":"x ``` y","b":2})", "fence,trailing_comma"})

CLEANING_CASES("wrapping: Markdown links in values", json_stop,
               {"a Markdown link in a value", R"x(Here: {"a":"[x](http://y.z/a_b)"})x",
                R"x({"a":"[x](http://y.z/a_b)"})x", "prose"})

CLEANING_CASES("wrapping: Markdown links and tables are no arrays", json_stop,
               {"a link", "[Pizza](http://x.y)", "invalid_answer"},
               {"a link and an answer", "[Pizza](http://x.y): {\"a\":1}", R"({"a":1})", "prose"},
               {"a task list", "- [ ] one\n- [x] two", "invalid_answer"},
               {"a table", "| a | b |\n|---|---|\n| [1] | 2 |", "invalid_answer"})

CLEANING_CASES("wrapping: XML-like tags around the value", json_stop,
               {"answer", "<answer>{\"a\":1}</answer>", R"({"a":1})", "prose"},
               {"json", "<json>\n{\"a\":1}\n</json>", R"({"a":1})", "prose"},
               {"a tag ends an unclosed value", "<output>{\"a\":{\"b\":1}</output>", R"({"a":{"b":1}})",
                "prose,closers"})

CLEANING_CASES("wrapping: a think block, closed", json_stop,
               {"the usual form", "<think>\nhm, a pizza\n</think>\n\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"empty", "<think>\n\n</think>\n\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"on one line", "<think>x</think>{\"a\":1}", R"({"a":1})", "thinking"},
               {"another name", "<thinking>x</thinking>{\"a\":1}", R"({"a":1})", "thinking"},
               {"another form", "[THINK]x[/THINK]{\"a\":1}", R"({"a":1})", "thinking"},
               {"a draft inside it is no answer", "<think>{\"a\":0}</think>{\"a\":1}", R"({"a":1})", "thinking"},
               {"a fenced draft inside it", "<think>\n```json\n{\"a\":0}\n```\n</think>\n{\"a\":1}", R"({"a":1})",
                "thinking"},
               {"broken JSON inside it", "<think>{ \"a: [ it's</think>{\"a\":1}", R"({"a":1})", "thinking"},
               {"two blocks", "<think>x</think>\n<think>y</think>\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"then a fence", "<think>x</think>\n```json\n{\"a\":1}\n```", R"({"a":1})", "thinking,fence"},
               {"behind some text", "Ok. <think>{\"a\":0}</think> {\"a\":1}", R"({"a":1})", "thinking,prose"},
               {"behind the answer", "{\"a\":1}\n<think>was that right? {\"a\":2}</think>", R"({"a":1})", "thinking"})

CLEANING_CASES("wrapping: a think block with only its closing tag", json_stop,
               {"the prompt held the opening tag", "hm, a pizza\n</think>\n\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"directly before the value", "hm</think>{\"a\":1}", R"({"a":1})", "thinking"},
               {"directly before a fence", "hm</think>```json\n{\"a\":1}\n```", R"({"a":1})", "thinking,fence"},
               {"a draft before it", "maybe {\"a\":0}\n</think>\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"broken drafts before it", "maybe {\"a: [ it's\n</think>\n{\"a\":1}", R"({"a":1})", "thinking"},
               {"a broken draft and text between tag and value", "say {\"a\": hm </think> So: {\"a\":1}", R"({"a":1})",
                "thinking,prose"},
               {"text between tag and value", "draft {\"a\":0} </think> So: {\"a\":1}", R"({"a":1})", "thinking,prose"})

CLEANING_CASES("wrapping: a think block that never ends leaves nothing", json_stop,
               {"all thinking", "<think>\nhm {\"a\":0}", "answer_empty"},
               {"nothing behind the thinking", "<think>hm</think>\n\n", "answer_empty"},
               {"an opening tag behind the answer", "{\"a\":1}\n<think>hm", R"({"a":1})", "thinking"})

CLEANING_CASES(
  "wrapping: JSON as an escaped string", json_stop,
  {"a string that holds an object", R"("{\"a\": \"x\"}")", R"({"a":"x"})", "escaped_text"},
  {"a string that holds near-JSON", R"("{\"a\": 1,}")", R"({"a":1})", "escaped_text,trailing_comma"},
  {"line breaks inside it", R"("{\n  \"a\": 1\n}")", R"({"a":1})", "escaped_text"},
  {"escapes inside its strings", R"("{\"a\": \"x \\\"y\\\" z\"}")", R"({"a":"x \"y\" z"})", "escaped_text"},
  {"without the quotes around it", R"({\"a\": \"x\", \"b\": [\"y\"]})", R"({"a":"x","b":["y"]})", "escaped_text"},
  {"the same with line breaks", R"({\n  \"a\": 1\n})", R"({"a":1})", "escaped_text"},
  {"the same in a sentence", R"(Here: "{\"a\": 1}")", R"({"a":1})", "prose,escaped_text"},
  {"only the white space is escaped", R"({\n  "a": 1\n})", R"({"a":1})", "escaped_text"},
  {"a string that holds a string", R"("\"x\"")", R"("\"x\"")"},
  {"a string that holds text with a brace", R"("{ it's a brace")", R"("{ it's a brace")"},
  {"a call in the string", "\"show({\\\"a\\\": \\\"x\\\"});\"", "{\"a\":\"x\"}", "escaped_text,prose"},
  {"tags in the string", "\"<json>\\n{\\\"a\\\": \\\"x\\\"}\\n</json>\"", "{\"a\":\"x\"}", "escaped_text,prose"},
  {"a mark in the string", "\"﻿{\\\"a\\\": \\\"x\\\"}\"", "{\"a\":\"x\"}", "escaped_text,byte_order_mark"},
  {"an object is meant, but cannot be read", "\"{\\\"a\\\": 1 2 3}\"", "invalid_answer"},
  {"text with brackets", "\"see [1] and {x}\"", "\"see [1] and {x}\""})

CLEANING_CASES("wrapping: JSONP", json_stop, {"a call", "callback({\"a\":1});", R"({"a":1})", "prose"},
               {"a call with dots", "app.show({\"a\": [1, 2]})", R"({"a":[1,2]})", "prose"})
