#define CAF_SUITE reader_offsets
#include "tests/support/test.hpp"

#include "tests/support/reader_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(reader_fixture)

TEST_CASE("what was read is not committed before its end is reported") {
  start({0}, 5);
  demand(5);
  pass(5s);
  CHECK(topic->commits.empty());
}

TEST_CASE("the commit goes up to the lowest unfinished offset and carries the finished ones above it") {
  start({0}, 5);
  demand(5);
  finish({0, 2, 4});
  pass(500ms);
  REQUIRE_EQ(topic->commits.size(), 1u);
  CHECK_EQ(topic->commits[0][0].offset, 1);
  CHECK_EQ(topic->commits[0][0].metadata, "2.-1.1Cg=="); // 2 and 4
  finish({1});
  pass(500ms);
  CHECK_EQ(last_committed(), 3);
  CHECK_EQ(last_commit().value().metadata, "2.-1.1Ag=="); // 4
}

TEST_CASE("commits are collected: at most one in each interval and none when nothing has changed") {
  start({0}, 50);
  demand(50);
  for (std::int64_t offset = 0; offset < 50; ++offset) {
    finish({offset});
    pass(50ms);
  }
  pass(10s);
  CHECK_GE(topic->commits.size(), 4u);
  CHECK_LE(topic->commits.size(), 6u);
  CHECK_EQ(topic->committed_offset(0), 50);
}

TEST_CASE("requests that were handed back are not committed") {
  start({0}, 3);
  demand(3);
  hand_back({0, 1});
  finish({2});
  pass(1s);
  CHECK_EQ(topic->committed_offset(0), 0);
  CHECK_EQ(last_commit().value().metadata, "2.-1.1BA==");
}

TEST_CASE("a commit that was refused is repeated until it is taken") {
  start({0}, 3);
  demand(3);
  topic->commit_answer = commit_result::again;
  finish({0, 1});
  pass(1600ms);
  CHECK_EQ(topic->commits.size(), 3u);
  CHECK_EQ(topic->committed_offset(0), position::none);
  topic->commit_answer = commit_result::done;
  pass(500ms);
  CHECK_EQ(topic->committed_offset(0), 2);
  auto commits = topic->commits.size();
  pass(5s);
  CHECK_EQ(topic->commits.size(), commits);
  CHECK_EQ(sample("models_processor_commits_failed_total"), 3);
}

TEST_CASE("a restarted reader goes on from the commit and skips exactly what was finished") {
  start({0}, 10);
  demand(10);
  finish({0, 1, 3, 5, 6});
  pass(500ms);
  kill_subject();
  heard->records.clear();
  new_reader();
  topic->assign({0});
  settle();
  demand(10);
  CHECK_EQ(offsets(), (offset_list{2, 4, 7, 8, 9}));
}

TEST_CASE("a settlement that wants an answer gets it when it is committed, and none by a commit that was refused") {
  start({0}, 3);
  demand(3);
  topic->commit_answer = commit_result::again;
  settlement first{{{0, assignment_of(0), 0}}, {}, 7};
  tell(first);
  pass(500ms);
  CHECK(!topic->commits.empty());
  CHECK(heard->settlements_committed.empty());
  topic->commit_answer = commit_result::done;
  pass(500ms);
  CHECK_EQ(heard->settlements_committed, std::vector<std::uint64_t>{7});
  finish({1});
  pass(500ms);
  CHECK_EQ(heard->settlements_committed, std::vector<std::uint64_t>{7});
}

TEST_CASE("a settlement that leaves nothing to commit is answered, too") {
  start({0}, 3);
  demand(3);
  finish({0});
  pass(500ms);
  tell(settlement{{}, {}, 3}); // the producer has settled the same directly
  pass(500ms);
  CHECK_EQ(heard->settlements_committed, std::vector<std::uint64_t>{3});
}

TEST_CASE("the numbers of settlements begin anew with the dispatcher") {
  start({0}, 3);
  demand(3);
  tell(settlement{{{0, assignment_of(0), 0}}, {}, 9});
  pass(500ms);
  new_dispatcher();
  demand(3);
  heard->settlements_committed.clear();
  tell(settlement{{{0, assignment_of(0), 1}}, {}, 1});
  pass(500ms);
  CHECK_EQ(heard->settlements_committed, std::vector<std::uint64_t>{1});
}

