#define CAF_SUITE json_text
#include "tests/support/test.hpp"

#include "messages/json/json_text.hpp"

#include <vector>

using namespace mp;
using namespace std::string_literals;

namespace {

constexpr std::size_t depth = 64;

std::vector<std::string> members_of(std::string_view object) {
  std::vector<std::string> result;
  for_each_member(object, [&](const json_member& member) {
    result.push_back(std::string{member.name_raw} + " -> " + std::string{member.value_raw});
  });
  return result;
}

std::vector<std::string> elements_of(std::string_view array) {
  std::vector<std::string> result;
  for_each_element(array, [&](std::string_view element) { result.emplace_back(element); });
  return result;
}

using strings = std::vector<std::string>;

} // namespace

TEST_CASE("every kind of JSON value is valid, with white space around it") {
  for (const auto* text :
       {"{}", "[]", "\"\"", "0", "-0.5e+10", "true", "false", "null", " \n\t\r{ \"a\" : [ 1 , 2 ] } \n"})
    CHECK(is_valid_json(text, depth));
}

TEST_CASE("what is not exactly one JSON value is not valid") {
  for (const auto* text :
       {"",   " ",  "{",   "{}{}",     "{} x", "[1,]", "{\"a\":1,}", "{'a':1}",   "{a:1}",   "01",   "+1",
        ".5", "1.", "NaN", "Infinity", "0x10", "\"a",  "\"\n\"",     "\"\\x41\"", "// c\n1", "True", "\xEF\xBB\xBF{}"})
    CHECK(!is_valid_json(text, depth));
}

TEST_CASE("a value at the beginning of a text is measured whatever follows it") {
  CHECK_EQ(json_value_size(R"({"a":1}} and more)", depth), 7u);
  CHECK_EQ(json_value_size(R"( [1] {"b":2})", depth), 5u);
  CHECK_EQ(json_value_size("7", depth), 1u);
  for (const auto* text : {"", " ", "{", "[1 2]", "{\"a\":1,}", "x", "\"a"})
    CHECK_EQ(json_value_size(text, depth), 0u);
}

TEST_CASE("an exponent beyond 32 bits is not valid") { CHECK(!is_valid_json("1e99999999999", depth)); }

TEST_CASE("numbers beyond a double are valid, because they are only text here") {
  CHECK(is_valid_json("123456789012345678901234567890.123456789012345678901234567890", depth));
  CHECK(is_valid_json("1e400", depth));
  CHECK(is_valid_json("[-1e-400,18446744073709551616]", depth));
}

TEST_CASE("broken UTF-8 and lone surrogates inside strings are not valid") {
  CHECK(!is_valid_json("\"\xC3\"", depth));
  CHECK(!is_valid_json("\"\xED\xA0\x80\"", depth));
  CHECK(!is_valid_json("\"\\ud800\"", depth));
  CHECK(!is_valid_json("\"\\udc00\"", depth));
  CHECK(is_valid_json("\"\\ud83c\\udf55 \xF0\x9F\x8D\x95\"", depth));
}

TEST_CASE("nesting is valid up to the given depth and not beyond it") {
  CHECK(is_valid_json(std::string(8, '[') + std::string(8, ']'), 8));
  CHECK(!is_valid_json(std::string(9, '[') + std::string(9, ']'), 8));
  CHECK(!is_valid_json(std::string(10000, '['), 64));
  CHECK(!is_valid_json(std::string(10000, '[') + std::string(10000, ']'), 64));
}

TEST_CASE("compacting removes white space outside strings and keeps every other byte") {
  CHECK_EQ(compact_json(" {\n \"b\" : [ 1.50 , -0 , 1E+2 ] ,\t\"a\" : \" x \\\" } \\\\\" , \"a\" : null }\r\n"),
           R"({"b":[1.50,-0,1E+2],"a":" x \" } \\","a":null})");
  CHECK_EQ(compact_json("\"\\u00e9 \xC3\xA9\""), "\"\\u00e9 \xC3\xA9\"");
  CHECK_EQ(compact_json(""), "");
}

TEST_CASE("compacting what is compact changes nothing") {
  const auto text = R"({"a":"b c","d":[1,2,{"e":"\\\""}]})"s;
  CHECK_EQ(compact_json(text), text);
}

TEST_CASE("compacting text that is not JSON stays inside the text") {
  for (const auto* text : {"\"", "\"\\", "{\"a\":\"\\\"", "\\\"", "]]"})
    CHECK(compact_json(text).size() <= std::string_view{text}.size());
}

TEST_CASE("the kind of a value is told by its first character") {
  CHECK(kind_of("{}") == json_kind::object);
  CHECK(kind_of("[]") == json_kind::array);
  CHECK(kind_of("\"\"") == json_kind::string);
  CHECK(kind_of("-1") == json_kind::number);
  CHECK(kind_of("7") == json_kind::number);
  CHECK(kind_of("true") == json_kind::boolean);
  CHECK(kind_of("false") == json_kind::boolean);
  CHECK(kind_of("null") == json_kind::null);
}

