#define CAF_SUITE dispatcher_neighbours
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(dispatcher_fixture)

// ---- producer ----

TEST_CASE("a new producer is sent everything that was not acknowledged, and nothing else") {
  start();
  up_to_publishing(1);
  up_to_publishing(2);
  ask(3);
  fail(fault::model_refused);
  deliver(0); // the reply of 1
  deliver(3); // the dead letter of 3
  kill(producer);
  pass(1s);
  new_producer();
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(0).record->key, "id-2");
  CHECK_EQ(published->at(1).record->key, "id-3");
  CHECK(published->at(1).record->to == destination::text_reply);
  deliver(0);
  deliver(1);
  CHECK_EQ(finished(), (offset_list{1, 2, 3}));
}

TEST_CASE("replies that become ready while there is no producer wait for one") {
  start();
  kill(producer);
  up_to_publishing(1);
  pass(1min);
  CHECK(finished().empty());
  new_producer();
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("without a producer no more is asked of the reader: it may hold ends that would be paid for again") {
  start_dispatcher();
  new_reader();
  host("alpha", true);
  new_worker();
  CHECK_EQ(read->records_wanted, 0);
  new_producer();
  CHECK_GT(read->records_wanted, 0);
}

TEST_CASE("a request whose records the producer holds of an earlier dispatcher is not put to a model again") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  ask(1);
  CHECK(given().empty());
  tell(receipts{{}, {}, {{0, 1, 1}}, {}});
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 1, 1}}));
  CHECK(published->empty());
}

TEST_CASE("an end that the producer tells before the request is read again is remembered") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  tell(receipts{{}, {}, {{0, 1, 1}}, {}});
  ask(question(1, request_kind::text, {0, 2, 0}));
  CHECK(given().empty());
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 2, 1}}));
}

TEST_CASE("a request whose records the producer gives up is put to a model") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  ask(1);
  tell(receipts{{}, {}, {}, {{0, 1, 1}}});
  pass(10ms);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a request whose reader is gone is not put to a model when the producer gives up its records") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  ask(1);
  kill(reader);
  tell(receipts{{}, {}, {}, {{0, 1, 1}}});
  pass(10ms);
  CHECK(given().empty());
  CHECK_EQ(how_much().in_flight, 0u);
}

TEST_CASE("what a producer holds of an earlier dispatcher is void when there is a new one") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  ask(1);
  new_producer();
  pass(10ms);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a bad record that the producer holds is not published again unless it is given up") {
  start();
  tell(producer_started{producer, 512, {{0, 1, 1}}});
  ask(bad(1, fault::not_json));
  CHECK(published->empty());
  tell(receipts{{}, {}, {}, {{0, 1, 1}}});
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a reply that the reader's new assignment does not know waits until its request is read again") {
  start();
  ask(1);
  answer();
  clean();
  auto first = published->at(0);
  tell(receipts{{}, {{first.token, first.from}}, {}, {}});
  CHECK_EQ(published->size(), 1u);
  ask(question(1, request_kind::text, {0, 2, 0}));
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(1).from.assignment, 2u);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a reply that was read again before it turned out to be stale is sent at once") {
  start();
  ask(1);
  answer();
  clean();
  auto first = published->at(0);
  ask(question(1, request_kind::text, {0, 2, 0}));
  tell(receipts{{}, {{first.token, first.from}}, {}, {}});
  REQUIRE_EQ(published->size(), 2u);
  CHECK_EQ(published->at(1).from.assignment, 2u);
}

TEST_CASE("a stale reply whose request is not read again is dropped after a minute, so it holds no memory for ever") {
  start();
  ask(1);
  answer();
  clean();
  tell(receipts{{}, {{published->at(0).token, published->at(0).from}}, {}, {}});
  pass(59s);
  CHECK_EQ(how_much().in_flight, 1u);
  pass(2s);
  CHECK_EQ(how_much().in_flight, 0u);
}

TEST_CASE("a new producer's room counts from the start") {
  start();
  new_producer(2);
  for (std::int64_t offset = 0; offset < 4; ++offset)
    ask(bad(offset, fault::not_json));
  CHECK_EQ(published->size(), 2u);
  kill(producer);
  new_producer(2);
  CHECK_EQ(published->size(), 2u);
  deliver(0);
  CHECK_EQ(published->size(), 3u);
}

// ---- sanitizer ----

TEST_CASE("a new sanitizer is sent the answers that its predecessor owed") {
  start();
  ask(1);
  answer("the first");
  clean();
  ask(2);
  answer("the second");
  kill(sanitizer);
  pass(1s);
  new_sanitizer();
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "the second");
  clean();
  CHECK_EQ(published->size(), 2u);
}

