#define CAF_SUITE dispatcher_ends
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(dispatcher_fixture)

TEST_CASE("a request has its end only when its reply is acknowledged") {
  start();
  ask(1);
  CHECK(cleaning->empty());
  answer("{\"a\":1}");
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "{\"a\":1}");
  CHECK(cleaning->at(0).kind == request_kind::text);
  CHECK(published->empty());
  clean(clean_text{"{\"a\":1}", "{\"a\":1}", {}});
  REQUIRE_EQ(published->size(), 1u);
  pass(1min);
  CHECK(finished().empty());
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK_EQ(sample("models_processor_requests_total{kind=\"text\",outcome=\"ok\"}"), 1);
}

TEST_CASE("the reply to a text has the sender's fields, the answer and how it came about") {
  start();
  ask(1);
  pass(250ms);
  answer();
  clean(clean_text{"an answer", {}, {}});
  auto& reply = *published->at(0).record;
  CHECK(reply.to == destination::text_reply);
  CHECK_EQ(reply.key, "id-1");
  CHECK_EQ(reply.body, R"({"key":"id-1","value":{"user_email":"someone@example.org","response":"an answer",)"
                       R"("model":"llava:latest","analysis":"an answer","timestamp":1.50}})");
  CHECK_EQ(header(reply, "attempt"), "1");
  CHECK_EQ(header(reply, "model"), "llava:latest");
  CHECK_EQ(header(reply, "host"), "alpha");
  CHECK_EQ(header(reply, "duration-ms"), "250");
  CHECK_EQ(header(reply, "finish"), "stop");
  CHECK_EQ(header(reply, "repairs"), "(none)");
  CHECK_EQ(header(reply, "traceparent"), "00-1");
}

TEST_CASE("the reply to a photo has the answer as JSON in a string") {
  start();
  ask(1, request_kind::photo);
  answer();
  clean(clean_text{"{\"dish\":\"pizza\"}", "{\"dish\":\"pizza\"}", "fence,trailing_comma", true});
  auto& reply = *published->at(0).record;
  CHECK(reply.to == destination::photo_reply);
  CHECK_EQ(reply.body, R"({"key":"id-1","value":{"user_email":"someone@example.org",)"
                       R"("analysis":"{\"dish\":\"pizza\"}","timestamp":1.50}})");
  CHECK_EQ(header(reply, "finish"), "repaired");
  CHECK_EQ(header(reply, "repairs"), "fence,trailing_comma");
  CHECK_EQ(sample("models_processor_repairs_total{kind=\"fence\"}"), 1);
  CHECK_EQ(sample("models_processor_repairs_total{kind=\"trailing_comma\"}"), 1);
}

TEST_CASE("an answer cut at its length limit says so") {
  start();
  ask(1);
  raw_answer said;
  said.text = text_slice{std::string{"an ans"}};
  said.finish = finish_reason::length;
  end_call(0, said);
  CHECK(cleaning->at(0).finish == finish_reason::length);
  clean(clean_text{"an ans", {}, "thinking"});
  CHECK_EQ(header(*published->at(0).record, "finish"), "truncated");
}

TEST_CASE("an answer that cannot be cleaned ends as its fault says") {
  start();
  ask(1, request_kind::photo);
  answer();
  clean(fault::invalid_answer);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("invalid_answer"), std::string::npos);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "1");
  CHECK_EQ(header(*published->at(1).record, "reason"), "invalid_answer");
}

TEST_CASE("an empty answer is asked for again") {
  start();
  ask(1);
  answer("");
  clean(fault::answer_empty);
  pass(500ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "2");
}

TEST_CASE("a call after an answer that was of no use is not to be spared by that answer") {
  start();
  ask(1);
  fail(fault::model_error);
  pass(500ms);
  answer("");
  clean(fault::answer_empty);
  pass(1s);
  REQUIRE_EQ(given(), (offset_list{1, 1, 1}));
  CHECK(!assignments()[0].anew);
  CHECK(!assignments()[1].anew); // a worker node keeps no failures
  CHECK(assignments()[2].anew);
}

