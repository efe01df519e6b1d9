#define CAF_SUITE mended_strings
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES(
  "syntax: single quotes", json_stop,
  {"names and values", R"({'a': 'x', 'b': ['y']})", R"({"a":"x","b":["y"]})", "single_quotes"},
  {"an apostrophe, as Python writes it", R"({'a': "it's", 'b': 1})", R"({"a":"it's","b":1})", "single_quotes"},
  {"an apostrophe, escaped", R"({'a': 'it\'s'})", R"({"a":"it's"})", "single_quotes,bad_escape"},
  {"an apostrophe, not escaped", R"({'a': 'it's', 'b': 'x'})", R"({"a":"it's","b":"x"})", "single_quotes"},
  {"a plural's apostrophe", R"({'a': 'the cooks' choice', 'b': 1})", R"({"a":"the cooks' choice","b":1})",
   "single_quotes"},
  {"two apostrophes", R"({'a': 'Rock 'n' roll'})", R"({"a":"Rock 'n' roll"})", "single_quotes"},
  {"apostrophes in a list", R"({'a': ['Mom's', 'Dad's', 'x']})", R"({"a":["Mom's","Dad's","x"]})", "single_quotes"},
  {"an apostrophe in a name", R"({'chef's note': 'x'})", R"({"chef's note":"x"})", "single_quotes"},
  {"double quotes inside", R"({'a': 'so "good"', 'b': 1})", R"({"a":"so \"good\"","b":1})", "single_quotes"},
  {"double quotes inside, escaped", R"({'a': 'so \"good\"'})", R"({"a":"so \"good\""})", "single_quotes"},
  {"brackets and commas inside", R"({'a': 'x, {y} [z]: w', 'b': 1})", R"({"a":"x, {y} [z]: w","b":1})",
   "single_quotes"},
  {"only some of them", R"({"a": 'x', 'b': "y"})", R"({"a":"x","b":"y"})", "single_quotes"},
  {"inside of double quotes they are text", R"({"a":"'x'","b":1,})", R"({"a":"'x'","b":1})", "trailing_comma"})

CLEANING_CASES("syntax: curly and angle quotes", json_stop,
               {"curly",
                "{\xE2\x80\x9C"
                "a\xE2\x80\x9D: \xE2\x80\x9Cx\xE2\x80\x9D}",
                R"({"a":"x"})", "typographic_quotes"},
               {"the same mark on both sides",
                "{\xE2\x80\x9C"
                "a\xE2\x80\x9C: \xE2\x80\x9Cx\xE2\x80\x9C}",
                R"({"a":"x"})", "typographic_quotes"},
               {"low ones",
                "{\xE2\x80\x9E"
                "a\xE2\x80\x9C: \xE2\x80\x9Ex\xE2\x80\x9C}",
                R"({"a":"x"})", "typographic_quotes"},
               {"single curly with an apostrophe",
                "{\xE2\x80\x98"
                "a\xE2\x80\x99: \xE2\x80\x98it\xE2\x80\x99s\xE2\x80\x99}",
                "{\"a\":\"it\xE2\x80\x99s\"}", "typographic_quotes"},
               {"angles",
                "{\xC2\xAB"
                "a\xC2\xBB: \xC2\xABx\xC2\xBB}",
                R"({"a":"x"})", "typographic_quotes"},
               {"straight quotes inside",
                "{\xE2\x80\x9C"
                "a\xE2\x80\x9D: \xE2\x80\x9Cso \"x\"\xE2\x80\x9D, \xE2\x80\x9C"
                "b\xE2\x80\x9D: 1}",
                R"({"a":"so \"x\"","b":1})", "typographic_quotes"},
               {"escaped: once they were straight",
                "{\xE2\x80\x9C"
                "a\xE2\x80\x9D: \xE2\x80\x9Cso \\\xE2\x80\x9Cx\\\xE2\x80\x9D\xE2\x80\x9D}",
                R"({"a":"so \"x\""})", "typographic_quotes,bad_escape"},
               {"inside of straight quotes they are text", "{\"a\":\"\xE2\x80\x9Cx\xE2\x80\x9D\",}",
                "{\"a\":\"\xE2\x80\x9Cx\xE2\x80\x9D\"}", "trailing_comma"},
               {"inside of straight quotes they are text", R"({"a":"`x`",})", R"({"a":"`x`"})", "trailing_comma"})