TEST_CASE("members come in order, doubled names included, each side as it was written") {
  CHECK_EQ(members_of(R"( { "b" : 1.50 , "a":{ "x": "}" , "y":[1,{}]} ,"a" : "\"," , "" :null,"t":true } )"),
           (strings{R"("b" -> 1.50)", R"("a" -> { "x": "}" , "y":[1,{}]})", R"("a" -> "\",")", R"("" -> null)",
                    R"("t" -> true)"}));
}

TEST_CASE("an empty object and what is no object have no members") {
  for (const auto* text : {"{}", " { } ", "[]", "[{\"a\":1}]", "1", "\"{}\"", "null", ""})
    CHECK(members_of(text).empty());
}

TEST_CASE("a callback that returns false ends the scan") {
  auto seen = 0;
  for_each_member(R"({"a":1,"b":2,"c":3})", [&](const json_member& member) {
    ++seen;
    return !is_named(member, "b");
  });
  CHECK_EQ(seen, 2);
}

TEST_CASE("elements come in order, as they were written") {
  CHECK_EQ(elements_of(R"( [ 1 , "a,]" ,[2, 3], {"b":4} ,null ] )"),
           (strings{"1", R"("a,]")", "[2, 3]", R"({"b":4})", "null"}));
  CHECK(elements_of("[]").empty());
  CHECK(elements_of(" [ ] ").empty());
  CHECK(elements_of("{}").empty());
}

TEST_CASE("scanning text that is not JSON ends and stays inside the text") {
  for (const auto* text :
       {"{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":\"", "{\"a\":{", "{\"a\":1,", "{\"", "{\"a\" 1}", "{,}", "{\"a\":}"})
    CHECK(members_of(text).size() <= 1u);
  for (const auto* text : {"[", "[1", "[1,", "[\"", "[[", "[,]", "[}", "[1}"})
    CHECK(elements_of(text).size() <= 1u);
}

TEST_CASE("a value of 10 MB is stepped over") {
  const auto photo = "\"" + std::string(10'000'000, 'A') + "\"";
  const auto object = "{\"photo\":" + photo + ",\"prompt\":\"p\"}";
  std::vector<std::size_t> sizes;
  for_each_member(object, [&](const json_member& member) { sizes.push_back(member.value_raw.size()); });
  CHECK_EQ(sizes, (std::vector<std::size_t>{photo.size(), 3u}));
}

TEST_CASE("a name is compared without its escapes") {
  const json_member escaped{R"("user\u005femail")", "1"};
  CHECK(is_named(escaped, "user_email"));
  CHECK(!is_named(escaped, "user"));
  CHECK(is_named(json_member{R"("")", "1"}, ""));
  CHECK(!is_named(json_member{R"("ab")", "1"}, "a"));
}

TEST_CASE("unescaping gives the text of every escape") {
  CHECK_EQ(unescape(R"("plain")"), "plain");
  CHECK_EQ(unescape(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  CHECK_EQ(unescape(R"("\u0041\u00e9\u20AC")"), "A\xC3\xA9\xE2\x82\xAC");
  CHECK_EQ(unescape(R"("\ud83c\udf55")"), "\xF0\x9F\x8D\x95");
  CHECK_EQ(unescape(R"("\u0000")"), "\0"s);
  CHECK_EQ(unescape("\"\""), "");
}

TEST_CASE("unescaping what is no valid literal replaces it and stays inside the text") {
  CHECK_EQ(unescape(R"("\ud83c")"), "\xEF\xBF\xBD");
  CHECK_EQ(unescape(R"("\ud83cx")"), "\xEF\xBF\xBDx");
  CHECK_EQ(unescape(R"("\u12")"), "\xEF\xBF\xBD"
                                  "12");
  CHECK_EQ(unescape("\""), "");
  CHECK_EQ(unescape(""), "");
  CHECK_EQ(unescape("\"\\\""), "\\");
}

TEST_CASE("a written literal is valid and gives the same text when read") {
  for (const auto& text : {""s, "plain"s, "quote \" backslash \\ slash / tab \t newline \n bell \a nul \0 end"s,
                           "\xF0\x9F\x8D\x95 caf\xC3\xA9"s, std::string(100, '"'), std::string(1000, 'x') + "\n"}) {
    const auto literal = string_literal(text);
    CHECK(is_valid_json(literal, depth));
    CHECK_EQ(unescape(literal), text);
  }
  CHECK_EQ(string_literal("a\x01\x1F\n\"\\/\x7F"), "\"a\\u0001\\u001f\\n\\\"\\\\/\x7F\"");
}

TEST_CASE("every single byte is escaped exactly when JSON asks for it") {
  for (auto byte = 0; byte < 0x80; ++byte) {
    for (const auto size : {1u, 8u, 9u}) {
      const std::string text(size, static_cast<char>(byte));
      const auto literal = string_literal(text);
      CHECK(is_valid_json(literal, depth));
      CHECK_EQ(has_escapes(literal), byte < 0x20 || byte == '"' || byte == '\\');
    }
  }
}
