#define CAF_SUITE reader_group
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "tests/support/reader_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;
using partition_list = std::vector<std::int32_t>;
using partition_lists = std::vector<partition_list>;

namespace {

partition_list partitions_of(const std::vector<partition_assignment>& which) {
  partition_list found;
  for (const auto& each : which)
    found.push_back(each.partition);
  return found;
}

} // namespace

BEGIN_FIXTURE_SCOPE(reader_fixture)

TEST_CASE("an assignment is accepted after the committed positions were read, and the dispatcher hears of it") {
  topic->hold_positions = true;
  start({0, 1}, 3);
  demand(10);
  pass(1s);
  CHECK(topic->assigned.empty());
  CHECK(heard->records.empty());
  topic->happen(positions_loaded{{{0, 2, {}}, {1, position::none, {}}}});
  settle();
  CHECK_EQ(topic->assigned, (partition_lists{{0, 1}}));
  CHECK_EQ(offsets(0), (offset_list{2}));
  CHECK_EQ(offsets(1), (offset_list{0, 1, 2}));
  CHECK_EQ(heard->assigned_counts, (std::vector<std::uint32_t>{0, 2}));
  CHECK_EQ(sample("models_processor_partitions_assigned"), 2);
}

TEST_CASE("an assignment of nothing is accepted too") {
  start({}, 0);
  CHECK_EQ(topic->assigned, (partition_lists{{}}));
  CHECK_EQ(topic->loads, 0);
}

TEST_CASE("positions that cannot be read are asked for again") {
  topic->positions_failures = 3;
  start({0}, 2);
  CHECK_EQ(topic->loads, 1);
  pass(99ms);
  CHECK_EQ(topic->loads, 1);
  pass(1ms);
  CHECK_EQ(topic->loads, 2);
  pass(200ms);
  CHECK_EQ(topic->loads, 4);
  CHECK_EQ(topic->assigned, (partition_lists{{0}}));
  demand(2);
  CHECK_EQ(offsets(), (offset_list{0, 1}));
}

TEST_CASE("an assignment taken back before it was answered is forgotten") {
  topic->hold_positions = true;
  start({0}, 2);
  topic->revoke({0});
  settle();
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  topic->happen(positions_loaded{{{0, position::none, {}}}});
  settle();
  CHECK(topic->assigned.empty());
  CHECK(subject_alive());
}

TEST_CASE("positions of an assignment that was taken back are not those of the next one") {
  topic->hold_positions = true;
  start({0}, 2);
  fill(1, 5);
  topic->revoke({0});
  settle();
  topic->assign({1});
  settle();
  demand(10);
  topic->happen(positions_loaded{{{0, position::none, {}}}}); // the late answer to the first question
  settle();
  CHECK(topic->assigned.empty());
  topic->happen(positions_loaded{{{1, 3, {}}}});
  settle();
  CHECK_EQ(offsets(1), (offset_list{3, 4}));
}

TEST_CASE("a revoked partition waits for what is in flight, then is committed and given back") {
  start({0, 1}, 3);
  demand(6);
  topic->revoke({0});
  settle();
  CHECK_EQ(partitions_of(heard->revoking), (partition_list{0}));
  CHECK(topic->unassigned.empty());
  finish({0, 1}, 0);
  CHECK(topic->unassigned.empty());
  finish({2}, 0);
  CHECK_EQ(topic->committed_offset(0), 3);
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  CHECK_EQ(partitions_of(heard->revoked), (partition_list{0}));
  CHECK_EQ(heard->assigned_counts, (std::vector<std::uint32_t>{0, 2, 1}));
}

TEST_CASE("the wait for what is in flight is no longer than the grace") {
  start({0}, 3);
  demand(3);
  finish({0});
  topic->revoke({0});
  settle();
  pass(1900ms);
  CHECK(topic->unassigned.empty());
  pass(200ms);
  CHECK_EQ(topic->committed_offset(0), 1);
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
}

TEST_CASE("requests handed back are not waited for") {
  start({0}, 3);
  demand(3);
  finish({0});
  topic->revoke({0});
  settle();
  hand_back({1, 2});
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  CHECK_EQ(topic->committed_offset(0), 1);
}

TEST_CASE("with nothing in flight a revoked partition is given back at once") {
  start({0}, 0);
  topic->revoke({0});
  settle();
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  CHECK(topic->commits.empty());
}

TEST_CASE("a partition is given back only after its commit was answered, or after three seconds") {
  topic->hold_commits = true;
  start({0}, 1);
  demand(1);
  finish({0});
  topic->revoke({0});
  settle();
  CHECK_EQ(topic->commits.size(), 1u);
  pass(1s);
  CHECK(topic->unassigned.empty());
  topic->answer_commit();
  settle();
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));

  topic->assign({0});
  settle();
  fill(0, 1);
  demand(1);
  finish({1});
  topic->revoke({0});
  settle();
  pass(2900ms);
  CHECK_EQ(topic->unassigned.size(), 1u);
  pass(200ms);
  CHECK_EQ(topic->unassigned.size(), 2u);
}

TEST_CASE("the commit of a revoked partition is repeated when it is refused, as long as there is time") {
  start({0}, 1);
  demand(1);
  finish({0});
  topic->commit_answer = commit_result::again;
  topic->revoke({0});
  settle();
  pass(600ms);
  CHECK_EQ(topic->commits.size(), 2u);
  CHECK(topic->unassigned.empty());
  topic->commit_answer = commit_result::done;
  pass(600ms);
  CHECK_EQ(topic->committed_offset(0), 1);
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
}