CLEANING_CASES("syntax: backtick quotes", json_stop,
               {"backticks", "{`a`: `x`, `b`: [`y`]}", R"({"a":"x","b":["y"]})", "backtick_quotes"},
               {"backticks with quotes inside", "{`a`: `so \"x\"`}", R"({"a":"so \"x\""})", "backtick_quotes"})

CLEANING_CASES("syntax: three quotes", json_stop,
               {"three double quotes", "{\"a\": \"\"\"so \"x\"\nit is\"\"\"}", R"({"a":"so \"x\"\nit is"})",
                "triple_quotes,control_character"})

CLEANING_CASES("syntax: a missing quote", json_stop,
               {"in front of a name", R"({a": 1, "b": 2})", R"({"a":1,"b":2})", "missing_quote"},
               {"behind a name", R"({"a: 1, "b": 2})", R"({"a":1,"b":2})", "missing_quote"},
               {"behind a name, before a string", R"({"a: "x", "b": 2})", R"({"a":"x","b":2})", "missing_quote"},
               {"at a line's end", "{\"a\": \"x,\n\"b\": 2}", R"({"a":"x","b":2})", "missing_quote"},
               {"within a line: where does the string end?", R"({"a": "x, "b": 2})", "invalid_answer"},
               {"at the end of the text", R"({"a": "x})", "invalid_answer"},
               {"in a list", R"({"a": ["x, "y", "z"]})", "invalid_answer"},
               {"behind a name, a number follows", "{\"x\": \"y\",\n\"a: 1,\n\"b\": 2}",
                "{\"x\":\"y\",\"a\":1,\"b\":2}", "missing_quote"},
               {"behind a name, a space before the colon", "{\"x\": \"y\", \"a : 1.50, \"b\": 2}",
                "{\"x\":\"y\",\"a\":1.50,\"b\":2}", "missing_quote"},
               {"behind a name, a list follows", "{\"x\": \"y\",\n\"a: [1],\n\"b\": 2}",
                "{\"x\":\"y\",\"a\":[1],\"b\":2}", "missing_quote"},
               {"behind a name, a string with quotes and colons follows", "{\"x\": \"y\", \"a: \"b: c, d\", \"e\": 1}",
                "{\"x\":\"y\",\"a\":\"b: c, d\",\"e\":1}", "missing_quote"},
               {"at the last member's end, its line ends", "{\"a\": 1,\n\"b\": \"x y\n}", "{\"a\":1,\"b\":\"x y\"}",
                "missing_quote"},
               {"the same deeper", "{\"a\": {\n\"b\": \"x y\n}\n}\n", "{\"a\":{\"b\":\"x y\"}}", "missing_quote"},
               {"the same, but the brackets do not match up", "{\"a\": {\n\"b\": \"x y\n}\n", "invalid_answer"},
               {"the same, but a comma ends the line", "{\"a\": \"x,\n}", "invalid_answer"})

CLEANING_CASES(
  "syntax: unescaped inner quotes", json_stop,
  {"in the middle", R"({"a":"so "good" it is","b":1})", R"({"a":"so \"good\" it is","b":1})", "inner_quotes"},
  {"at the end", R"({"a":"it is "good"","b":1})", R"({"a":"it is \"good\"","b":1})", "inner_quotes"},
  {"at the beginning", R"({"a":""Good" it is","b":1})", R"({"a":"\"Good\" it is","b":1})", "inner_quotes"},
  {"all of the string", R"({"a":""Good"","b":1})", R"({"a":"\"Good\"","b":1})", "inner_quotes"},
  {"a comma behind them", R"({"a":"so "good", it is","b":1})", R"({"a":"so \"good\", it is","b":1})", "inner_quotes"},
  {"several", R"({"a":"say "x", "y" and "z"","b":1})", R"({"a":"say \"x\", \"y\" and \"z\"","b":1})", "inner_quotes"},
  {"around a brace", R"({"a":"use "{x}" here","b":1})", R"({"a":"use \"{x}\" here","b":1})", "inner_quotes"},
  {"around an address", R"({"a":"see "http://x.y" now","b":1})", R"({"a":"see \"http://x.y\" now","b":1})",
   "inner_quotes"},
  {"as the sign for inches", R"({"a":"a 12" pizza","b":1})", R"({"a":"a 12\" pizza","b":1})", "inner_quotes"},
  {"in a list", R"({"a":["x",""00" flour","y"]})", R"({"a":["x","\"00\" flour","y"]})", "inner_quotes"},
  {"inches in a list", R"({"a":["12" pizza","b"]})", R"({"a":["12\" pizza","b"]})", "inner_quotes"},
  {"in the last member", R"({"b":1,"a":"so "good" it is"})", R"({"b":1,"a":"so \"good\" it is"})", "inner_quotes"},
  {"only one of a pair escaped", R"({"a":"so \"good" it is","b":1})", R"({"a":"so \"good\" it is","b":1})",
   "inner_quotes"},
  {"with a missing comma behind the string", "{\"a\":\"so \"good\" it is\"\n\"b\":1}",
   R"({"a":"so \"good\" it is","b":1})", "inner_quotes,missing_comma"})