TEST_CASE("a cleaning of an older answer is dropped") {
  start();
  ask(1);
  answer("");
  auto old = cleaning->back();
  clean(fault::answer_empty);
  pass(500ms);
  answer("the second");
  tell(cleaning_result{old.ticket, old.call_number, clean_text{"the first", {}, {}}});
  CHECK(published->empty());
  clean(clean_text{"the second", {}, {}});
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("error reply and dead letter both have to be acknowledged, in any order") {
  start();
  for (std::size_t first : {0u, 1u}) {
    auto offset = static_cast<std::int64_t>(first) + 1;
    ask(offset);
    fail(fault::model_refused);
    auto base = 2 * first;
    REQUIRE_EQ(published->size(), base + 2);
    deliver(base + first);
    pass(1min);
    CHECK_EQ(finished().size(), first);
    deliver(base + 1 - first);
    CHECK_EQ(finished().size(), first + 1);
  }
  CHECK_EQ(sample("models_processor_requests_total{kind=\"text\",outcome=\"model_refused\"}"), 2);
  CHECK_EQ(sample("models_processor_dead_letters_total{fault=\"model_refused\"}"), 2);
}

TEST_CASE("a record that nobody can be told about becomes a dead letter only") {
  start();
  ask(bad(1, fault::not_json));
  REQUIRE_EQ(published->size(), 1u);
  CHECK(published->at(0).record->to == destination::dead_letter);
  CHECK_EQ(header(*published->at(0).record, "reason"), "not_json");
  CHECK_EQ(header(*published->at(0).record, "attempts"), "0");
  CHECK(finished().empty());
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK(given().empty());
}

TEST_CASE("a sender's mistake becomes an error reply only") {
  start();
  ask(bad(1, fault::no_question, "someone@example.org"));
  REQUIRE_EQ(published->size(), 1u);
  CHECK(published->at(0).record->to == destination::text_reply);
  CHECK_NE(published->at(0).record->body.find("no_question"), std::string::npos);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "0");
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("a record of somebody else has its end at once and is not answered") {
  start();
  tell(record_batch{{skipped_record{{0, 1, 1}, 100}, skipped_record{{0, 1, 2}, 100}}});
  CHECK_EQ(finished(), (offset_list{1, 2}));
  CHECK(published->empty());
  CHECK_EQ(sample("models_processor_requests_skipped_total"), 2);
}

TEST_CASE("a delivery that failed is sent again after a second, until it is acknowledged") {
  start();
  up_to_publishing(1);
  for (std::size_t i = 0; i < 5; ++i) {
    deliver(i, delivery_result::failed);
    pass(990ms);
    CHECK_EQ(published->size(), i + 1);
    pass(10ms);
    REQUIRE_EQ(published->size(), i + 2);
    CHECK_EQ(published->at(i + 1).record->body, published->at(0).record->body);
  }
  CHECK(finished().empty());
  deliver(5);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("only the record that failed is sent again") {
  start();
  ask(1);
  fail(fault::model_refused);
  deliver(0);
  deliver(1, delivery_result::failed);
  pass(1s);
  REQUIRE_EQ(published->size(), 3u);
  CHECK(published->at(2).record->to == destination::dead_letter);
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("a failed delivery of a producer that is gone is not sent twice by its successor") {
  start();
  up_to_publishing(1);
  deliver(0, delivery_result::failed);
  kill(producer);
  pass(200ms);
  new_producer();
  CHECK_EQ(published->size(), 1u);
  pass(5s);
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a reply too large for the broker becomes an error reply and a dead letter") {
  start();
  up_to_publishing(1);
  deliver(0, delivery_result::too_large);
  REQUIRE_EQ(published->size(), 3u);
  auto& reply = *published->at(1).record;
  CHECK(reply.to == destination::text_reply);
  CHECK_NE(reply.body.find("reply_too_large"), std::string::npos);
  CHECK_NE(reply.body.find("\"timestamp\":1.50"), std::string::npos);
  CHECK_EQ(header(reply, "traceparent"), "00-1");
  CHECK_EQ(header(*published->at(2).record, "reason"), "reply_too_large");
  CHECK(finished().empty());
  deliver(1);
  CHECK(finished().empty());
  deliver(2);
  CHECK_EQ(finished(), (offset_list{1}));
  CHECK_EQ(sample("models_processor_requests_total{kind=\"text\",outcome=\"reply_too_large\"}"), 1);
}

TEST_CASE("a dead letter too large with its payload is written without it") {
  start();
  auto record = bad(1, fault::not_json);
  record.body = text_slice{std::string(1000, 'x')};
  ask(record);
  CHECK_EQ(published->at(0).record->body.size(), 1000u);
  deliver(0, delivery_result::too_large);
  REQUIRE_EQ(published->size(), 2u);
  auto& shorter = *published->at(1).record;
  CHECK(shorter.to == destination::dead_letter);
  CHECK_EQ(shorter.body, "");
  CHECK_EQ(header(shorter, "reason"), "not_json");
  CHECK(finished().empty());
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("an error reply that is too large even so is given up") {
  start();
  ask(1);
  fail(fault::model_refused);
  deliver(0, delivery_result::too_large);
  pass(1min);
  CHECK_EQ(published->size(), 2u);
  CHECK(finished().empty());
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("while a reply waits for the broker the question's memory is free, the reply's is counted") {
  start();
  auto asked = question(1);
  asked.bytes = 200'000;
  ask(asked);
  CHECK_EQ(sample("models_processor_held_bytes"), 200'000);
  answer();
  clean();
  auto& reply = *published->at(0).record;
  CHECK_EQ(sample("models_processor_held_bytes"), static_cast<double>(reply.key.size() + reply.body.size()));
  CHECK_EQ(sample("models_processor_publishing"), 1);
}

TEST_CASE("a record kept whole for a possible dead letter is counted until the reply is acknowledged") {
  start();
  auto asked = question(1);
  asked.bytes = 200'000;
  asked.body = text_slice{std::string(199'000, 'x')};
  ask(asked);
  answer();
  clean();
  CHECK_GE(sample("models_processor_held_bytes"), 199'000);
  deliver(0);
  CHECK_EQ(sample("models_processor_held_bytes"), 0);
}

TEST_CASE("no more records are under way than the producer has room for") {
  start(0);
  new_producer(3);
  for (std::int64_t offset = 0; offset < 8; ++offset)
    ask(bad(offset, fault::not_json));
  CHECK_EQ(published->size(), 3u);
  deliver(1);
  CHECK_EQ(published->size(), 4u);
  deliver(0);
  deliver(2);
  CHECK_EQ(published->size(), 6u);
  CHECK_EQ(finished(), (offset_list{1, 0, 2}));
}

TEST_CASE("records go to the producer in the order of their requests' ends") {
  start(0);
  new_producer(1);
  for (std::int64_t offset : {5, 3, 9})
    ask(bad(offset, fault::not_json));
  deliver(0);
  deliver(1);
  deliver(2);
  CHECK_EQ(finished(), (offset_list{5, 3, 9}));
}

TEST_CASE("an acknowledgement that comes twice counts once") {
  start();
  up_to_publishing(1);
  deliver(0);
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("what the producer has told the reader itself is not told again, unless it has another origin by then") {
  start(2);
  up_to_publishing(1);
  up_to_publishing(2);
  ask(question(2, request_kind::text, {0, 7, 0}));
  receipts told;
  told.reader_told = true;
  for (const auto& each : *published)
    told.deliveries.push_back({each.token, delivery_result::acknowledged});
  tell(told);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 7, 2}}));
}

END_FIXTURE_SCOPE()
