#define CAF_SUITE reply_json
#include "tests/support/test.hpp"

#include "messages/json/json_text.hpp"
#include "messages/wire/reply_json.hpp"
#include "tests/unit/messages/wire/ended.hpp"

using namespace mp;
using namespace mp::wire_test;
using namespace std::string_literals;
using namespace std::chrono_literals;

namespace {

request sample(request_kind kind = request_kind::text) {
  request asked;
  asked.from = origin{4, 1, 123'456};
  asked.id = "id-1";
  asked.kind = kind;
  asked.user_email = "a@b.c";
  asked.model = "asked";
  asked.passed_through = {{"timestamp", text_slice{"1.10"s}}, {"date", text_slice{"\"d\""s}}};
  asked.headers = {{"traceparent", "00-ab"}, {"correlation-id", "c"}};
  return asked;
}

bad_record bad_sample(request_kind kind, fault why) {
  bad_record bad;
  bad.from = origin{4, 1, 7};
  bad.id = "id-2";
  bad.kind = kind;
  bad.user_email = "a@b.c";
  bad.model = "asked";
  bad.why = why;
  bad.passed_through = {{"image_id", text_slice{"5"s}}};
  bad.headers = {{"tracestate", "s"}};
  return bad;
}

const reply_facts facts{2, "llava:latest", "http://host:1", 1234ms, "stop", ""};

std::string listed(const std::vector<name_and_text>& headers) {
  std::string out;
  for (const auto& [name, text] : headers)
    out += name + '=' + text + ';';
  return out;
}

std::string text_body(std::string_view answer, std::string_view object) {
  return text_reply(sample(), answer, object, facts).body;
}

} // namespace

TEST_CASE("a photo's reply holds the analysis as a string, then what is passed through") {
  const auto reply = photo_reply(sample(request_kind::photo),
                                 R"({"dish":"Pizza \"X\"","kcal":12.0,"n":12345678901234567890123})", facts);
  CHECK(reply.to == destination::photo_reply);
  CHECK_EQ(reply.key, "id-1");
  CHECK_EQ(reply.body, R"({"key":"id-1","value":{"user_email":"a@b.c",)"
                       R"("analysis":"{\"dish\":\"Pizza \\\"X\\\"\",\"kcal\":12.0,\"n\":12345678901234567890123}",)"
                       R"("timestamp":1.10,"date":"d"}})");
}

TEST_CASE("a text's reply repeats the text as analysis where it is no object") {
  CHECK_EQ(text_body("Hi \"you\"\n", ""),
           R"({"key":"id-1","value":{"user_email":"a@b.c","response":"Hi \"you\"\n",)"
           R"("model":"llava:latest","analysis":"Hi \"you\"\n","timestamp":1.10,"date":"d"}})");
  CHECK_EQ(text_body("[1]", "[1]"), R"({"key":"id-1","value":{"user_email":"a@b.c","response":"[1]",)"
                                    R"("model":"llava:latest","analysis":"[1]","timestamp":1.10,"date":"d"}})");
  CHECK(text_reply(sample(), "Hi", "", facts).to == destination::text_reply);
}

TEST_CASE("an object's members are merged as the model wrote them") {
  CHECK_EQ(
    text_body("x", R"({"b":1e400,"a":{"z":[-0.0,1.10]},"\u00e9":"\ud83c\udf55","analysis":"mine"})"),
    R"({"key":"id-1","value":{"user_email":"a@b.c","response":"x","model":"llava:latest",)"
    R"("b":1e400,"a":{"z":[-0.0,1.10]},"\u00e9":"\ud83c\udf55","analysis":"mine","timestamp":1.10,"date":"d"}})");
  CHECK_EQ(text_body("{}", "{}"),
           R"({"key":"id-1","value":{"user_email":"a@b.c","response":"{}","model":"llava:latest",)"
           R"("timestamp":1.10,"date":"d"}})");
}

TEST_CASE("an answer's members never take the place of ours, whatever their names are written like") {
  CHECK_EQ(text_body("x", R"({"user_email":1,"response":2,"model":3,"error":4,"timestamp":5,"date":6,)"
                          R"("user\u005femail":7,"\u0065rror":8,"image_id":9,"Model":10})"),
           R"({"key":"id-1","value":{"user_email":"a@b.c","response":"x","model":"llava:latest",)"
           R"("Model":10,"timestamp":1.10,"date":"d"}})");
}

