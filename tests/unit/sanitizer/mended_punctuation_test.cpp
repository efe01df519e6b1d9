#define CAF_SUITE mended_punctuation
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

CLEANING_CASES("syntax: trailing commas", json_stop, {"in an object", R"({"a":1,})", R"({"a":1})", "trailing_comma"},
               {"in an array", R"(["a","b",])", R"(["a","b"])", "trailing_comma"},
               {"in both, with line breaks", "{\n\"a\": [1,\n],\n}", R"({"a":[1]})", "trailing_comma"},
               {"a comma alone", R"({"a":[,],"b":1})", R"({"a":[],"b":1})", "extra_comma"},
               {"in a string it is text", R"({"a":"x,}","b":[1,]})", R"({"a":"x,}","b":[1]})", "trailing_comma"})

CLEANING_CASES("syntax: doubled and leading commas", json_stop,
               {"doubled between members", R"({"a":1,,"b":2})", R"({"a":1,"b":2})", "extra_comma"},
               {"doubled between elements", R"({"a":["x",, "y"]})", R"({"a":["x","y"]})", "extra_comma"},
               {"three of them", R"({"a":"x", , ,"b":2})", R"({"a":"x","b":2})", "extra_comma"},
               {"at the beginning", R"({,"a":1})", R"({"a":1})", "extra_comma"},
               {"doubled and trailing", R"({"a":1,,})", R"({"a":1})", "extra_comma,trailing_comma"})

CLEANING_CASES("syntax: missing commas", json_stop,
               {"between members, on new lines", "{\"a\": 1\n\"b\": 2}", R"({"a":1,"b":2})", "missing_comma"},
               {"between members, behind a string", "{\"a\": \"x\" \"b\": 2}", R"({"a":"x","b":2})", "missing_comma"},
               {"between members, without any space", R"({"a":"x""b":"y"})", R"({"a":"x","b":"y"})", "missing_comma"},
               {"behind an array", R"({"a":[1]"b":2})", R"({"a":[1],"b":2})", "missing_comma"},
               {"behind an object", "{\"a\":{\"c\":1}\n\"b\":2}", R"({"a":{"c":1},"b":2})", "missing_comma"},
               {"between strings", R"({"a":["x" "y"]})", R"({"a":["x","y"]})", "missing_comma"},
               {"between strings, without any space", R"({"a":["x""y"]})", R"({"a":["x","y"]})", "missing_comma"},
               {"between strings, on new lines", "{\"a\":[\"x\"\n\"y\"]}", R"({"a":["x","y"]})", "missing_comma"},
               {"between strings, the second begins with a quote", R"({"a":["x" "\"y\" z"]})",
                R"({"a":["x","\"y\" z"]})", "missing_comma"},
               {"between numbers", R"({"a":[1 2 -3]})", R"({"a":[1,2,-3]})", "missing_comma"},
               {"between objects", R"([{"a":1} {"a":2}])", R"([{"a":1},{"a":2}])", "missing_comma"},
               {"with unquoted names", "{a: 1 b: \"x\" c: 2}", R"({"a":1,"b":"x","c":2})",
                "unquoted_key,missing_comma"},
               {"in front of a comment", "{\"a\": \"x\" // y\n\"b\": 2}", R"({"a":"x","b":2})",
                "comment,missing_comma"})

CLEANING_CASES("syntax: a missing colon", json_stop,
               {"before a number", R"({"a" 1,"b":2})", R"({"a":1,"b":2})", "missing_colon"},
               {"before a string", R"({"a" "x","b":2})", R"({"a":"x","b":2})", "missing_colon"},
               {"before an object", R"({"a" {"b":2}})", "invalid_answer", "", true},
               {"before a list, with other members", R"({"c":1,"a" [2]})", R"({"c":1,"a":[2]})", "missing_colon"},
               {"an equals sign", R"({"a" = 1})", R"({"a":1})", "missing_colon"},
               {"an arrow", R"({"a" => 1, "b" => "x"})", R"({"a":1,"b":"x"})", "missing_colon"},
               {"no colon at all may be anything", R"({"a" "b"})", "invalid_answer"},
               {"before a number, behind a string", "{\"x\": \"y\", \"a\" 1.50, \"b\": 2}",
                "{\"x\":\"y\",\"a\":1.50,\"b\":2}", "missing_colon"},
               {"before a truth value, on a line of its own", "{\"x\": \"y\",\n\"a\" true\n}",
                "{\"x\":\"y\",\"a\":true}", "missing_colon"})