CLEANING_CASES("syntax: inner quotes that can be read in several ways are not mended", json_stop,
               {"they look like a member", R"({"a":"see "b": 1 there","c":2})", "invalid_answer"},
               {"or like an object", R"({"a":"{"b": 1}","c":2})", "invalid_answer"},
               {"or like two elements", R"({"a":["the "best" "top" dish","x"]})", "invalid_answer"},
               {"or like the list's end", R"({"a":["x"] y","z"]})", "invalid_answer"},
               {"one of a pair is missing", R"({"a":["so "good, it is","x"]})", "invalid_answer"},
               {"one word may be quoted or the comma missing", R"({"a":["flour" oil, "salt"]})", "invalid_answer"})

CLEANING_CASES("syntax: raw line breaks, tabs and control characters in strings", json_stop,
               {"a line break", "{\"a\":\"x\ny\"}", R"({"a":"x\ny"})", "control_character"},
               {"a windows line break", "{\"a\":\"x\r\ny\"}", R"({"a":"x\r\ny"})", "control_character"},
               {"a tab", "{\"a\":\"x\ty\"}", R"({"a":"x\ty"})", "control_character"},
               {"another one", "{\"a\":\"x\x01y\"}", R"({"a":"x\u0001y"})", "control_character"},
               {"a blank line and a list inside", "{\"a\":\"x:\n\n- y\n- z\",\"b\":1}",
                R"({"a":"x:\n\n- y\n- z","b":1})", "control_character"},
               {"in a list", "{\"a\":[\"x\ny\",\"z\"]}", R"({"a":["x\ny","z"]})", "control_character"})

CLEANING_CASES("syntax: bad escapes", json_stop, {"an apostrophe", R"({"a":"it\'s"})", R"({"a":"it's"})", "bad_escape"},
               {"an underscore, as Markdown does", R"({"a\_b":"x\_y"})", R"({"a_b":"x_y"})", "bad_escape"},
               {"an underscore in an unquoted name", R"({a\_b:"x"})", R"({"a_b":"x"})", "unquoted_key,bad_escape"},
               {"signs", R"({"a":"50\% \& \$5 \[x\] \#1 \-\*"})", R"({"a":"50% & $5 [x] #1 -*"})", "bad_escape"},
               {"a space", R"({"a":"x\ y"})", R"({"a":"x y"})", "bad_escape"},
               {"hexadecimal", R"({"a":"it\x27s \xe9"})", "{\"a\":\"it's \xC3\xA9\"}", "bad_escape"},
               {"hexadecimal for a quote", R"({"a":"so \x22x\x22"})", R"({"a":"so \"x\""})", "bad_escape"},
               {"JavaScript's long form", R"({"a":"\u{1F355}"})", "{\"a\":\"\xF0\x9F\x8D\x95\"}", "bad_escape"},
               {"Python's long form", R"({"a":"\U0001F355"})", "{\"a\":\"\xF0\x9F\x8D\x95\"}", "bad_escape"},
               {"a path: the backslash is meant", R"({"a":"C:\Windows\System"})", R"({"a":"C:\\Windows\\System"})",
                "bad_escape"},
               {"a pattern: the backslash is meant", R"({"a":"\d+ \w"})", R"({"a":"\\d+ \\w"})", "bad_escape"},
               {"no digits behind it: the backslash is meant", R"({"a":"C:\users \xy"})", R"({"a":"C:\\users \\xy"})",
                "bad_escape"},
               {"a line's end joins", "{\"a\":\"x\\\ny\"}", R"({"a":"xy"})", "bad_escape"},
               {"half a surrogate pair", R"({"a":"x\ud83cy"})", R"({"a":"x\ufffdy"})", "bad_escape"},
               {"too few digits: which character?", R"({"a":"\u12"})", "invalid_answer"},
               {"one hexadecimal digit", R"({"a":"\x4"})", "invalid_answer"},
               {"no character has this number", R"({"a":"\u{110000}"})", "invalid_answer"},
               {"good ones stay as they are", R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83c\udf55",})",
                R"({"a":"\"\\\/\b\f\n\r\t\u00e9\ud83c\udf55"})", "trailing_comma"})

