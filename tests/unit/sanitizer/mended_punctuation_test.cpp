#define CAF_SUITE mended_punctuation
#include "tests/support/test.hpp"

#include "tests/unit/sanitizer/cases.hpp"

using namespace mp;

TEST_CASE("syntax: trailing commas") {
  CHECK_JSON_CASES({"in an object", R"({"a":1,})", R"({"a":1})", "trailing_comma"},
                   {"in an array", R"(["a","b",])", R"(["a","b"])", "trailing_comma"},
                   {"in both, with line breaks", "{\n\"a\": [1,\n],\n}", R"({"a":[1]})", "trailing_comma"},
                   {"a comma alone", R"({"a":[,],"b":1})", R"({"a":[],"b":1})", "extra_comma"},
                   {"in a string it is text", R"({"a":"x,}","b":[1,]})", R"({"a":"x,}","b":[1]})", "trailing_comma"});
}

TEST_CASE("syntax: doubled and leading commas") {
  CHECK_JSON_CASES({"doubled between members", R"({"a":1,,"b":2})", R"({"a":1,"b":2})", "extra_comma"},
                   {"doubled between elements", R"({"a":["x",, "y"]})", R"({"a":["x","y"]})", "extra_comma"},
                   {"three of them", R"({"a":"x", , ,"b":2})", R"({"a":"x","b":2})", "extra_comma"},
                   {"at the beginning", R"({,"a":1})", R"({"a":1})", "extra_comma"},
                   {"doubled and trailing", R"({"a":1,,})", R"({"a":1})", "extra_comma,trailing_comma"});
}

TEST_CASE("syntax: missing commas") {
  CHECK_JSON_CASES(
      {"between members, on new lines", "{\"a\": 1\n\"b\": 2}", R"({"a":1,"b":2})", "missing_comma"},
      {"between members, behind a string", "{\"a\": \"x\" \"b\": 2}", R"({"a":"x","b":2})", "missing_comma"},
      {"between members, without any space", R"({"a":"x""b":"y"})", R"({"a":"x","b":"y"})", "missing_comma"},
      {"behind an array", R"({"a":[1]"b":2})", R"({"a":[1],"b":2})", "missing_comma"},
      {"behind an object", "{\"a\":{\"c\":1}\n\"b\":2}", R"({"a":{"c":1},"b":2})", "missing_comma"},
      {"between strings", R"({"a":["x" "y"]})", R"({"a":["x","y"]})", "missing_comma"},
      {"between strings, without any space", R"({"a":["x""y"]})", R"({"a":["x","y"]})", "missing_comma"},
      {"between strings, on new lines", "{\"a\":[\"x\"\n\"y\"]}", R"({"a":["x","y"]})", "missing_comma"},
      {"between strings, the second begins with a quote", R"({"a":["x" "\"y\" z"]})", R"({"a":["x","\"y\" z"]})",
       "missing_comma"},
      {"between numbers", R"({"a":[1 2 -3]})", R"({"a":[1,2,-3]})", "missing_comma"},
      {"between objects", R"([{"a":1} {"a":2}])", R"([{"a":1},{"a":2}])", "missing_comma"},
      {"with unquoted names", "{a: 1 b: \"x\" c: 2}", R"({"a":1,"b":"x","c":2})", "unquoted_key,missing_comma"},
      {"in front of a comment", "{\"a\": \"x\" // y\n\"b\": 2}", R"({"a":"x","b":2})", "comment,missing_comma"});
}

TEST_CASE("syntax: a missing colon") {
  CHECK_JSON_CASES({"before a number", R"({"a" 1,"b":2})", R"({"a":1,"b":2})", "missing_colon"},
                   {"before a string", R"({"a" "x","b":2})", R"({"a":"x","b":2})", "missing_colon"},
                   {"before an object", R"({"a" {"b":2}})", "invalid_answer"},
                   {"before a list, with other members", R"({"c":1,"a" [2]})", R"({"c":1,"a":[2]})", "missing_colon"},
                   {"an equals sign", R"({"a" = 1})", R"({"a":1})", "missing_colon"},
                   {"an arrow", R"({"a" => 1, "b" => "x"})", R"({"a":1,"b":"x"})", "missing_colon"},
                   {"no colon at all may be anything", R"({"a" "b"})", "invalid_answer"});
}

TEST_CASE("syntax: a missing value is not invented") {
  CHECK_JSON_CASES(
      {"before a comma", R"({"a": ,"b":1})", "invalid_answer"}, {"before a brace", R"({"a":})", "invalid_answer"},
      {"a name alone", R"({"b":1,"a"})", "invalid_answer"}, {"three dots for it", R"({"a": ...})", "invalid_answer"});
}

TEST_CASE("syntax: comments") {
  CHECK_JSON_CASES(
      {"two slashes", "{\"a\":1, // x\n\"b\":2}", R"({"a":1,"b":2})", "comment"},
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
      {"or is it a part of the string?", "{\"a\":\"x \"y\" // \"z\"\n\",\"b\":1}", "invalid_answer"});
}

