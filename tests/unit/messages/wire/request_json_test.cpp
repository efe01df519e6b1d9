#define CAF_SUITE request_json
#include "tests/support/test.hpp"

#include "tests/unit/messages/wire/decode.hpp"

using namespace mp;
using namespace mp::wire_test;
using namespace std::string_literals;

namespace {

const auto photo_text = tiny::to_base64(tiny::jpeg());

std::string names_of(const std::vector<std::pair<std::string, text_slice>>& members) {
  std::string out;
  for (const auto& [name, raw] : members)
    out += name + '=' + std::string{raw.view()} + ';';
  return out;
}

} // namespace

TEST_CASE("a text request carries its question, its sender, its id and its origin") {
  const auto body = R"({"key":"other","value":{"user_email":"a@b.c","prompt":"Hi"}})"s;
  const auto text = asked(decode(body));
  CHECK(text.kind == request_kind::text);
  CHECK_EQ(text.id, "id-1");
  CHECK_EQ(text.user_email, "a@b.c");
  CHECK_EQ(text.prompt_json.view(), "\"Hi\"");
  CHECK(text.from == (origin{3, 2, 17}));
  CHECK(text.photo.empty());
  CHECK(text.body.empty());
  CHECK_EQ(text.bytes, body.size() + 4);
}

TEST_CASE("a photo request carries the photo without quotes and without a copy") {
  const auto body = std::make_shared<const std::string>(with_photo(in_quotes(photo_text)));
  const auto photo = asked(decode_request({}, "k", body, {}, {}));
  CHECK(photo.kind == request_kind::photo);
  CHECK_EQ(photo.photo.view(), photo_text);
  CHECK(photo.photo.view().data() > body->data());
  CHECK(photo.photo.view().data() < body->data() + body->size());
  CHECK_EQ(photo.prompt_json.view(), "\"What?\"");
}

TEST_CASE("the question is the first of prompt, question, text, content and message that is not blank") {
  struct row {
    const char* members;
    const char* prompt;
  };
  for (const auto& [members, prompt] : {
         row{R"("message":"5","content":"4","text":"3","question":"2","prompt":"1")", "\"1\""},
         row{R"("message":"5","content":"4","text":"3","question":"2")", "\"2\""},
         row{R"("message":"5","content":"4","text":"3")", "\"3\""},
         row{R"("message":"5","content":"4")", "\"4\""},
         row{R"("message":"5")", "\"5\""},
         row{R"("prompt":"","question":"2")", "\"2\""},
         row{R"("prompt":null,"question":"2")", "\"2\""},
         row{R"("prompt":" \t\r\n","question":"\u0020\u00a0\u200b\u3000\ufeff","text":"3")", "\"3\""},
         row{"\"prompt\":\"\xC2\xA0\xE2\x80\x89\xE3\x80\x80\",\"message\":\"5\"", "\"5\""},
         row{R"("prompt":"1","question":7)", "\"1\""},
         row{R"("prompt" : "spaced out" )", "\"spaced out\""},
       })
    CHECK_EQ(asked(decode(with(members))).prompt_json.view(), prompt);
}

TEST_CASE("text that only begins blank is a question") {
  for (const auto* prompt :
       {R"(" x")", R"("\n\tx")", R"("\u0020x")", R"("\\")", R"("\"")", R"("0")", "\"\xC3\xA9\"", "\"\xC2\xA1\""})
    CHECK_EQ(asked(decode(with("\"prompt\":"s + prompt))).prompt_json.view(), prompt);
}

TEST_CASE("null and an empty string are no photo") {
  for (const auto* photo : {"null", "\"\""})
    CHECK_EQ(outcome(decode(with_photo(photo))), "text");
}

TEST_CASE("value may be a string that holds the object, with its own escapes") {
  const auto inner =
    R"( {"user_email":"a@b.c","prompt":"Zwei \"Pizzen\" \ud83c\udf55","photo":")" + photo_text + "\"}\n";
  const auto photo = asked(decode(R"({"key":"k","value":)" + string_literal(inner) + "}"));
  CHECK_EQ(photo.user_email, "a@b.c");
  CHECK_EQ(photo.prompt_json.view(), R"("Zwei \"Pizzen\" \ud83c\udf55")");
  CHECK_EQ(photo.photo.view(), photo_text);
}