TEST_CASE("a partition whose commit is refused for ever is given back all the same") {
  start({0}, 1);
  demand(1);
  finish({0});
  topic->commit_answer = commit_result::again;
  topic->revoke({0});
  settle();
  pass(3100ms);
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
}

TEST_CASE("nothing new is read from a partition that is being taken away, and the kept ones go on with their commits") {
  start({0, 1}, 2);
  demand(4);
  topic->revoke({0});
  settle();
  fill(0, 2);
  fill(1, 2);
  demand(10);
  CHECK_EQ(offsets(0).size(), 2u);
  CHECK_EQ(offsets(1).size(), 4u);
  finish({0}, 1);
  pass(600ms);
  CHECK(topic->unassigned.empty());
  CHECK_EQ(topic->committed_offset(1), 1);
}

TEST_CASE("for a lost partition nothing is committed and nothing is waited for") {
  start({0, 1}, 2);
  demand(4);
  finish({0, 1}, 0);
  topic->lose({0});
  settle();
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  CHECK_EQ(partitions_of(heard->revoked), (partition_list{0}));
  pass(5s);
  CHECK_EQ(topic->committed_offset(0), position::none);
  CHECK(!last_commit(0));
}

TEST_CASE("a commit refused for being no member turns a waiting revocation into a loss") {
  start({0, 1}, 2);
  demand(4);
  topic->revoke({0});
  settle();
  finish({0}, 1);
  topic->commit_answer = commit_result::not_member;
  pass(600ms); // the kept partition's commit is the first to hear of it
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
  CHECK_EQ(topic->commits.size(), 1u);
}

TEST_CASE("a partition that comes back starts from what was committed") {
  start({0}, 4);
  demand(4);
  finish({0, 2});
  topic->revoke({0});
  settle();
  pass(2100ms);
  topic->assign({0});
  settle();
  heard->records.clear();
  demand(4);
  CHECK_EQ(offsets(), (offset_list{1, 3}));
}

TEST_CASE("while the dispatcher is away a revocation waits for nobody") {
  start({0}, 2);
  demand(2);
  kill_dispatcher();
  new_dispatcher(); // has been given nothing yet
  topic->revoke({0});
  settle();
  CHECK_EQ(topic->unassigned, (partition_lists{{0}}));
}

TEST_CASE("the group is served at least every tenth of a second, demand or not") {
  start({0}, 5);
  auto before = topic->polls;
  pass(10s);
  CHECK_GE(topic->polls - before, 99u);
}

TEST_CASE("an error of the client is survived, a fatal one is a crash with its name") {
  start({0}, 1);
  topic->happen(consumer_error{"_TRANSPORT", false});
  settle();
  CHECK(subject_alive());
  self->monitor(reader);
  topic->happen(consumer_error{"_FATAL", true});
  settle();
  CHECK(!subject_alive());
  caf::error why;
  self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(why, caf::sec::runtime_error);
  CHECK_NE(to_string(why).find("Kafka consumer: _FATAL"), std::string::npos);
}

TEST_CASE("without partitions the client's last error is told, and forgotten once there are some") {
  new_dispatcher();
  new_reader();
  CHECK_EQ(heard->trouble, "");
  topic->happen(consumer_error{"_TRANSPORT", false});
  settle();
  CHECK_EQ(heard->trouble, "_TRANSPORT");
  auto told = heard->assigned_counts.size();
  topic->happen(consumer_error{"_TRANSPORT", false});
  settle();
  CHECK_EQ(heard->assigned_counts.size(), told);
  topic->happen(consumer_error{"_AUTHENTICATION", false});
  settle();
  CHECK_EQ(heard->trouble, "_AUTHENTICATION");
  fill(0, 1);
  topic->assign({0});
  settle();
  CHECK_EQ(heard->trouble, "");
  topic->revoke({0});
  settle();
  CHECK_EQ(heard->trouble, "");
}

TEST_CASE("commits that are refused for ten seconds are told, and that one is taken") {
  start({0}, 2);
  topic->commit_answer = commit_result::again;
  demand(2);
  finish({0});
  pass(9s);
  CHECK_EQ(heard->trouble, "");
  pass(12s);
  CHECK_EQ(heard->trouble, "refused");
  topic->commit_answer = commit_result::done;
  pass(1s);
  CHECK_EQ(heard->trouble, "");
}

TEST_CASE("a client that cannot be created is a crash at the start") {
  topic->fail_open = true;
  new_dispatcher();
  new_reader();
  CHECK(!subject_alive());
}

TEST_CASE("the lag of held partitions is shown and gone when they are given back") {
  start({0}, 0);
  topic->happen(lag_report{{{0, 17}, {5, 99}}});
  settle();
  CHECK_EQ(sample("models_processor_consumer_lag{partition=\"0\"}"), 17);
  CHECK_EQ(sample("models_processor_consumer_lag{partition=\"5\"}"), -1);
  topic->revoke({0});
  settle();
  CHECK_EQ(sample("models_processor_consumer_lag{partition=\"0\"}"), 0);
  CHECK_EQ(sample("models_processor_partitions_assigned"), 0);
}

TEST_CASE("the dispatcher is told what is finished in the partitions that are given") {
  topic->committed[0] = {0, 1, write_commit_metadata(1, {{}, -1, {2, 3}}, offset_ledger::spread_max)};
  start({0, 1}, 5);
  REQUIRE_EQ(heard->taken.size(), 2u);
  CHECK_EQ(heard->taken[0].partition, 0);
  CHECK_EQ(heard->taken[0].next, 1);
  CHECK_EQ(heard->taken[0].finished, (std::vector<std::int64_t>{2, 3}));
  CHECK_EQ(heard->taken[1].next, position::none);
}

END_FIXTURE_SCOPE()