TEST_CASE("syntax: an ellipsis in place of further values is dropped") {
  CHECK_JSON_CASES({"in an array", R"({"a":["x","y", ...]})", R"({"a":["x","y"]})", "ellipsis"},
                   {"in an array, one character", "{\"a\":[1, \xE2\x80\xA6]}", R"({"a":[1]})", "ellipsis"},
                   {"between elements", R"({"a":["x", ..., "z"]})", R"({"a":["x","z"]})", "ellipsis"},
                   {"in an object", "{\"a\":\"x\",\n...}", R"({"a":"x"})", "ellipsis"},
                   {"alone it stands for everything", R"({"a":[...]})", "invalid_answer"},
                   {"in a string it is text", R"({"a":"x...","b":[1,]})", R"({"a":"x...","b":[1]})", "trailing_comma"});
}

TEST_CASE("syntax: tuples and sets") {
  CHECK_JSON_CASES(
      {"a tuple", R"({"a":("x","y")})", R"({"a":["x","y"]})", "sequence"},
      {"a tuple of numbers", R"({"a":(1, 2, 3)})", R"({"a":[1,2,3]})", "sequence"},
      {"a tuple of one", R"({"a":("x",)})", R"({"a":["x"]})", "sequence,trailing_comma"},
      {"a value in parentheses is no tuple", R"({"a":("x")})", "invalid_answer"},
      {"an empty tuple", R"({"a":()})", R"({"a":[]})", "sequence"},
      {"a set", R"({"a":{"x","y"}})", R"({"a":["x","y"]})", "sequence"},
      {"a set of Python's strings", R"({'a':{'x','y','z'}})", R"({"a":["x","y","z"]})", "single_quotes,sequence"},
      {"a set of one may be an object without its value", R"({"a":{"x"}})", "invalid_answer"});
}

TEST_CASE("syntax: mismatched brackets") {
  CHECK_JSON_CASES(
      {"a brace for a bracket, in the middle", R"({"a":["x","y"},"b":1})", R"({"a":["x","y"],"b":1})", "wrong_bracket"},
      {"a bracket for a brace, in the middle", R"({"a":{"x":1],"b":1})", R"({"a":{"x":1},"b":1})", "wrong_bracket"},
      {"swapped at the end", R"({"a":[1,2}])", R"({"a":[1,2]})", "wrong_bracket"},
      {"one missing before another", R"({"a":["x","y"})", R"({"a":["x","y"]})", "closers"},
      {"one missing before the next object", R"([{"a":[1,2},{"a":[3]}])", R"([{"a":[1,2]},{"a":[3]}])", "closers"},
      {"a name in an array: it ended before", R"({"a":["x","y","b":1})", R"({"a":["x","y"],"b":1})", "closers"},
      {"neither missing nor wrong fits", R"({"a":[1,2},"b":[3}},"c":1]})", "invalid_answer"});
}

TEST_CASE("syntax: extra brackets") {
  CHECK_JSON_CASES({"one brace", R"({"a":1}})", R"({"a":1})", "extra_bracket"},
                   {"several", R"({"a":[1]}]})", R"({"a":[1]})", "extra_bracket"},
                   {"behind a line break", "{\"a\":1}\n}", R"({"a":1})", "extra_bracket"},
                   {"in the middle: what belongs where?", R"({"a":{"b":1}},"c":2})", "invalid_answer"});
}

TEST_CASE("syntax: full-width punctuation") {
  CHECK_JSON_CASES({"colon and comma",
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
                    "{\"a\":\"\xEF\xBC\x9A\xEF\xBC\x8C\"}", "trailing_comma"});
}

TEST_CASE("syntax: byte order marks, zero-width and no-break spaces") {
  CHECK_JSON_CASES({"a mark before valid JSON", "\xEF\xBB\xBF{\"a\":1}", R"({"a":1})", "byte_order_mark"},
                   {"two of them", "\xEF\xBB\xBF\xEF\xBB\xBF{\"a\":1}", R"({"a":1})", "byte_order_mark"},
                   {"no-break spaces as indentation",
                    "{\n\xC2\xA0\xC2\xA0\"a\":\xC2\xA0"
                    "1\n}",
                    R"({"a":1})", "odd_space"},
                   {"a zero-width space", "{\xE2\x80\x8B\"a\":1}", R"({"a":1})", "odd_space"},
                   {"an ideographic space",
                    "{\"a\":\xE3\x80\x80"
                    "1}",
                    R"({"a":1})", "odd_space"},
                   {"a form feed", "{\"a\":\f1}", R"({"a":1})", "odd_space"},
                   {"in a string they are text", "{\"a\":\"x\xC2\xA0y\xE2\x80\x8B\",}",
                    "{\"a\":\"x\xC2\xA0y\xE2\x80\x8B\"}", "trailing_comma"});
}