TEST_CASE("what a killed reader had not committed is read again") {
  start({0}, 3);
  demand(3);
  finish({0, 1});
  kill_subject();
  heard->records.clear();
  new_reader();
  topic->assign({0});
  settle();
  demand(10);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
}

TEST_CASE("each assignment of a partition has a number of its own, also over a restart of the reader") {
  start({0}, 3);
  demand(1);
  auto first = assignment_of(0);
  kill_subject();
  new_reader();
  topic->assign({0});
  settle();
  demand(1);
  CHECK_NE(assignment_of(0), first);
}

TEST_CASE("the end of a request of an older assignment changes nothing") {
  start({0}, 3);
  demand(3);
  settlement late;
  for (const auto& from : received())
    late.finished.push_back(from);
  topic->lose({0});
  settle();
  topic->assign({0});
  settle();
  demand(3);
  tell(late);
  pass(2s);
  CHECK(topic->commits.empty());
  // Handing back is no different: the request stays in flight, as the wait of a revocation shows.
  settlement late_back;
  late_back.handed_back = late.finished;
  tell(late_back);
  auto before = topic->unassigned.size();
  topic->revoke({0});
  settle();
  CHECK_EQ(topic->unassigned.size(), before); // it waits for what is in flight
  finish({0, 1, 2});
  CHECK_EQ(topic->unassigned.size(), before + 1);
}

TEST_CASE("metadata written by something else is ignored and its offset kept") {
  topic->committed[0] = {0, 2, "written by another program"};
  start({0}, 5);
  demand(10);
  CHECK_EQ(offsets(), (offset_list{2, 3, 4}));
}

TEST_CASE("gaps in the log hold nothing up") {
  start({0}, 0);
  for (int i = 0; i < 4; ++i)
    topic->add(0, "k", text_body(), 3);
  demand(4);
  CHECK_EQ(offsets(), (offset_list{3, 7, 11, 15}));
  finish({3, 7, 11, 15});
  pass(500ms);
  CHECK_EQ(topic->committed_offset(0), 16);
}

TEST_CASE("a new dispatcher gets everything unfinished again and nothing that is finished") {
  start({0, 1}, 4);
  demand(8);
  finish({1}, 0);
  finish({0, 1, 2, 3}, 1);
  kill_dispatcher();
  new_dispatcher();
  CHECK_EQ(topic->rewinds, (std::vector<std::pair<std::int32_t, std::int64_t>>{{0, 0}, {1, 4}}));
  demand(20);
  CHECK_EQ(offsets(0), (offset_list{0, 2, 3}));
  CHECK(offsets(1).empty());
  finish({0, 2, 3}, 0);
  pass(500ms);
  CHECK_EQ(topic->committed_offset(0), 4);
  CHECK_EQ(topic->committed_offset(1), 4);
}

TEST_CASE("records sent to a dispatcher that was dead already are sent again") {
  start({0}, 0);
  demand(5);
  kill_dispatcher();
  fill(0, 3);
  CHECK_EQ(topic->fetched, 3u);
  new_dispatcher();
  demand(5);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
}

TEST_CASE("a new dispatcher is told who reads and how many partitions") {
  start({0, 1}, 0);
  kill_dispatcher();
  new_dispatcher();
  REQUIRE_EQ(heard->readers.size(), 1u);
  CHECK_EQ(heard->readers[0].reader, reader);
  CHECK_EQ(heard->assigned_counts, std::vector<std::uint32_t>{2});
}

TEST_CASE("a reader that starts before the dispatcher waits for it") {
  fill(0, 3);
  new_reader();
  topic->assign({0});
  settle();
  pass(1s);
  CHECK_EQ(topic->fetched, 0u);
  new_dispatcher();
  demand(3);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
}

TEST_CASE("the answer to a commit that comes after its partition went and came back commits nothing unread") {
  topic->hold_commits = true;
  start({0}, 2);
  demand(2);
  finish({0});
  pass(500ms);
  REQUIRE_EQ(topic->held_commits.size(), 1u);
  topic->lose({0});
  settle();
  topic->assign({0});
  settle();
  topic->answer_commit(commit_result::again);
  settle();
  pass(2s); // the new assignment has read nothing, so there is nothing to commit
  CHECK_EQ(topic->commits.size(), 1u);
  CHECK(subject_alive());
}

END_FIXTURE_SCOPE()
