#define CAF_SUITE dispatcher_partitions
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(dispatcher_fixture)

TEST_CASE("of a partition that is being taken away only what nobody has begun is handed back") {
  start();
  new_worker();
  up_to_publishing(0);
  ask(1);
  answer("to be cleaned", holder(1));
  ask(2);
  ask(3);
  ask(4);
  CHECK_EQ(how_much().waiting, 1u);
  tell(partitions_leaving{{{0, 1}}});
  CHECK_EQ(handed_back(), (offset_list{4}));
  CHECK(finished().empty());
  CHECK_EQ(how_much().in_flight, 4u);
  CHECK(workers[0].log->cancelled.empty());
  CHECK(workers[1].log->cancelled.empty());
}

TEST_CASE("a request that waits for its retry is handed back too") {
  start();
  ask(1);
  fail(fault::model_error);
  tell(partitions_leaving{{{0, 1}}});
  CHECK_EQ(handed_back(), (offset_list{1}));
  pass(1min);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a call that fails for a partition that is being taken away is handed back, not tried again") {
  start();
  ask(1);
  tell(partitions_leaving{{{0, 1}}});
  fail(fault::model_error);
  CHECK_EQ(handed_back(), (offset_list{1}));
  pass(1min);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a call that succeeds for a partition that is being taken away is published and reported") {
  start();
  ask(1);
  tell(partitions_leaving{{{0, 1}}});
  answer();
  clean();
  deliver(0);
  CHECK_EQ(finished(), (offset_list{1}));
}

TEST_CASE("a request of a leaving partition that is read again in a new assignment is tried again as always") {
  start();
  ask(1);
  tell(partitions_leaving{{{0, 1}}});
  kill(reader);
  new_reader();
  ask(question(1, request_kind::text, {0, 2, 0}));
  fail(fault::model_error);
  CHECK(handed_back().empty());
  pass(500ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("other partitions and other assignments stay where they are") {
  start(0);
  ask(question(1, request_kind::text, {0, 1, 0}));
  ask(question(2, request_kind::text, {1, 2, 0}));
  tell(partitions_leaving{{{0, 9}, {1, 1}}});
  CHECK(handed_back().empty());
  tell(partitions_leaving{{{1, 2}}});
  CHECK_EQ(read->handed_back, (std::vector<origin>{{1, 2, 2}}));
}

TEST_CASE("a call for a partition that is gone goes on, and its end is nobody's business") {
  start();
  ask(1);
  tell(partitions_gone{{{0, 1}}});
  CHECK(workers[0].log->cancelled.empty());
  CHECK_EQ(how_much().in_flight, 1u);
  answer();
  clean();
  CHECK(published->empty());
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK(finished().empty());
  CHECK(handed_back().empty());
  ask(question(2, request_kind::text, {0, 3, 0}));
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("what nobody had begun for a partition that is gone is dropped") {
  start();
  ask(1);
  ask(2);
  fail(fault::model_error);
  CHECK_EQ(given(), (offset_list{1, 2}));
  tell(partitions_gone{{{0, 1}}});
  CHECK_EQ(how_much().in_flight, 1u);
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("a call that fails for a partition that is gone is not repeated, nor is an unusable answer asked for again") {
  config.reask_rounds = 1;
  start(2);
  ask(1);
  ask(2);
  auto first = holder(1), second = holder(2);
  tell(partitions_gone{{{0, 1}}});
  fail(fault::model_error, first);
  answer("no JSON", second);
  clean(fault::invalid_answer);
  pass(1min);
  CHECK_EQ(assignments(first).size() + assignments(second).size(), 2u);
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK(handed_back().empty());
}

TEST_CASE("a drain calls off what is under way for partitions that are gone") {
  start(2);
  ask(1);
  tell(partitions_gone{{{0, 1}}});
  ask(question(2, request_kind::text, {1, 2, 0}));
  caf::anon_send(dispatcher, drain{});
  settle();
  CHECK_EQ(workers[holder(1)].log->cancelled.size(), 1u);
  CHECK_EQ(how_much().in_flight, 1u);
  tell(partitions_gone{{{1, 2}}});
  CHECK_EQ(workers[holder(2)].log->cancelled.size(), 1u);
  CHECK_EQ(how_much().in_flight, 0u);
}

TEST_CASE("a reply on its way when its partition went is waited for, but its end is nobody's business") {
  start();
  up_to_publishing(1);
  tell(partitions_gone{{{0, 1}}});
  CHECK_EQ(how_much().in_flight, 1u);
  deliver(0);
  CHECK_EQ(how_much().in_flight, 0u);
  CHECK(finished().empty());
}

TEST_CASE("a partition that comes back while a reply is on its way makes no second reply") {
  start();
  up_to_publishing(1);
  tell(partitions_gone{{{0, 1}}});
  ask(question(1, request_kind::text, {0, 2, 0}));
  CHECK_EQ(given(), (offset_list{1}));
  deliver(0);
  CHECK_EQ(read->finished, (std::vector<origin>{{0, 2, 1}}));
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("a partition that is gone in an older assignment takes nothing of the present one along") {
  start();
  ask(question(1, request_kind::text, {0, 2, 0}));
  tell(partitions_gone{{{0, 1}}});
  CHECK(workers[0].log->cancelled.empty());
  CHECK_EQ(how_much().in_flight, 1u);
}

// ---- a reader that is gone ----

TEST_CASE("when the reader dies what a model works on goes on, and nothing new is begun: others may read it now") {
  start();
  ask(1);
  ask(2);
  kill(reader);
  answer();
  clean();
  CHECK_EQ(published->size(), 1u);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(how_much().in_flight, 1u);
}

TEST_CASE("a call that fails after its reader died is not repeated before the request is read again") {
  start();
  ask(1);
  kill(reader);
  fail(fault::model_error);
  pass(10s);
  CHECK_EQ(given(), (offset_list{1}));
  CHECK_EQ(how_much().in_flight, 0u);
}

TEST_CASE("what another member has ended meanwhile is dropped when the partition comes back, its call cancelled") {
  start(2);
  ask(1);
  ask(2);
  kill(reader);
  new_reader();
  tell(partitions_taken{{{0, 7, 1, {2}}}});
  CHECK_EQ(how_much().in_flight, 1u);
  CHECK_EQ(workers[holder(2)].log->cancelled.size(), 1u);
  CHECK(workers[holder(1)].log->cancelled.empty());
}

TEST_CASE("what positions read back show to be finished is dropped in the present assignment too") {
  start();
  ask(1);
  ask(5);
  tell(partitions_taken{{{0, 1, 5, {}}}});
  CHECK_EQ(how_much().in_flight, 1u);
  CHECK_EQ(workers[0].log->cancelled.size(), 1u);
}

TEST_CASE("positions of an assignment say nothing about requests of another one that is living") {
  start();
  ask(1);
  tell(partitions_taken{{{0, 9, 5, {}}}});
  CHECK_EQ(how_much().in_flight, 1u);
}

END_FIXTURE_SCOPE()
