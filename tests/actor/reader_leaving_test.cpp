#define CAF_SUITE reader_leaving
#include "tests/support/test.hpp"

#include "tests/support/reader_fixture.hpp"

using namespace mp;
using namespace mp::test;

BEGIN_FIXTURE_SCOPE(reader_fixture)

TEST_CASE("a reader told to leave commits everything finished, leaves, says so and lives on") {
  start({0, 1}, 3);
  demand(6);
  finish({0, 1, 2}, 0);
  finish({0, 2}, 1);
  hand_back({1}, 1);
  tell(leave_group{});
  pass(200ms);
  CHECK_EQ(topic->committed_offset(0), 3);
  CHECK_EQ(topic->committed_offset(1), 1);
  CHECK_EQ(topic->committed[1].metadata, "2.-1.1Ag==");
  CHECK(topic->closed);
  CHECK_EQ(heard->group_left, 1u);
  CHECK(subject_alive());
}

TEST_CASE("a reader that leaves waits for what is in flight no longer than the grace") {
  start({0}, 2);
  demand(2);
  tell(leave_group{});
  pass(1900ms);
  CHECK_EQ(heard->group_left, 0u);
  pass(300ms);
  CHECK_EQ(heard->group_left, 1u);
  CHECK(topic->closed);
}

TEST_CASE("a reader that leaves reads nothing more") {
  start({0}, 2);
  demand(10);
  tell(leave_group{});
  fill(0, 3);
  demand(10);
  pass(1s);
  CHECK_EQ(heard->records.size(), 2u);
}

TEST_CASE("a second order to leave changes nothing, one after the end is answered") {
  start({0}, 1);
  demand(1);
  caf::anon_send(reader, leave_group{});
  tell(leave_group{});
  CHECK_EQ(topic->closes, 1);
  finish({0});
  pass(200ms);
  CHECK_EQ(heard->group_left, 1u);
  tell(leave_group{});
  CHECK_EQ(heard->group_left, 2u);
  CHECK_EQ(topic->closes, 1);
}

TEST_CASE("an exit message makes the reader commit, leave the group and end") {
  start({0}, 2);
  demand(2);
  finish({0});
  stop_subject();
  CHECK(subject_alive()); // one request is in flight
  finish({1});
  pass(200ms);
  CHECK_EQ(topic->committed_offset(0), 2);
  CHECK(topic->closed);
  CHECK_EQ(heard->group_left, 1u);
  CHECK(!subject_alive());
}

TEST_CASE("an exit message after the group was left ends the reader at once") {
  start({0}, 0);
  tell(leave_group{});
  pass(200ms);
  CHECK(subject_alive());
  stop_subject();
  CHECK(!subject_alive());
}

TEST_CASE("an exit message while the group is being left ends the reader when it has left") {
  start({0}, 1);
  demand(1);
  tell(leave_group{});
  stop_subject();
  CHECK(subject_alive());
  finish({0});
  pass(200ms);
  CHECK(!subject_alive());
  CHECK_EQ(topic->closes, 1);
}

TEST_CASE("a reader that holds nothing leaves at once") {
  new_dispatcher();
  new_reader();
  stop_subject();
  pass(100ms);
  CHECK(topic->closed);
  CHECK(!subject_alive());
}

TEST_CASE("a reader that leaves while a partition is being taken away commits and gives back all of them") {
  start({0, 1}, 2);
  demand(4);
  topic->revoke({0});
  settle();
  finish({0, 1}, 1);
  stop_subject();
  finish({0, 1}, 0);
  pass(300ms);
  CHECK_EQ(topic->committed_offset(0), 2);
  CHECK_EQ(topic->committed_offset(1), 2);
  CHECK_EQ(topic->unassigned.size(), 2u);
  CHECK(topic->closed);
  CHECK(!subject_alive());
}

TEST_CASE("what is finished is committed even where the group takes nothing back before the end") {
  topic->closes_without_revoke = true;
  start({0}, 2);
  demand(2);
  finish({0});
  stop_subject();
  pass(100ms);
  CHECK_EQ(topic->committed_offset(0), 1);
  CHECK(!subject_alive());
}

TEST_CASE("a reader that leaves does not offer itself to a new dispatcher, whose reader is another one") {
  start({0}, 2);
  demand(2);
  finish({0});
  stop_subject();
  kill_dispatcher();
  new_dispatcher();
  CHECK(heard->readers.empty());
  pass(200ms); // what the old dispatcher had is nobody's any more, so it is not waited for
  CHECK_EQ(topic->committed_offset(0), 1);
  CHECK(!subject_alive());
  CHECK_EQ(heard->group_left, 0u);
}

TEST_CASE("a reader that is killed leaves the closing of its membership to the port") {
  start({0}, 1);
  demand(1);
  kill_subject();
  CHECK(!subject_alive());
  CHECK(topic->held().empty());
}

TEST_CASE("an assignment that waits for its positions does not keep the reader from leaving") {
  topic->hold_positions = true;
  start({0}, 1);
  stop_subject();
  pass(200ms);
  CHECK(topic->closed);
  CHECK(!subject_alive());
}

END_FIXTURE_SCOPE()
