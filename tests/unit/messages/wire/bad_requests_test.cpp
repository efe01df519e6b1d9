#define CAF_SUITE bad_requests
#include "tests/support/test.hpp"

#include "tests/unit/messages/wire/decode.hpp"

#include <random>

using namespace mp;
using namespace mp::wire_test;
using namespace std::string_literals;

namespace {

const auto photo_text = tiny::to_base64(tiny::jpeg());

struct row {
  const char* what;
  std::string body;
};

void check_all(std::string_view expected, const std::vector<row>& rows) {
  for (const auto& [what, body] : rows)
    CHECK_EQ(std::string{what} + ": " + outcome(decode(body)), std::string{what} + ": " + std::string{expected});
}

std::string nested(std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

} // namespace

TEST_CASE("what is not one JSON value is not_json") {
  check_all("not_json", {
                          {"nothing", ""},
                          {"white space", " \n"},
                          {"a byte order mark alone", "\xEF\xBB\xBF"},
                          {"text", "hello"},
                          {"cut in a string", R"({"key":"k","value":{"user_email":"a)"},
                          {"cut before the end", R"({"key":"k","value":{}")"},
                          {"two values", with(R"("prompt":"Hi")") + with(R"("prompt":"Hi")")},
                          {"text behind", with(R"("prompt":"Hi")") + "x"},
                          {"single quotes", "{'key':'k'}"},
                          {"comma at the end", with(R"("prompt":"Hi",)")},
                          {"a comment", "/* */" + with(R"("prompt":"Hi")")},
                          {"NaN", with(R"("prompt":"Hi","timestamp":NaN)")},
                          {"a raw line break in a string", with("\"prompt\":\"a\nb\"")},
                          {"a zero byte", with("\"prompt\":\"a\0b\""s)},
                          {"half a surrogate pair", with(R"("prompt":"\ud83d")")},
                          {"a value string that is no JSON", R"({"user_email":"a","value":"hello"})"},
                          {"an empty value string", R"({"user_email":"a","value":""})"},
                          {"a value string with two values", R"({"user_email":"a","value":"{}{}"})"},
                        });
}

TEST_CASE("a record without payload is not_json") {
  CHECK_EQ(outcome(decode_request({}, "k", nullptr, {}, {})), "not_json");
}

TEST_CASE("nesting is allowed to a depth of 64 and no attack beyond it") {
  CHECK_EQ(outcome(decode(with(R"("prompt":"Hi","x":)" + nested(request_depth_max - 2)))), "text");
  CHECK_EQ(outcome(decode(with(R"("prompt":"Hi","x":)" + nested(request_depth_max - 1)))), "not_json");
  CHECK_EQ(outcome(decode(nested(10'000))), "not_json");
  CHECK_EQ(outcome(decode(std::string(5'000'000, '['))), "not_json");
  CHECK_EQ(outcome(decode(R"({"user_email":"a","value":)" + in_quotes(nested(10'000)) + "}")), "not_json");
}

TEST_CASE("what is not UTF-8 is not_utf8") {
  check_all("not_utf8", {
                          {"a stray byte", with("\"prompt\":\"a\xFF\"")},
                          {"a cut character", with("\"prompt\":\"a\xC3\"")},
                          {"an overlong slash", with("\"prompt\":\"\xC0\xAF\"")},
                          {"a surrogate in UTF-8", with("\"prompt\":\"\xED\xA0\x80\"")},
                          {"Latin-1 outside of strings", "{\xE9}"},
                          {"UTF-16", "\xFF\xFE{\0}\0"s},
                          {"a JPEG", tiny::jpeg()},
                        });
}

TEST_CASE("what is JSON but no object with an object as value is not_an_object") {
  check_all("not_an_object", {
                               {"an array", "[" + with(R"("prompt":"Hi")") + "]"},
                               {"a number", "42"},
                               {"null", "null"},
                               {"a string", string_literal(with(R"("prompt":"Hi")"))},
                               {"no value", R"({"user_email":"a","prompt":"Hi"})"},
                               {"null as value", R"({"user_email":"a","value":null})"},
                               {"an array as value", R"({"user_email":"a","value":[{"prompt":"Hi"}]})"},
                               {"a number as value", R"({"user_email":"a","value":1})"},
                               {"a value string that holds an array", R"({"user_email":"a","value":"[]"})"},
                               {"a value string that holds a string", R"({"user_email":"a","value":"\"{}\""})"},
                             });
}

TEST_CASE("what names nobody is no_user_email") {
  check_all("no_user_email", {
                               {"none", R"({"value":{"prompt":"Hi"}})"},
                               {"empty", R"({"value":{"prompt":"Hi","user_email":""}})"},
                               {"blank", R"({"value":{"prompt":"Hi","user_email":" \u00a0"}})"},
                               {"null", R"({"value":{"prompt":"Hi","user_email":null}})"},
                               {"a number", R"({"user_email":1,"value":{"prompt":"Hi","user_email":2}})"},
                               {"another case", R"({"value":{"prompt":"Hi","User_Email":"a@b.c"}})"},
                               {"too deep", R"({"value":{"prompt":"Hi","x":{"user_email":"a@b.c"}}})"},
                             });
}

TEST_CASE("known members of the wrong type are invalid_request") {
  const auto history = [](std::string_view json) { return with(R"("prompt":"Hi","history":)" + std::string{json}); };
  check_all("invalid_request",
            {
              {"prompt", with(R"("prompt":7)")},
              {"prompt before a question", with(R"("prompt":{},"question":"Hi")")},
              {"question", with(R"("question":["Hi"])")},
              {"message", with(R"("message":{"content":"Hi"})")},
              {"photo number", with_photo("7")},
              {"photo list", with_photo("[" + in_quotes(photo_text) + "]")},
              {"photo false", with_photo("false")},
              {"photo without a prompt", with(R"("photo":7)")},
              {"prompt of a photo", with(R"("prompt":7,"photo":)" + in_quotes(photo_text))},
              {"system_prompt", with(R"("prompt":"Hi","system_prompt":true)")},
              {"system", with(R"("prompt":"Hi","system":{})")},
              {"language", with(R"("prompt":"Hi","respond_in_language":["de"])")},
              {"model", with(R"("prompt":"Hi","model":1)")},
              {"task", with(R"("prompt":"Hi","task":{})")},
              {"schema string", with(R"("prompt":"Hi","schema":"json")")},
              {"schema true", with(R"("prompt":"Hi","schema":true)")},
              {"schema list", with(R"("prompt":"Hi","schema":[])")},
              {"history object", history("{}")},
              {"history string", history(R"("user: Hi")")},
              {"turn string", history(R"(["Hi"])")},
              {"turn without role", history(R"([{"content":"Hi"}])")},
              {"turn without content", history(R"([{"role":"user"}])")},
              {"turn with content list", history(R"([{"role":"user","content":[]}])")},
              {"turn with content null", history(R"([{"role":"user","content":null}])")},
              {"turn with role number", history(R"([{"role":1,"content":"Hi"}])")},
              {"turn of an unknown role", history(R"([{"role":"user","content":"Hi"},{"role":"bot","content":"Hi"}])")},
            });
}

TEST_CASE("a deadline that is no whole number is invalid_request") {
  for (const auto* deadline :
       {"", "soon", "12.5", " 12", "12 ", "+12", "0x12", "99999999999999999999", "2026-11-23T10:00:00Z"})
    CHECK_EQ(outcome(decode(with(R"("prompt":"Hi")"), {}, {{"deadline", deadline}})), "invalid_request");
}

TEST_CASE("a request without a text to answer is no_question") {
  check_all("no_question",
            {
              {"no member", with(R"("x":1)")},
              {"empty prompt", with(R"("prompt":"")")},
              {"blank prompt", with(R"("prompt":" \n\t\u3000")")},
              {"all blank", with(R"("prompt":"","question":" ","text":null,"content":"\n","message":"")")},
              {"empty photo and no text", with(R"("photo":"")")},
              {"photo without prompt", with(R"("photo":)" + in_quotes(photo_text))},
              {"photo with blank prompt", with(R"("prompt":" ","photo":)" + in_quotes(photo_text))},
              {"photo with a question but no prompt", with(R"("question":"What?","photo":)" + in_quotes(photo_text))},
              {"broken photo without prompt", with(R"("photo":"!")")},
            });
}

TEST_CASE("a photo that is not base64 is photo_not_base64") {
  check_all(
    "photo_not_base64",
    {
      {"text", with_photo(R"("this is no photo!")")},
      {"a word that only lacks padding", with_photo(R"("hello")")},
      {"an address", with_photo(R"("https://example.com/pizza.jpg")")},
      {"blank", with_photo(R"("  ")")},
      {"a line break", with_photo(R"("\n")")},
      {"one letter too many", with_photo(in_quotes(photo_text + "A"))},
      {"a space inside", with_photo(in_quotes(photo_text.substr(0, 8) + " " + photo_text.substr(8)))},
      {"hidden zero", with_photo(in_quotes(photo_text + "\\u0000"))},
      {"spaces behind that may be a plus each",
       with_photo(in_quotes(photo_text.substr(0, photo_text.size() - 2) + "  "))},
      {"a control character in front", with_photo(in_quotes("\\u0001" + photo_text))},
      {"data: with base64 among the parameters", with_photo(in_quotes("data:image/jpeg;base64;name=a," + photo_text))},
      {"data: with another word", with_photo(in_quotes("data:image/jpeg;notbase64," + photo_text))},
      {"data: without base64", with_photo(in_quotes("data:image/jpeg," + photo_text))},
      {"data: of the shortest", with_photo(R"("data:,AAAA")")},
      {"data: without comma", with_photo(in_quotes("data:image/jpeg;base64" + photo_text))},
      {"data: twice", with_photo(in_quotes("data:a;base64,data:a;base64," + photo_text))},
      {"data: with a long type", with_photo(in_quotes("data:" + std::string(300, 'x') + ";base64," + photo_text))},
    });
}

TEST_CASE("a photo that is no image is photo_unreadable, one that is cut is photo_truncated") {
  const auto bytes = tiny::jpeg();
  check_all("photo_unreadable",
            {
              {"text in base64", with_photo(in_quotes(tiny::to_base64("hello, this is plain text")))},
              {"text in base64 with escapes", with_photo(R"("\u0041AAA")")},
              {"an empty data: address", with_photo(R"("data:image/png;base64,")")},
              {"WebP", with_photo(in_quotes(tiny::to_base64(tiny::webp_lossless(2, 2))))},
            });
  check_all("photo_truncated",
            {
              {"half a JPEG", with_photo(in_quotes(tiny::to_base64(bytes.substr(0, bytes.size() / 2))))},
              {"a PNG's header", with_photo(in_quotes(tiny::to_base64(tiny::png().substr(0, 33))))},
            });
}

TEST_CASE("a record that is too large is not looked at") {
  decode_options options;
  options.bytes_max = 100;
  const auto bad = refused(decode(std::string(12 << 20, '{'), options, {{"correlation-id", "c"}}));
  CHECK(bad.why == fault::request_too_large);
  CHECK_EQ(bad.id, "id-1");
  CHECK_EQ(bad.bytes, (12u << 20) + 4 + 15);
  CHECK_EQ(bad.headers.size(), 1u);
}

TEST_CASE("a refused request carries what its error reply needs, and not its photo") {
  const auto body = std::make_shared<const std::string>(
    R"({"key":42,"value":{"user_email":"a@b.c","prompt":"What?","model":"llava","timestamp":1.10,"photo":"%%%"}})");
  const auto bad = refused(decode_request(origin{1, 2, 3}, "", body, {{"traceparent", "t"}, {"x", "y"}}, {}));
  CHECK(bad.why == fault::photo_not_base64);
  CHECK(bad.kind == request_kind::photo);
  CHECK(bad.from == (origin{1, 2, 3}));
  CHECK_EQ(bad.id, "42");
  CHECK_EQ(bad.user_email, "a@b.c");
  CHECK_EQ(bad.model, "llava");
  CHECK_EQ(bad.passed_through.at(0).first, "timestamp");
  CHECK_EQ(bad.passed_through.at(0).second.view(), "1.10");
  CHECK_EQ(bad.headers.at(0).first, "traceparent");
  CHECK_EQ(bad.headers.size(), 1u);
  CHECK_EQ(body.use_count(), 1);
}

TEST_CASE("a refused request whose deadline is wrong still names its model") {
  CHECK_EQ(refused(decode(with(R"("prompt":"Hi","model":"m","task":7)"), {}, {{"deadline", "x"}})).model, "m");
}

TEST_CASE("a dead letter's record names nobody") {
  CHECK_EQ(refused(decode(R"({"user_email":"a@b.c","value":7})")).user_email, "");
  CHECK_EQ(refused(decode(R"({"value":{"prompt":"Hi"}})")).user_email, "");
}

TEST_CASE(
  "requests with bytes changed, cut or doubled at random end in a result, and what is accepted can be spliced") {
  const std::vector<std::string> seeds{
    with_photo(in_quotes(photo_text)),
    with(R"("prompt":"Hi","history":[{"role":"user","content":"a"}],"schema":{"a":[1,2]},)"
         R"("timestamp":1.10,"system":"s")"),
    R"({"key":"k","value":)"
      + string_literal(R"({"user_email":"a","prompt":"\u00e9","photo":"data:image\/png;base64,)"
                       + tiny::to_base64(tiny::png()) + "\"}")
      + "}",
  };
  std::mt19937 random{42};
  const auto some_byte = [&] { return random() % 2 ? "\"\\{}[]:,u0/ \n"[random() % 13] : static_cast<char>(random()); };
  std::size_t accepted = 0;
  for (int round = 0; round < 30'000; ++round) {
    auto body = seeds[random() % seeds.size()];
    for (auto changes = random() % 4; changes > 0; --changes) {
      const auto at = random() % body.size();
      switch (random() % 4) {
        case 0: body[at] = some_byte(); break;
        case 1: body.insert(at, 1, some_byte()); break;
        case 2: body.erase(at, random() % 8); break;
        default: body.insert(at, body.substr(random() % body.size(), random() % 30));
      }
      if (body.empty())
        body = "x";
    }
    const auto result = decode(body);
    const auto* found = std::get_if<request>(&result);
    if (!found)
      continue;
    ++accepted;
    if (!is_valid_json(found->prompt_json.view(), 64) || found->user_email.empty())
      CAF_FAIL("accepted: " << body);
    for (const auto* json : {&found->system_json, &found->history_json, &found->schema_json})
      if (!json->empty() && !is_valid_json(json->view(), 64))
        CAF_FAIL("accepted: " << body);
    if (!is_valid_json(in_quotes(found->photo.view()), 64))
      CAF_FAIL("accepted: " << body);
  }
  CHECK(accepted > 1'000);
}

TEST_CASE("a schema that is too long is invalid_request, whatever stands in it") {
  const auto of_size = [](std::size_t size) {
    return outcome(decode(with(R"("prompt":"Hi","schema":{"title":")" + std::string(size - 12, 't') + "\"}")));
  };
  CHECK_EQ(of_size(request_schema_bytes_max), "text");
  CHECK_EQ(of_size(request_schema_bytes_max + 1), "invalid_request");
  CHECK_EQ(of_size(4'000'000), "invalid_request");
  CHECK_EQ(outcome(decode(with(R"("prompt":"Hi","schema":null)"))), "text");
}

TEST_CASE("a record that is larger than what was copied of it is too large, whatever was copied") {
  decode_options limit;
  limit.bytes_max = 1000;
  const auto nothing = std::make_shared<const std::string>();
  const auto bad = refused(decode_request(origin{}, "id-1", nothing, {{"traceparent", "00-1"}}, limit, 1001));
  CHECK(bad.why == fault::request_too_large);
  CHECK_EQ(bad.bytes, 1001u);
  CHECK_EQ(bad.id, "id-1");
  CHECK_EQ(bad.headers.size(), 1u);
  const auto body = std::make_shared<const std::string>(R"({"value":{"user_email":"a@b","prompt":"x"}})");
  CHECK_EQ(asked(decode_request(origin{}, "id-1", body, {}, limit, 900)).bytes, 900u);
}

TEST_CASE("a repeated header above its limit is left out") {
  for (const auto& [name, most] : {std::pair{"traceparent", 128}, {"tracestate", 512}, {"correlation-id", 512}}) {
    const auto whole = std::string(static_cast<std::size_t>(most), 'h');
    CHECK_EQ(asked(decode(R"({"value":{"user_email":"a@b","prompt":"x"}})", {}, {{name, whole}})).headers.size(), 1u);
    CHECK(asked(decode(R"({"value":{"user_email":"a@b","prompt":"x"}})", {}, {{name, whole + "h"}})).headers.empty());
  }
}