TEST_CASE("user_email is taken from value, else from beside it") {
  const auto email = [](std::string_view body) { return asked(decode(std::string{body})).user_email; };
  CHECK_EQ(email(R"({"user_email":"out@x","value":{"prompt":"Hi"}})"), "out@x");
  CHECK_EQ(email(R"({"user_email":"out@x","value":{"prompt":"Hi","user_email":"in@x"}})"), "in@x");
  CHECK_EQ(email(R"({"user_email":"out@x","value":{"prompt":"Hi","user_email":" "}})"), "out@x");
  CHECK_EQ(email(R"({"user_email":"out@x","value":{"prompt":"Hi","user_email":7}})"), "out@x");
  CHECK_EQ(email(R"({"user_email":"out@x","value":"{\"prompt\":\"Hi\"}"})"), "out@x");
  CHECK_EQ(email(R"({"value":{"prompt":"Hi","user_email":"m\u00fcller\u0040x"}})"), "m\xC3\xBCller@x");
}

TEST_CASE("of a member that stands twice the last one counts, also when its name is escaped") {
  const auto twice =
    asked(decode(R"({"value":{"prompt":"no"},"value":{"user_email":"1@x","prompt":"first","prompt":"last",)"
                 R"("photo":"no photo","user_ema\u0069l":"2@x","photo":null}})"));
  CHECK(twice.kind == request_kind::text);
  CHECK_EQ(twice.user_email, "2@x");
  CHECK_EQ(twice.prompt_json.view(), "\"last\"");
}

TEST_CASE("the id is the record's key, else the body's key as text") {
  const auto id = [](std::string_view key_json, std::string_view record_key) {
    return asked(decode(R"({"key":)" + std::string{key_json} + R"(,"value":{"user_email":"a","text":"Hi"}})", {}, {},
                        record_key))
      .id;
  };
  CHECK_EQ(id("\"body\"", "record"), "record");
  CHECK_EQ(id("\"body\"", ""), "body");
  CHECK_EQ(id("\"\\u0062ody\"", ""), "body");
  CHECK_EQ(id("12345678901234567890123", ""), "12345678901234567890123");
  for (const auto* none : {"null", "true", "[1]", "{}"})
    CHECK_EQ(id(none, ""), "");
  CHECK_EQ(id("1", "\xFF\xFE raw"), "\xFF\xFE raw");
}

TEST_CASE("system, language, model and task are taken where they have text") {
  const auto full = asked(decode(with(R"("prompt":"Hi","system_prompt":"Be \u0022brief\u0022","system":"no",)"
                                      R"("respond_in_language":"\u010de\u0161tina","model":"m:1","task":"chat")")));
  CHECK_EQ(full.system_json.view(), R"("Be \u0022brief\u0022")");
  CHECK_EQ(full.language, "\xC4\x8D"
                          "e\xC5\xA1tina");
  CHECK_EQ(full.model, "m:1");
  CHECK_EQ(full.task, "chat");
  const auto second = asked(decode(with(R"("prompt":"Hi","system_prompt":" ","system":"yes","model":"","task":null)")));
  CHECK_EQ(second.system_json.view(), "\"yes\"");
  CHECK_EQ(second.model, "");
  CHECK_EQ(second.task, "");
  CHECK_EQ(second.language, "");
}

TEST_CASE("a history keeps role and content as written and nothing else") {
  const auto history = [](std::string_view json) {
    return std::string{asked(decode(with(R"("prompt":"Hi","history":)" + std::string{json}))).history_json.view()};
  };
  CHECK_EQ(history(R"([{"role":"user","content":"a\u0062"} , {"content" : "", "role":"assistant"}])"),
           R"([{"role":"user","content":"a\u0062"},{"role":"assistant","content":""}])");
  CHECK_EQ(history(R"([{"role":"us\u0065r","images":["AAAA"],"Images":["AAAA"],"content":"1","content":"2",)"
                   R"("tool_calls":[{}]}])"),
           R"([{"role":"user","content":"2"}])");
  CHECK_EQ(history("[]"), "");
  CHECK_EQ(history("null"), "");
}

TEST_CASE("a schema is kept as written") {
  const auto schema = R"({"type" : "object", "properties":{"n":{"maximum":1e2}}})"s;
  CHECK_EQ(asked(decode(with(R"("prompt":"Hi","schema":)" + schema))).schema_json.view(), schema);
  CHECK(asked(decode(with(R"("prompt":"Hi","schema":null)"))).schema_json.empty());
}

TEST_CASE("timestamp, date and image_id are passed through in this order, whatever they are") {
  const auto members = R"("image_id":{"a": [1]},"prompt":"Hi","date":null,"timestamp":12345678901234567890123)";
  CHECK_EQ(names_of(asked(decode(with(members))).passed_through),
           R"(timestamp=12345678901234567890123;date=null;image_id={"a": [1]};)");
  CHECK_EQ(names_of(asked(decode(with(R"("prompt":"Hi")"))).passed_through), "");
}

TEST_CASE("trace and correlation headers are kept as they are, others are not") {
  const std::vector<name_and_text> headers{
    {"traceparent", "00-ab-cd-01"}, {"x", "y"},        {"tracestate", "a=1"},
    {"tracestate", "b=2"},          {"attempt", "7"},  {"correlation-id", "\xFF\0"s},
    {"Traceparent", "other name"},  {"deadline", "99"}};
  const auto text = asked(decode(with(R"("prompt":"Hi")"), {}, headers));
  const std::vector<name_and_text> kept{
    {"traceparent", "00-ab-cd-01"}, {"tracestate", "a=1"}, {"tracestate", "b=2"}, {"correlation-id", "\xFF\0"s}};
  CHECK(text.headers == kept);
  CHECK(text.deadline_ms == 99);
}

TEST_CASE("the deadline is a whole number of milliseconds, of several headers the last") {
  const auto deadline = [](std::vector<name_and_text> headers) {
    return asked(decode(with(R"("prompt":"Hi")"), {}, std::move(headers))).deadline_ms;
  };
  CHECK(!deadline({}));
  CHECK(deadline({{"deadline", "1732356420123"}}) == 1732356420123);
  CHECK(deadline({{"deadline", "1"}, {"deadline", "-5"}}) == -5);
}

TEST_CASE("a record's size counts key, body and headers, and may be exactly what is allowed") {
  const auto body = with(R"("prompt":"Hi")");
  const std::vector<name_and_text> headers{{"name", "text"}};
  decode_options options;
  options.bytes_max = body.size() + 4 + 8;
  CHECK_EQ(asked(decode(body, options, headers)).bytes, options.bytes_max);
  --options.bytes_max;
  CHECK_EQ(outcome(decode(body, options, headers)), "request_too_large");
}

TEST_CASE("the record is kept whole where dead letters carry it") {
  decode_options options;
  options.keep_body = true;
  const auto body = " " + with(R"("prompt":"Hi")");
  CHECK_EQ(asked(decode(body, options)).body.view(), body);
  CHECK_EQ(refused(decode("{", options)).body.view(), "{");
  CHECK(refused(decode("{")).body.empty());
}

TEST_CASE("only the expected user is answered, and others are skipped whatever they ask") {
  decode_options options;
  options.expected_user_email = "a@b.c";
  CHECK_EQ(outcome(decode(with(R"("prompt":"Hi")"), options)), "text");
  options.expected_user_email = "A@b.c";
  for (const auto* members : {R"("prompt":"Hi")", R"("prompt":"")", R"("prompt":7)", R"("prompt":"Hi","photo":"!")"})
    CHECK_EQ(outcome(decode(with(members), options)), "skipped");
  const auto skipped = std::get<skipped_record>(decode(with(R"("prompt":"Hi")"), options));
  CHECK(skipped.from == (origin{3, 2, 17}));
  CHECK_EQ(skipped.bytes, with(R"("prompt":"Hi")").size() + 4);
  CHECK_EQ(outcome(decode(R"({"value":{"prompt":"Hi"}})", options)), "no_user_email");
  CHECK_EQ(outcome(decode("{", options)), "not_json");
}

TEST_CASE("a byte order mark and white space around the body are passed over") {
  CHECK_EQ(outcome(decode("\xEF\xBB\xBF" + with(R"("prompt":"Hi")"))), "text");
  CHECK_EQ(outcome(decode(" \r\n\t" + with(R"("prompt":"Hi")") + "\n ")), "text");
}

TEST_CASE("members with very long names and values are passed over") {
  CHECK_EQ(outcome(decode(with("\"" + std::string(1'000'000, 'k') + R"(":1,"x":")" + std::string(1'000'000, 'v')
                               + R"(","prompt":"Hi")"))),
           "text");
}

TEST_CASE("a photo's base64 comes in many writings and leaves in the standard one") {
  const auto photo_of = [](std::string_view json) { return std::string{asked(decode(with_photo(json))).photo.view()}; };
  const auto bytes = tiny::gif(1, 1, "\x21\xFE\4\xFB\xFF\xBF\xFE\0"s); // its base64 has + and /, and ends with ==
  const auto text = tiny::to_base64(bytes);
  CHECK(text.find('/') != std::string::npos);
  CHECK(text.ends_with('='));
  CHECK(text.find('+') != std::string::npos);
  const auto replaced = [&](char what, std::string_view with_what) {
    std::string out;
    for (const auto c : text)
      out += c == what ? std::string{with_what} : std::string(1, c);
    return out;
  };
  CHECK_EQ(photo_of(in_quotes(text)), text);
  CHECK_EQ(photo_of(in_quotes("data:image/gif;base64," + text)), text);
  CHECK_EQ(photo_of(in_quotes("DATA:image/gif;name=a;Base64," + text)), text);
  CHECK_EQ(photo_of(in_quotes("data:;base64," + text)), text);
  CHECK_EQ(photo_of(in_quotes(replaced('/', "\\/"))), text);
  CHECK_EQ(photo_of(in_quotes("data:image\\/gif;base64," + replaced('/', "\\/"))), text);
  CHECK_EQ(photo_of(in_quotes(replaced('/', "\\u002f"))), text);
  CHECK_EQ(photo_of(in_quotes(replaced('/', "_"))), text);
  CHECK_EQ(photo_of(in_quotes(replaced('+', "-"))), text);
  CHECK_EQ(photo_of(in_quotes(text.substr(0, 20) + "\\n" + text.substr(20) + "\\r\\n")), text);
  CHECK_EQ(photo_of(in_quotes(text.substr(0, text.find('=')))), text);
}

TEST_CASE("blanks around a photo and every writing of a data: URL have one reading, which is taken") {
  const auto photo_of = [](std::string_view json) { return std::string{asked(decode(with_photo(json))).photo.view()}; };
  const auto& text = photo_text;
  for (const std::string blank :
       {" ", "\\n", "\\r\\n", "\\t", " \\n ", "\xEF\xBB\xBF", "\\ufeff", "\xC2\xA0", "\\u2003", "\\u200b"}) {
    CHECK_EQ(photo_of(in_quotes(blank + text)), text);
    CHECK_EQ(photo_of(in_quotes(text + blank)), text);
    CHECK_EQ(photo_of(in_quotes("data:image/jpeg;base64," + blank + text)), text);
    CHECK_EQ(photo_of(in_quotes(blank + "data:image/jpeg;base64," + blank + text + blank)), text);
  }
  for (const auto* head : {"data:image/jpeg;charset=utf-8;base64,", "DATA:IMAGE/JPEG;BASE64,", "data:image;base64,",
                           "Data:;Base64,", "data:application/octet-stream;base64,", "data: image/jpeg; base64 , ",
                           "data:image/jpeg ;base64,", "data:image/jpeg;name=\\\"a,b\\\";base64,"})
    CHECK_EQ(photo_of(in_quotes(head + text)), text);
  auto longer = tiny::jpeg();
  while (!tiny::to_base64(longer).ends_with("="))
    longer += 'x';
  const auto padded = tiny::to_base64(longer);
  CHECK_EQ(photo_of(in_quotes("data:image/jpeg;base64,\\n" + padded.substr(0, padded.find('=')) + "\\n")), padded);
}

TEST_CASE("percent escapes are read in a data: URL, where they may stand") {
  auto escaped = photo_text;
  for (const auto& [sign, escape] :
       std::vector<std::pair<std::string, std::string>>{{"/", "%2f"}, {"+", "%2B"}, {"=", "%3D"}})
    for (auto at = escaped.find(sign); at != std::string::npos; at = escaped.find(sign))
      escaped.replace(at, 1, escape);
  REQUIRE(escaped != photo_text);
  CHECK_EQ(asked(decode(with_photo(in_quotes("data:image/jpeg;base64,%20" + escaped + "%0A")))).photo.view(),
           photo_text);
  CHECK_EQ(outcome(decode(with_photo(in_quotes(escaped)))), "photo_not_base64");
  CHECK_EQ(outcome(decode(with_photo(in_quotes("data:image/jpeg;base64," + escaped + "%")))), "photo_not_base64");
}

TEST_CASE("names of models and tasks longer than any setting's are passed over") {
  const auto of = [](std::string_view member, std::size_t size) {
    return asked(decode(with("\"prompt\":\"Hi\",\"" + std::string{member} + "\":\"" + std::string(size, 'm') + '"')));
  };
  CHECK_EQ(of("model", 255).model.size(), 255u);
  CHECK_EQ(of("task", 255).task.size(), 255u);
  for (const std::size_t size : {256u, 1'533u, 4'000'000u}) {
    CHECK_EQ(of("model", size).model, "");
    CHECK_EQ(of("task", size).task, "");
  }
  std::string escaped;
  for (int i = 0; i < 255; ++i)
    escaped += "\\u006d";
  CHECK_EQ(asked(decode(with("\"prompt\":\"Hi\",\"model\":\"" + escaped + '"'))).model, std::string(255, 'm'));
}

TEST_CASE("a photo in a buffer of its own does not keep the record alive") {
  auto escaped = photo_text;
  escaped.insert(escaped.find('/'), "\\");
  const auto body = std::make_shared<const std::string>(
    with(R"("prompt":"What?","system":"S","schema":{},"timestamp":1,"photo":)" + in_quotes(escaped)));
  const auto photo = asked(decode_request({}, "k", body, {}, {}));
  CHECK_EQ(body.use_count(), 1);
  CHECK_EQ(photo.photo.view(), photo_text);
  CHECK_EQ(photo.prompt_json.view(), "\"What?\"");
  CHECK_EQ(photo.system_json.view(), "\"S\"");
  CHECK_EQ(photo.schema_json.view(), "{}");
  CHECK_EQ(names_of(photo.passed_through), "timestamp=1;");
  CHECK(photo.history_json.empty());
}

TEST_CASE("kind and size of a photo are found once and come with its request, those of a text do not exist") {
  const auto picture_of = [](const std::string& bytes) {
    decode_options options;
    options.webp_allowed = true;
    return asked(decode(with_photo(in_quotes(tiny::to_base64(bytes))), options)).picture;
  };
  CHECK(picture_of(tiny::jpeg(16, 8)) == photo::photo_facts({photo::image_kind::jpeg, 16, 8, false}));
  CHECK(picture_of(tiny::png(3, 4)) == photo::photo_facts({photo::image_kind::png, 3, 4, false}));
  CHECK(picture_of(tiny::gif(7, 5)) == photo::photo_facts({photo::image_kind::gif, 7, 5, false}));
  CHECK(picture_of(tiny::bmp(3, 2)) == photo::photo_facts({photo::image_kind::bmp, 3, 2, false}));
  CHECK(picture_of(tiny::webp_lossless(2, 9)) == photo::photo_facts({photo::image_kind::webp, 2, 9, false}));
  CHECK(!asked(decode(with(R"("prompt":"Hi")"))).picture);
}

TEST_CASE("the limits for photos are handed on") {
  decode_options options;
  options.photo_pixels_max = 63;
  CHECK_EQ(outcome(decode(with_photo(in_quotes(photo_text)), options)), "photo_too_large");
  options.photo_pixels_max = 64;
  CHECK_EQ(outcome(decode(with_photo(in_quotes(photo_text)), options)), "photo");
  const auto webp = in_quotes(tiny::to_base64(tiny::webp_lossless(2, 2)));
  CHECK_EQ(outcome(decode(with_photo(webp), options)), "photo_unreadable");
  options.webp_allowed = true;
  CHECK_EQ(outcome(decode(with_photo(webp), options)), "photo");
}