CLEANING_CASES("syntax: strings joined by a plus sign", json_stop,
               {"two", R"({"a":"x" + "y"})", R"({"a":"xy"})", "string_join"},
               {"three over several lines", "{\"a\":\"x \" +\n\"y \" +\n\"z\",\"b\":1}", R"({"a":"x y z","b":1})",
                "string_join"},
               {"in a list", R"({"a":["x" + "y","z"]})", R"({"a":["xy","z"]})", "string_join"},
               {"a plus sign in a string is text", R"({"a":"x + y",})", R"({"a":"x + y"})", "trailing_comma"},
               {"a string and a number: text or sum?", R"({"a":"x" + 1})", "invalid_answer"})

CLEANING_CASES(
  "syntax: unquoted keys", json_stop,
  {"JavaScript's names", R"({a: 1, b_c: "x", $d: null})", R"({"a":1,"b_c":"x","$d":null})", "unquoted_key"},
  {"names with a hyphen or beyond ASCII", "{a-b: 1, caf\xC3\xA9: 2}", "{\"a-b\":1,\"caf\xC3\xA9\":2}", "unquoted_key"},
  {"Python's numbers as names", R"({1: "x", 2: "y"})", R"({"1":"x","2":"y"})", "unquoted_key"},
  {"only some of them", R"({a: 1, "b": 2})", R"({"a":1,"b":2})", "unquoted_key"},
  {"a name with a space", R"({a b: 1})", "invalid_answer", "", true},
  {"quotes only where JavaScript needs them", "{a: \"x\", \"b c\": \"y\", d: [1]}",
   "{\"a\":\"x\",\"b c\":\"y\",\"d\":[1]}", "unquoted_key"},
  {"the same without a comma", "{a: \"x\",\n\"b c\": \"y\"\nd: 1}", "{\"a\":\"x\",\"b c\":\"y\",\"d\":1}",
   "unquoted_key,missing_comma"},
  {"the same with inner quotes", "{a: \"so \"x\" it is\", \"b c\": 1, d: \"say \"y\" now\", e: 1}",
   "{\"a\":\"so \\\"x\\\" it is\",\"b c\":1,\"d\":\"say \\\"y\\\" now\",\"e\":1}", "unquoted_key,inner_quotes"},
  {"the same with an apostrophe", "{a: [{b: 'cow's milk', c: 1}], 'd e': 'x'}",
   "{\"a\":[{\"b\":\"cow's milk\",\"c\":1}],\"d e\":\"x\"}", "unquoted_key,single_quotes"})

CLEANING_CASES("syntax: unquoted values", json_stop,
               {"a word", R"({"a": Pizza, "b": 1})", R"({"a":"Pizza","b":1})", "unquoted_value"},
               {"several words", R"({a: Pizza Margherita, b: 1})", R"({"a":"Pizza Margherita","b":1})",
                "unquoted_key,unquoted_value"},
               {"in a list", R"({"a": [cheese, tomato sauce]})", R"({"a":["cheese","tomato sauce"]})",
                "unquoted_value"},
               {"up to the line's end", "{\"a\": Pizza\n}", R"({"a":"Pizza"})", "unquoted_value"},
               {"a comma inside: where does it end?", R"({"a": Pizza, big, "b": 1})", "invalid_answer"},
               {"yes may be true", R"({"a": yes})", "invalid_answer"},
               {"unknown may be null", R"({"a": unknown})", "invalid_answer"},
               {"the name of a type is to be filled in", R"({"a": string})", "invalid_answer"},
               {"a call", R"({"a": date("x")})", "invalid_answer"},
               {"a placeholder", R"({"a": <x>})", "invalid_answer"},
               {"a sentence", R"({"a": It is a pizza. Really.})", "invalid_answer", "", true},
               {"half of a sum: is more to come?", "{\"a\": [rice + \"x\", \"y\"]}", "invalid_answer"})
