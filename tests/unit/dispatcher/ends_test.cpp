#define CAF_SUITE ends
#include "tests/support/test.hpp"

#include "actors/dispatcher/ends.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr in_flight_table::time_point start{1h};
const std::string model = "llava:latest";
const std::string topic = "eater-send-photo";
const end_facts facts{model, topic, start + 2500ms, std::chrono::system_clock::time_point{1'732'356'420s}};

request question() {
  request asked;
  asked.from = {4, 1, 77};
  asked.id = "id-77";
  asked.user_email = "someone@example.org";
  asked.passed_through = {{"date", text_slice{std::string{"\"2026-11-23\""}}}};
  asked.headers = {{"correlation-id", "c-1"}};
  return asked;
}

in_flight_request answered(request asked) {
  in_flight_request row;
  row.kind = asked.kind;
  row.question = shared_request{std::move(asked)};
  row.attempts = 2;
  row.host = "alpha";
  row.received = start;
  row.answer.model = "llava:13b";
  return row;
}

std::string header(const outgoing& record, const std::string& name) {
  for (const auto& [key, value] : record.headers)
    if (key == name)
      return value;
  return "(none)";
}

bad_record told(fault why, std::string user_email = "someone@example.org") {
  auto whose = identity_of(question());
  whose.user_email = std::move(user_email);
  whose.why = why;
  return whose;
}

} // namespace

TEST_CASE("an identity has all that an error reply needs and keeps nothing of the record's buffer") {
  auto body = std::make_shared<const std::string>(R"({"date":"2026-11-23"})");
  std::weak_ptr<const std::string> watch = body;
  auto asked = question();
  asked.passed_through = {{"date", text_slice{body, std::string_view{*body}.substr(8, 12)}}};
  auto whose = identity_of(asked);
  asked = {};
  body.reset();
  CHECK(watch.expired());
  CHECK_EQ(whose.from, (origin{4, 1, 77}));
  CHECK_EQ(whose.id, "id-77");
  CHECK_EQ(whose.user_email, "someone@example.org");
  REQUIRE_EQ(whose.passed_through.size(), 1u);
  CHECK_EQ(whose.passed_through[0].second.view(), "\"2026-11-23\"");
  CHECK_EQ(whose.headers, (std::vector<name_and_text>{{"correlation-id", "c-1"}}));
}

TEST_CASE("a reply says how it came about") {
  auto reply = records_of_answer(answered(question()), {"hello", {}, {}, false}, facts);
  CHECK(reply->to == destination::text_reply);
  CHECK_EQ(header(*reply, "attempt"), "2");
  CHECK_EQ(header(*reply, "model"), "llava:13b");
  CHECK_EQ(header(*reply, "host"), "alpha");
  CHECK_EQ(header(*reply, "duration-ms"), "2500");
  CHECK_EQ(header(*reply, "finish"), "stop");
}

TEST_CASE("a reply is repaired only where the JSON itself was mended, and truncated before all") {
  auto row = answered(question());
  CHECK_EQ(header(*records_of_answer(row, {"{}", "{}", "fence", false}, facts), "finish"), "stop");
  CHECK_EQ(header(*records_of_answer(row, {"{}", "{}", "fence,closers", true}, facts), "finish"), "repaired");
  row.answer.finish = finish_reason::length;
  CHECK_EQ(header(*records_of_answer(row, {"{}", "{}", "fence,closers", true}, facts), "finish"), "truncated");
}

TEST_CASE("a reply that took a repair round says so, and each round counts as a call") {
  auto row = answered(question());
  row.reask_rounds = 1;
  auto reply = records_of_answer(row, {"{}", "{}", {}, false}, facts);
  CHECK_EQ(header(*reply, "finish"), "repaired");
  CHECK_EQ(header(*reply, "attempt"), "3");
  CHECK_EQ(header(*records_of_fault(row, told(fault::invalid_answer), true, facts)[1], "attempts"), "3");
}

TEST_CASE("a dead letter that carries the request carries the unusable answer too, and no other does") {
  auto row = answered(question());
  row.answer.text = text_slice{std::string{"no idea"}};
  row.problem = "it holds no JSON";
  auto whose = told(fault::invalid_answer);
  auto bare = records_of_fault(row, whose, true, facts)[1];
  CHECK_EQ(header(*bare, "answer"), "(none)");
  CHECK_EQ(header(*bare, "problem"), "(none)");
  whose.body = text_slice{std::string{"{}"}};
  auto full = records_of_fault(row, whose, true, facts)[1];
  CHECK_EQ(full->body, "{}");
  CHECK_EQ(header(*full, "answer"), "no idea");
  CHECK_EQ(header(*full, "problem"), "it holds no JSON");
  row.answer = {};
  row.reask = reask_note{1, "no idea at first", {}};
  CHECK_EQ(header(*records_of_fault(row, whose, true, facts)[1], "answer"), "no idea at first");
}

TEST_CASE("a photo's reply goes to the photos' topic") {
  auto asked = question();
  asked.kind = request_kind::photo;
  CHECK(records_of_answer(answered(asked), {"{}", "{}", {}, false}, facts)->to == destination::photo_reply);
}

TEST_CASE("a fault is told to the sender where there is one, and written as a dead letter where that is asked for") {
  auto row = answered(question());
  auto both = records_of_fault(row, told(fault::model_error), true, facts);
  REQUIRE_EQ(both.size(), 2u);
  CHECK(both[0]->to == destination::text_reply);
  CHECK(both[1]->to == destination::dead_letter);
  CHECK_EQ(header(*both[1], "reason"), "model_error");
  CHECK_EQ(header(*both[1], "attempts"), "2");
  CHECK_EQ(header(*both[1], "source-topic"), "eater-send-photo");
  CHECK_EQ(header(*both[1], "source-partition"), "4");
  CHECK_EQ(header(*both[1], "source-offset"), "77");
  CHECK_EQ(header(*both[1], "timestamp"), "2024-11-23T10:07:00.000Z");
  auto told_only = records_of_fault(row, told(fault::expired), false, facts);
  REQUIRE_EQ(told_only.size(), 1u);
  CHECK(told_only[0]->to == destination::text_reply);
  auto nobody = records_of_fault(row, told(fault::not_json, ""), true, facts);
  REQUIRE_EQ(nobody.size(), 1u);
  CHECK(nobody[0]->to == destination::dead_letter);
}

TEST_CASE("an error reply names the model that was asked: the request's own or the configured one") {
  auto row = answered(question());
  auto whose = told(fault::model_error);
  CHECK_EQ(header(*records_of_fault(row, whose, false, facts)[0], "model"), "llava:latest");
  whose.model = "codellama";
  CHECK_EQ(header(*records_of_fault(row, whose, false, facts)[0], "model"), "codellama");
}

TEST_CASE("an answer counts as truncated, repaired, mended or clean, in this order") {
  auto row = answered(question());
  CHECK(quality_of(row, {"{}", "{}", "", false}) == answer_quality::clean);
  CHECK(quality_of(row, {"{}", "{}", "fence", false}) == answer_quality::mended);
  CHECK(quality_of(row, {"{}", "{}", "", true}) == answer_quality::mended);
  row.reask_rounds = 1;
  CHECK(quality_of(row, {"{}", "{}", "fence", false}) == answer_quality::reasked);
  row.answer.finish = finish_reason::length;
  CHECK(quality_of(row, {"Yeast", "", "thinking", false}) == answer_quality::truncated);
}