TEST_CASE("an answer that comes while there is no sanitizer waits for one, and the model is not asked again") {
  start();
  ask(1);
  kill(sanitizer);
  answer("an answer");
  pass(1min);
  new_sanitizer();
  REQUIRE_EQ(cleaning->size(), 1u);
  clean();
  CHECK_EQ(published->size(), 1u);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a long answer goes to a sanitizer of its own and holds up no short one") {
  start(2);
  new_long_sanitizer();
  ask(1);
  ask(2);
  answer(std::string(short_answer_bytes_max + 1, 'x'), holder(1));
  REQUIRE_EQ(long_cleaning->size(), 1u);
  CHECK(cleaning->empty());
  answer("short", holder(2));
  REQUIRE_EQ(cleaning->size(), 1u);
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from.offset, 2);
}

TEST_CASE("a new sanitizer for long answers is sent those that its predecessor owed, and no others") {
  start(2);
  new_long_sanitizer();
  ask(1);
  ask(2);
  const std::string long_one(short_answer_bytes_max + 1, 'x');
  answer(long_one, holder(1));
  answer("short", holder(2));
  kill(long_sanitizer);
  new_long_sanitizer();
  REQUIRE_EQ(long_cleaning->size(), 1u);
  CHECK_EQ(long_cleaning->at(0).answer.view(), long_one);
  CHECK_EQ(cleaning->size(), 1u);
  kill(sanitizer);
  new_sanitizer();
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "short");
  CHECK_EQ(long_cleaning->size(), 1u);
}

// ---- reader ----

TEST_CASE("a request read again by a new reader is not asked again, and its end goes to the new reader") {
  start();
  ask(1);
  kill(reader);
  new_reader();
  ask(question(1, request_kind::text, {0, 5, 0}));
  answer();
  clean();
  deliver(0);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(published->size(), 1u);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 5, 1}}));
}

TEST_CASE("a request that had its end while there was no reader is not asked again when it is read again") {
  start();
  up_to_publishing(1);
  kill(reader);
  deliver(0);
  new_reader();
  ask(question(1, request_kind::text, {0, 5, 0}));
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 5, 1}}));
  CHECK_EQ(how_much().in_flight, 0u);
}

TEST_CASE("a request that had its end before the new reader has read it again is not asked again either") {
  start();
  up_to_publishing(1);
  kill(reader);
  new_reader();
  deliver(0);
  ask(question(1, request_kind::text, {0, 5, 0}));
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(read->finished.back(), (origin{0, 5, 1}));
}

TEST_CASE("a request whose commit was lost with the reader is not asked again") {
  start();
  up_to_publishing(1);
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
  kill(reader);
  new_reader();
  ask(question(1, request_kind::text, {0, 5, 0}));
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 5, 1}}));
  CHECK_EQ(sample("models_processor_records_skipped_as_finished_total"), 1);
}

TEST_CASE("a request that was handed back is asked when it is read again") {
  start(0);
  ask(1);
  tell(partitions_leaving{{{0, 1}}});
  CHECK_EQ(handed_back(), (offset_list{1}));
  ask(question(1, request_kind::text, {0, 2, 0}));
  new_worker();
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a bad record read again while its dead letter is under way makes no second one") {
  start();
  ask(bad(1, fault::not_json));
  kill(reader);
  new_reader();
  auto again = bad(1, fault::not_json);
  again.from.assignment = 5;
  ask(again);
  CHECK_EQ(published->size(), 1u);
  deliver(0);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 5, 1}}));
}

// ---- health monitor ----

TEST_CASE("a new monitor is told how intake is, and every change of it") {
  start();
  REQUIRE(!watched_by->intake.empty());
  CHECK_EQ(watched_by->intake.back().partitions, 2u);
  CHECK(!watched_by->intake.back().draining);
  tell(group_state{5});
  CHECK_EQ(watched_by->intake.back().partitions, 5u);
  tell(group_state{5, "", "partition 3 stands"});
  CHECK_EQ(watched_by->intake.back().stalled, "partition 3 stands");
  kill(reader);
  CHECK_EQ(watched_by->intake.back().partitions, 0u);
  CHECK_EQ(watched_by->intake.back().stalled, "");
  new_monitor();
  CHECK_EQ(watched_by->intake.size(), 1u);
  CHECK_EQ(watched_by->intake.back().partitions, 0u);
}

TEST_CASE("without a monitor the dispatcher goes on with what it knows of the hosts") {
  start();
  kill(monitor);
  ask(1);
  CHECK_EQ(given(), (offset_list{1}));
  fail(fault::host_unreachable);
  pass(1min);
  CHECK_EQ(given(), (offset_list{1}));
  host("alpha", true);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

// ---- a crash ----

TEST_CASE("an exception in the dispatcher is a crash with its text") {
  config.random = []() -> double { throw std::runtime_error("no chance"); };
  start();
  self->monitor(dispatcher);
  ask(1);
  fail(fault::model_error);
  caf::error why;
  self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(why, caf::sec::runtime_error);
  CHECK_NE(to_string(why).find("no chance"), std::string::npos);
}

END_FIXTURE_SCOPE()
