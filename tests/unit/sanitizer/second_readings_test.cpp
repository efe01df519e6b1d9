#define CAF_SUITE second_readings
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

// What can be read in two ways is refused; what only seems so is not.

using namespace mp;

CLEANING_CASES("second readings: one backslash that makes no escape shows what the others are", json_stop,
               {"a path whose names begin like escapes", R"({"file": "C:\Users\test\new.txt", "n": 1})",
                R"({"file":"C:\\Users\\test\\new.txt","n":1})", "bad_escape"},
               {"a path with blanks", R"({"file": "C:\Program Files\new\test.txt"})",
                R"({"file":"C:\\Program Files\\new\\test.txt"})", "bad_escape"},
               {"a pattern with signs", R"({"re": "^\d+\.\d+\t\w+$"})", R"({"re":"^\\d+\\.\\d+\\t\\w+$"})",
                "bad_escape"},
               {"a formula", R"({"f": "\alpha\nu\theta"})", R"({"f":"\\alpha\\nu\\theta"})", "bad_escape"},
               {"an escaped quote beside a path", R"({"a": "say \"C:\Windows\" now"})", "invalid_answer"},
               {"an escaped backslash beside one that is not", R"({"a": "C:\\Users\Windows"})", "invalid_answer"},
               {"a line break in another word", R"({"a": "Step 1:\nrun C:\Windows\x"})", "invalid_answer"},
               {"a line break before the drive", R"({"a": "Path:\nC:\Windows\x"})", "invalid_answer"},
               {"a character's number beside a path", R"({"a": "caf\u00e9 C:\Windows"})", "invalid_answer"},
               {"a path that looks like hexadecimal", R"({"a": "C:\xampp\xadmin"})", R"({"a":"C:\\xampp\\xadmin"})",
                "bad_escape"},
               {"a point: Markdown's or a pattern's?", R"({"a": "a\.b"})", "invalid_answer"},
               {"a parenthesis: Markdown's or a formula's?", R"x({"a": "\(x\)"})x", "invalid_answer"},
               {"a tab, or a formula's word beside an escaped sign?", R"({"f": "\textbf{x}\_y"})", "invalid_answer"},
               {"brackets: Markdown's or a formula's?", R"({"f": "\[x^2\]"})", "invalid_answer"},
               {"a digit: octal or a reference?", R"({"a": "\033[1m"})", "invalid_answer"},
               {"all backslashes of the path make escapes, but something is mended",
                R"({"file": "C:\temp\new", "n": 1,})", "invalid_answer"},
               {"an apostrophe is an escape elsewhere: line breaks stay such", R"({"a": "it\'s\nso"})",
                R"({"a":"it's\nso"})", "bad_escape"})

CLEANING_CASES(
  "second readings: values that contradict each other", json_stop,
  {"two options", "Option 1: {\"a\":1}\nOption 2: {\"a\":2}", "invalid_answer"},
  {"two options in fences", "Option 1:\n```json\n{\"a\":1}\n```\nOption 2:\n```json\n{\"a\":2}\n```", "invalid_answer"},
  {"bullets", "- {\"a\":1}\n- {\"a\":2}", "invalid_answer"},
  {"nothing said of them", "{\"a\":1}\n\nHere it is:\n{\"a\":2}", "invalid_answer"},
  {"other names, nothing said", "{\"a\":1} or {\"b\":2}", "invalid_answer"},
  {"lists", "[\"a\",\"b\"] or [\"c\"]", "invalid_answer"},
  {"a list of objects, then one of them", "[{\"a\":1},{\"a\":2}]\nBest: {\"a\":1}", "invalid_answer"},
  {"members would be lost", "{\"a\":1,\"b\":2}\nIn short: {\"a\":1}", "invalid_answer"},
  {"two examples", "Example 1: {\"a\":1}\nExample 2: {\"a\":2}", "invalid_answer"},
  {"an option that mentions a correction", "{\"a\":1}\nAlternative (corrected size): {\"a\":2}", "invalid_answer"},
  {"a correction that is none", "{\"a\":1}\nNo correction needed, see {\"a\":2}", "invalid_answer"},
  {"a correction", "{\"a\":1}\n\nCorrection: {\"a\":2}", R"({"a":2})", "several_values,prose"},
  {"on second thought", "{\"a\":1}\n\nWait, the bread is missing.\n\n{\"a\":2}", R"({"a":2})", "several_values,prose"},
  {"actually", "```json\n{\"a\":1}\n```\nActually, it is two:\n```json\n{\"a\":2}\n```", R"({"a":2})",
   "fence,several_values,prose"},
  {"corrected JSON", "{\"a\":1}\nHere is the corrected JSON:\n{\"a\":2}", R"({"a":2})", "several_values,prose"},
  {"in German", "{\"a\":1}\n\nKorrektur:\n{\"a\":2}", R"({"a":2})", "several_values,prose"},
  {"in French", "{\"a\":1}\n\nEn fait, c'est deux :\n{\"a\":2}", R"({"a":2})", "several_values,prose"},
  {"in Russian",
   "{\"a\":1}\n\n\xD0\x98\xD1\x81\xD0\xBF\xD1\x80\xD0\xB0\xD0\xB2\xD0\xBB\xD0\xB5\xD0\xBD\xD0\xB8\xD0\xB5: {\"a\":2}",
   R"({"a":2})", "several_values,prose"},
  {"the last one says more", "{\"a\":1}\nWith details: {\"a\":1,\"b\":2}", R"({"a":1,"b":2})", "several_values,prose"})

CLEANING_CASES(
  "second readings: an example never stands in for the answer", json_stop,
  {"the format behind the answer",
   "{\"dish\": \"Soup\", \"calories\": 120}\n\nNote: the format is {\"dish\": \"string\", \"calories\": \"number\"}.",
   R"({"dish":"Soup","calories":120})", "several_values,prose"},
  {"an example behind it that could be the answer", "{\"dish\":\"Soup\"}\n\nFor example: {\"dish\":\"Cake\"}",
   "invalid_answer"},
  {"the answer is in bullets", "- dish: Soup\n- calories: 120\n\nFormat: {\"dish\":\"Pizza\",\"calories\":300}",
   "invalid_answer"},
  {"no answer, but what one would look like", "I can't see a photo. The answer would look like {\"dish\":\"Pizza\"}.",
   "invalid_answer"},
  {"the same behind the value", "I'm sorry, I cannot see it. {\"dish\":\"Pizza\"} is only an example.",
   "invalid_answer"},
  {"an abbreviation with blanks", "Leider sehe ich kein Bild.\n\nz. B. {\"dish\":\"Pizza\"}", "invalid_answer"},
  {"a capital letter beyond Latin-1",
   "\xC5\x9E"
   "ablon: {\"dish\":\"Pizza\"}",
   "invalid_answer"},
  {"said behind the fence", "Too dark.\n\n```json\n{\"dish\":\"Pizza\"}\n``` is only an example.", "invalid_answer"},
  {"in German", "Leider sehe ich kein Bild. Zum Beispiel: {\"dish\":\"Pizza\"}", "invalid_answer"},
  {"in Spanish", "Lo siento, no puedo verla. Por ejemplo: {\"dish\":\"Pizza\"}", "invalid_answer"},
  {"in Japanese",
   "\xE7\x94\xB3\xE3\x81\x97\xE8\xA8\xB3\xE3\x81\x82\xE3\x82\x8A\xE3\x81\xBE\xE3\x81\x9B\xE3\x82\x93\xE3\x80\x82"
   "\xE4\xBE\x8B\xE3\x81\x88\xE3\x81\xB0\x3A {\"dish\":\"Pizza\"}",
   "invalid_answer"},
  {"the answer is broken, the format is not",
   "{\"dish\": \"Soup\", \"calories\": 1 2}\nFormat: {\"dish\":\"string\",\"calories\":\"number\"}", "invalid_answer"},
  {"the answer is broken, another one is not",
   "{\"dish\": \"Soup\", \"calories\": 1 2}\nIt has {\"dish\":\"Cake\",\"calories\":2}", "invalid_answer"},
  {"nothing but the format", "Please use {\"dish\":\"string\"} next time.", "invalid_answer"},
  {"a format that is kept to", "Here is the analysis in the requested format:\n{\"dish\":\"Soup\"}",
   R"({"dish":"Soup"})", "prose"},
  {"a schema that is kept to", "Here is the JSON following your schema:\n{\"dish\":\"Soup\"}", R"({"dish":"Soup"})",
   "prose"},
  {"a format that is kept to, in German", "Hier ist die Analyse im JSON-Format:\n{\"dish\":\"Soup\"}",
   R"({"dish":"Soup"})", "prose"})

CLEANING_CASES(
  "second readings: nothing that holds members is dropped as prose", json_stop,
  {"a bracket in quotes inside of a string", R"({"fix": "Close the block with "}" and run it again.", "line": 12})",
   "invalid_answer"},
  {"the same over two lines", "{\"fix\": \"Close it with \"}\"\nand run it.\",\n\"line\": 12}", "invalid_answer"},
  {"the same, cut off", R"({"fix": "Close the block with "}" and run it again.", "line": 12)", "invalid_answer"},
  {"a line break behind the bracket", "{\"fix\": \"Close it with \"}\n and run it.\", \"line\": 12}", "invalid_answer"},
  {"the string goes on, and nothing else comes", R"({"fix": "Close the block with "}" and run")", "invalid_answer"},
  {"in single quotes", R"({'fix': 'Close it with '}' and run it.', 'line': 12})", "invalid_answer"},
  {"a bracket in quotes inside of an element", R"({"a": ["the "{" key", "x"]})", "invalid_answer"},
  {"a comma in quotes inside of an element", R"({"b": "so "good" it is", "a": ["end with "," here", "x"]})",
   "invalid_answer"},
  {"members that are explained behind the answer", "{\"dish\":\"Soup\"}\n\n- \"dish\": the name of the dish",
   R"({"dish":"Soup"})", "prose"})

CLEANING_CASES("second readings: a quote of the wrong kind closes nothing", json_stop,
               {"a curly one at a line's end", "{\"dish\": \"Soup\xE2\x80\x9D,\n\"n\": 1}", "invalid_answer"},
               {"a curly one in a list", "[\"Soup\xE2\x80\x9D, \"Cake\"]", "invalid_answer"},
               {"several in a list", "[\"Soup\xE2\x80\x9D, \"Cake\xE2\x80\x9D, \"Tea\"]", "invalid_answer"},
               {"a single one in a list", "[\"Soup', \"Cake\"]", "invalid_answer"},
               {"a double one in a list of single ones", "['Soup\", 'Cake']", "invalid_answer"},
               {"opened curly, closed straight",
                "[\xE2\x80\x9CSoup\", \xE2\x80\x9C"
                "Cake\xE2\x80\x9D]",
                "invalid_answer"},
               {"a straight one in a list of curly ones", "[\xE2\x80\x9DSoup\",\n\"Cake\xE2\x80\x9D]",
                "invalid_answer"},
               {"wrong ones around a line's end", "[\"Soup\xE2\x80\x99,\n'Cake\"]", "invalid_answer"},
               {"a sign of seconds behind a name", "{\"a\xE2\x80\xB3: 1, \"b\": 2}", "invalid_answer"},
               {"a curly one at the end of all", "{\"n\": 1,\n\"dish\": \"Soup\xE2\x80\x9D\n}", "invalid_answer"})

CLEANING_CASES("low quotes closed by straight ones", json_stop,
               {"German",
                "{\"note\": \"Es gibt \xE2\x80\x9E"
                "Eintopf\" und \xE2\x80\x9ESuppe\" heute.\", \"n\": 1}",
                "{\"note\":\"Es gibt \xE2\x80\x9E"
                "Eintopf\\\" und \xE2\x80\x9ESuppe\\\" heute.\",\"n\":1}",
                "inner_quotes"},
               {"Polish, at the end", "{\"note\": \"Danie \xE2\x80\x9E\xC5\xBBurek\"\", \"n\": 1}",
                "{\"note\":\"Danie \xE2\x80\x9E\xC5\xBBurek\\\"\",\"n\":1}", "inner_quotes"},
               {"Romanian, in a list", "{\"a\": [\"supa \xE2\x80\x9Eras\" bun\", \"x\"]}",
                "{\"a\":[\"supa \xE2\x80\x9Eras\\\" bun\",\"x\"]}", "inner_quotes"},
               {"with a comma behind", "{\"note\": \"Erst \xE2\x80\x9ESuppe\", dann Brot\", \"n\": 1}",
                "{\"note\":\"Erst \xE2\x80\x9ESuppe\\\", dann Brot\",\"n\":1}", "inner_quotes"})

CLEANING_CASES("SentencePiece's blanks between the values", json_stop,
               {"indentation", "{\n\xE2\x96\x81\xE2\x96\x81\"dish\": \"Soup\"\n}", R"({"dish":"Soup"})", "odd_space"},
               {"everywhere",
                "{\xE2\x96\x81\"dish\":\xE2\x96\x81\"Soup\",\xE2\x96\x81\"n\":\xE2\x96\x81"
                "1}",
                R"({"dish":"Soup","n":1})", "odd_space"},
               {"in strings too: a blank, or the sign?",
                "{\xE2\x96\x81\"dish\":\xE2\x96\x81\"Tomato\xE2\x96\x81Soup\"}", "invalid_answer"})