CLEANING_CASES("syntax: a missing value is not invented", json_stop,
               {"before a comma", R"({"a": ,"b":1})", "invalid_answer"},
               {"before a brace", R"({"a":})", "invalid_answer"}, {"a name alone", R"({"b":1,"a"})", "invalid_answer"},
               {"three dots for it", R"({"a": ...})", "invalid_answer"})

CLEANING_CASES(
  "syntax: comments", json_stop, {"two slashes", "{\"a\":1, // x\n\"b\":2}", R"({"a":1,"b":2})", "comment"},
  {"a hash", "{\"a\":1, # x\n\"b\":2}", R"({"a":1,"b":2})", "comment"},
  {"a star", R"({"a":1 /* x */,"b":/* y */2})", R"({"a":1,"b":2})", "comment"},
  {"of XML", R"({"a":1 <!-- x -->})", R"({"a":1})", "comment"},
  {"before the comma", "{\"a\":\"x\" // y\n,\"b\":2}", R"({"a":"x","b":2})", "comment"},
  {"quotes and brackets in it", "{\"a\":1, // it's \"x\": {y} [z]\n\"b\":2}", R"({"a":1,"b":2})", "comment"},
  {"behind a string, with quotes in it", "{\"a\":\"x\", // not \"y\"\n\"b\":2}", R"({"a":"x","b":2})", "comment"},
  {"over several lines", "{\"a\":1,\n/* x\n}\n*/\n\"b\":2}", R"({"a":1,"b":2})", "comment"},
  {"before everything", "// x\n{\"a\":1}", R"({"a":1})", "prose"},
  {"in a string it is text", R"({"a":"// x","b":"/* y */","c":"# z","d":1,})",
   R"({"a":"// x","b":"/* y */","c":"# z","d":1})", "trailing_comma"},
  {"an address is none", R"({"a":"http://x.y//z",})", R"({"a":"http://x.y//z"})", "trailing_comma"},
  {"it may have swallowed the rest", "{\"a\":1, // x \"b\":2}", "invalid_answer"},
  {"never closed", R"({"a":1, /* x "b":2})", "invalid_answer"},
  {"or is it a part of the string?", "{\"a\":\"x \"y\" // \"z\"\n\",\"b\":1}", "invalid_answer"},
  {"an apostrophe in it, inner quotes before it", "{\"a\":\"so \"x\"\", // it's\n\"b\":1}",
   "{\"a\":\"so \\\"x\\\"\",\"b\":1}", "inner_quotes,comment"})

CLEANING_CASES("syntax: an ellipsis in place of further values is dropped", json_stop,
               {"in an array", R"({"a":["x","y", ...]})", R"({"a":["x","y"]})", "ellipsis"},
               {"in an array, one character", "{\"a\":[1, \xE2\x80\xA6]}", R"({"a":[1]})", "ellipsis"},
               {"between elements", R"({"a":["x", ..., "z"]})", R"({"a":["x","z"]})", "ellipsis"},
               {"in an object", "{\"a\":\"x\",\n...}", R"({"a":"x"})", "ellipsis"},
               {"alone it stands for everything", R"({"a":[...]})", "invalid_answer"},
               {"in a string it is text", R"({"a":"x...","b":[1,]})", R"({"a":"x...","b":[1]})", "trailing_comma"})

CLEANING_CASES("syntax: tuples and sets", json_stop,
               {"a tuple", R"({"a":("x","y")})", R"({"a":["x","y"]})", "sequence"},
               {"a tuple of numbers", R"({"a":(1, 2, 3)})", R"({"a":[1,2,3]})", "sequence"},
               {"a tuple of one", R"({"a":("x",)})", R"({"a":["x"]})", "sequence,trailing_comma"},
               {"a value in parentheses is no tuple", R"({"a":("x")})", "invalid_answer"},
               {"an empty tuple", R"({"a":()})", R"({"a":[]})", "sequence"},
               {"a set", R"({"a":{"x","y"}})", R"({"a":["x","y"]})", "sequence"},
               {"a set of Python's strings", R"({'a':{'x','y','z'}})", R"({"a":["x","y","z"]})",
                "single_quotes,sequence"},
               {"a set of one may be an object without its value", R"({"a":{"x"}})", "invalid_answer"})

CLEANING_CASES(
  "syntax: mismatched brackets", json_stop,
  {"a brace for a bracket, in the middle", R"({"a":["x","y"},"b":1})", R"({"a":["x","y"],"b":1})", "wrong_bracket"},
  {"a bracket for a brace, in the middle", R"({"a":{"x":1],"b":1})", R"({"a":{"x":1},"b":1})", "wrong_bracket"},
  {"swapped at the end", R"({"a":[1,2}])", R"({"a":[1,2]})", "wrong_bracket"},
  {"one missing before another", R"({"a":["x","y"})", R"({"a":["x","y"]})", "closers"},
  {"one missing before the next object", R"([{"a":[1,2},{"a":[3]}])", R"([{"a":[1,2]},{"a":[3]}])", "closers"},
  {"a name in an array: it ended before", R"({"a":["x","y","b":1})", R"({"a":["x","y"],"b":1})", "closers"},
  {"neither missing nor wrong fits", R"({"a":[1,2},"b":[3}},"c":1]})", "invalid_answer"},
  {"one missing among arrays: before or behind the last?", "{\"a\":[[1,2,[3,4]],\"b\":1}", "invalid_answer"},
  {"the same at the end", "{\"a\":[[1,2,[3,4]]}", "invalid_answer"},
  {"arrays of arrays alone", "{\"a\":[[1,2],[3,4]}", "{\"a\":[[1,2],[3,4]]}", "closers"})

CLEANING_CASES("syntax: extra brackets", json_stop, {"one brace", R"({"a":1}})", R"({"a":1})", "extra_bracket"},
               {"several", R"({"a":[1]}]})", R"({"a":[1]})", "extra_bracket"},
               {"behind a line break", "{\"a\":1}\n}", R"({"a":1})", "extra_bracket"},
               {"in the middle: what belongs where?", R"({"a":{"b":1}},"c":2})", "invalid_answer"})

CLEANING_CASES("syntax: full-width punctuation", json_stop,
               {"colon and comma",
                "{\"a\"\xEF\xBC\x9A\"x\"\xEF\xBC\x8C\"b\"\xEF\xBC\x9A"
                "2}",
                R"({"a":"x","b":2})", "full_width"},
               {"brackets",
                "\xEF\xBD\x9B\"a\":\xEF\xBC\xBB"
                "1\xEF\xBC\xBD\xEF\xBD\x9D",
                R"({"a":[1]})", "full_width"},
               {"the comma of lists", "{\"a\":[\"x\"\xE3\x80\x81\"y\"]}", R"({"a":["x","y"]})", "full_width"},
               {"quotes",
                "{\xEF\xBC\x82"
                "a\xEF\xBC\x82:1}",
                R"({"a":1})", "typographic_quotes"},
               {"in a string it is text", "{\"a\":\"\xEF\xBC\x9A\xEF\xBC\x8C\",}",
                "{\"a\":\"\xEF\xBC\x9A\xEF\xBC\x8C\"}", "trailing_comma"})

CLEANING_CASES("syntax: odd spaces", json_stop,
               {"an ideographic space",
                "{\"a\":\xE3\x80\x80"
                "1}",
                R"({"a":1})", "odd_space"},
               {"a form feed", "{\"a\":\f1}", R"({"a":1})", "odd_space"})

CLEANING_CASES("syntax: byte order marks", json_stop,
               {"a mark before valid JSON", "\xEF\xBB\xBF{\"a\":1}", R"({"a":1})", "byte_order_mark"},
               {"two of them", "\xEF\xBB\xBF\xEF\xBB\xBF{\"a\":1}", R"({"a":1})", "byte_order_mark"})

CLEANING_CASES("syntax: zero-width spaces", json_stop,
               {"a zero-width space", "{\xE2\x80\x8B\"a\":1}", R"({"a":1})", "odd_space"})

CLEANING_CASES("syntax: no-break spaces", json_stop,
               {"no-break spaces as indentation",
                "{\n\xC2\xA0\xC2\xA0\"a\":\xC2\xA0"
                "1\n}",
                R"({"a":1})", "odd_space"},
               {"in a string they are text", "{\"a\":\"x\xC2\xA0y\xE2\x80\x8B\",}",
                "{\"a\":\"x\xC2\xA0y\xE2\x80\x8B\"}", "trailing_comma"})