TEST_CASE("an answer's members never mean something of the service, also where the request has nothing of that name") {
  auto asked = sample();
  asked.passed_through.clear();
  const auto body =
    text_reply(asked, "x",
               R"({"retry_after_ms":1,"key":2,"value":{"a":3},"__proto__":{"b":4},"timestamp":5,"date":6,)"
               R"("image_id":7,"\u005f_proto__":8,"retry\u005fafter_ms":9,"k\u0065y":10,"keys":11})",
               facts)
      .body;
  CHECK_EQ(body, R"({"key":"id-1","value":{"user_email":"a@b.c","response":"x","model":"llava:latest","keys":11}})");
}

TEST_CASE("of an answer's member that stands twice the last one counts, at the first one's place") {
  CHECK_EQ(text_body("x", R"({"a":1,"b":2,"\u0061":3})"),
           R"({"key":"id-1","value":{"user_email":"a@b.c","response":"x","model":"llava:latest",)"
           R"("a":3,"b":2,"timestamp":1.10,"date":"d"}})");
}

TEST_CASE("an answer of very many members is merged in time") {
  std::string object = "{";
  for (int i = 0; i < 200'000; ++i)
    object += (i > 0 ? ",\"" : "\"") + std::to_string(i % 150'000) + "\":" + std::to_string(i);
  object += '}';
  const auto body = text_body("x", object);
  CHECK(is_valid_json(body, 8));
  CHECK(body.find("\"0\":150000,") != std::string::npos);
  CHECK(body.find("\"0\":0,") == std::string::npos);
}

TEST_CASE("replies say in headers how they came about, then repeat those of the request") {
  CHECK_EQ(listed(photo_reply(sample(), "{}", facts).headers),
           "attempt=2;model=llava:latest;host=http://"
           "host:1;duration-ms=1234;finish=stop;traceparent=00-ab;correlation-id=c;");
  auto mended = facts;
  mended.finish = "repaired";
  mended.mends = "quotes,commas";
  CHECK_EQ(listed(text_reply(sample(), "x", "", mended).headers),
           "attempt=2;model=llava:latest;host=http://host:1;duration-ms=1234;finish=repaired;repairs=quotes,commas;"
           "traceparent=00-ab;correlation-id=c;");
  CHECK_EQ(listed(error_reply(ended(sample(), fault::expired), {}).headers),
           "attempt=0;duration-ms=0;traceparent=00-ab;correlation-id=c;");
}

TEST_CASE("a photo's error reply is an analysis that holds the error") {
  const auto reply = error_reply(ended(sample(request_kind::photo), fault::answer_empty), facts);
  CHECK(reply.to == destination::photo_reply);
  CHECK_EQ(reply.key, "id-1");
  CHECK_EQ(
    reply.body,
    R"({"key":"id-1","value":{"user_email":"a@b.c",)"
    R"("analysis":"{\"error\":\"answer_empty: the model gave an empty answer\"}","timestamp":1.10,"date":"d"}})");
}

TEST_CASE("a text's error reply has code and message, and the model that was asked") {
  const auto reply = error_reply(ended(sample(), fault::expired), {});
  CHECK(reply.to == destination::text_reply);
  CHECK_EQ(
    reply.body,
    R"({"key":"id-1","value":{"user_email":"a@b.c","error":{"code":"expired",)"
    R"("message":"the request's deadline has passed"},"response":"","model":"asked","timestamp":1.10,"date":"d"}})");
  CHECK(error_reply(ended(sample(), fault::expired), facts).body.find(R"("model":"llava:latest")")
        != std::string::npos);
}

TEST_CASE("a bad record gets the error reply of its kind") {
  const auto photo = error_reply(bad_sample(request_kind::photo, fault::photo_truncated), {});
  CHECK(photo.to == destination::photo_reply);
  CHECK_EQ(photo.body, R"({"key":"id-2","value":{"user_email":"a@b.c",)"
                       R"("analysis":"{\"error\":\"photo_truncated: the photo ends too early\"}","image_id":5}})");
  CHECK_EQ(listed(photo.headers), "attempt=0;duration-ms=0;tracestate=s;");
  const auto text = error_reply(bad_sample(request_kind::text, fault::no_question), {});
  CHECK(text.to == destination::text_reply);
  CHECK(
    text.body.starts_with(R"({"key":"id-2","value":{"user_email":"a@b.c","error":{"code":"no_question","message":")"));
  CHECK(text.body.ends_with(R"("response":"","model":"asked","image_id":5}})"));
}

TEST_CASE("every fault makes valid error replies of both kinds and a dead letter") {
  for (const auto& each : faults()) {
    for (const auto kind : {request_kind::text, request_kind::photo})
      CHECK(is_valid_json(error_reply(ended(sample(kind), each.kind), facts).body, 8));
    const auto letter = dead_letter(ended(sample(), each.kind), {});
    CHECK_EQ(letter.headers.at(0).second, each.code);
    CHECK(!letter.headers.at(1).second.empty());
  }
}

TEST_CASE("a dead letter says what, why and where, and has no payload of its own") {
  const auto letter = dead_letter(ended(sample(), fault::runner_died),
                                  {3, "eater-send-photo", std::chrono::system_clock::time_point{1732356420125ms}});
  CHECK(letter.to == destination::dead_letter);
  CHECK_EQ(letter.key, "id-1");
  CHECK_EQ(letter.body, "");
  CHECK_EQ(
    listed(letter.headers),
    "reason=runner_died;class=retry;attempts=3;source-topic=eater-send-photo;source-partition=4;source-offset=123456;"
    "timestamp=2024-11-23T10:07:00.125Z;traceparent=00-ab;correlation-id=c;");
}

TEST_CASE("a dead letter carries the record's body where that was kept") {
  auto bad = bad_sample(request_kind::text, fault::not_json);
  bad.body = text_slice{"{ \xFF"s};
  const auto letter = dead_letter(bad, {0, "t", {}});
  CHECK_EQ(letter.body, "{ \xFF");
  CHECK_EQ(letter.key, "id-2");
  CHECK_EQ(listed(letter.headers),
           "reason=not_json;class=dead_letter;attempts=0;source-topic=t;source-partition=4;source-offset=7;"
           "timestamp=1970-01-01T00:00:00.000Z;tracestate=s;");
}

TEST_CASE("the dead letter of what cannot be read says how far that goes, and why") {
  bad_record bad;
  bad.from = origin{4, 1, 7};
  bad.why = fault::record_unreadable;
  bad.cause = "_BAD_COMPRESSION";
  constexpr auto place =
    "reason=record_unreadable;class=dead_letter;attempts=0;source-topic=t;source-partition=4;source-offset=7;"
    "timestamp=1970-01-01T00:00:00.000Z;";
  CHECK_EQ(listed(dead_letter(bad, {0, "t", {}}).headers), std::string{place} + "cause=_BAD_COMPRESSION;");
  bad.last_offset = 12;
  CHECK_EQ(listed(dead_letter(bad, {0, "t", {}}).headers),
           std::string{place} + "source-offset-last=12;cause=_BAD_COMPRESSION;");
}

TEST_CASE("a request without an id gets null, and one whose key is not UTF-8 keeps the key") {
  auto asked = sample();
  asked.id = "";
  const auto without = photo_reply(asked, "{}", facts);
  CHECK_EQ(without.key, "");
  CHECK(without.body.starts_with(R"({"key":null,)"));
  asked.id = "a\xFFz";
  const auto raw = photo_reply(asked, "{}", facts);
  CHECK_EQ(raw.key, "a\xFFz");
  CHECK(raw.body.starts_with("{\"key\":\"a\xEF\xBF\xBDz\","));
}

TEST_CASE("quotes, control characters and other scripts in texts survive") {
  auto asked = sample();
  asked.user_email = "\"\\\x01\x7F\xF0\x9F\x8D\x95/\0@x"s;
  const auto body = text_reply(asked, "\0\x1F\xE2\x80\xA8"s, "", facts).body;
  CHECK(is_valid_json(body, 8));
  CHECK(body.find("\"user_email\":\"\\\"\\\\\\u0001\x7F\xF0\x9F\x8D\x95/\\u0000@x\"") != std::string::npos);
  CHECK(body.find("\"response\":\"\\u0000\\u001f\xE2\x80\xA8\"") != std::string::npos);
}
