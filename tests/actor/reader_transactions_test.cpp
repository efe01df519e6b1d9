#define CAF_SUITE reader_transactions
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "tests/support/reader_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

struct reader_transactions_fixture : reader_fixture {
  std::shared_ptr<producer_log> told = std::make_shared<producer_log>();
  producer_actor producer;
  std::uint64_t serial = 0;

  reader_transactions_fixture() {
    transactional = true;
    producer = spawn_recording_producer(parent(), told);
    keep(caf::actor_cast<caf::strong_actor_ptr>(producer));
    directory->set_producer(producer);
  }

  ~reader_transactions_fixture() { producer = nullptr; }

  void ask(std::vector<origin> finishing, bool read_back = false) {
    tell(offsets_request{producer, ++serial, std::move(finishing), read_back});
  }

  void ask_for(const std::vector<std::int64_t>& offsets, bool read_back = false) { ask(places(offsets), read_back); }

  std::vector<origin> places(const std::vector<std::int64_t>& offsets, std::int32_t partition = 0) const {
    std::vector<origin> all;
    for (auto offset : offsets)
      all.push_back({partition, assignment_of(partition), offset});
    return all;
  }

  void end(bool committed, const std::vector<std::int64_t>& finished = {}) {
    tell(transaction_ended{serial, committed, places(finished)});
  }

  /// "3 finished 5,6": what would be committed for partition 0.
  std::string offered() const {
    if (told->offsets.empty() || told->offsets.back().offsets.empty())
      return "nothing";
    const auto& offer = told->offsets.back().offsets.front();
    auto text = std::to_string(offer.offset) + " finished";
    auto above = read_commit_metadata(offer.offset, offer.metadata, offset_ledger::spread_max);
    char before = ' ';
    for (auto offset : above.value().finished) {
      text += before + std::to_string(offset);
      before = ',';
    }
    return text;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(reader_transactions_fixture)

TEST_CASE("asked by the producer the reader says what the offsets would be, and commits nothing itself") {
  start({0}, 5);
  demand(5);
  ask_for({0, 2});
  CHECK_EQ(offered(), "1 finished 2");
  CHECK_EQ(told->offsets.back().membership, "member-1");
  CHECK_EQ(told->offsets.back().serial, serial);
  end(true, {0, 2});
  pass(2s);
  CHECK(topic->commits.empty());
}

TEST_CASE("only a committed transaction finishes its requests") {
  start({0}, 5);
  demand(5);
  ask_for({0});
  end(false);
  ask_for({1});
  CHECK_EQ(offered(), "0 finished 1");
  end(true, {1});
  ask_for({0});
  CHECK_EQ(offered(), "2 finished");
}

TEST_CASE("a request that is finished already is told as finished, one of another assignment as stale") {
  start({0}, 3);
  demand(2);
  ask_for({0});
  end(true, {0});
  ask({{0, assignment_of(0), 0},
       {0, assignment_of(0), 1},
       {0, assignment_of(0) + 1, 1},
       {0, assignment_of(0), 2},
       {7, 1, 0}});
  CHECK(told->offsets.back().finished == (std::vector<origin>{{0, assignment_of(0), 0}}));
  CHECK(told->offsets.back().stale
        == (std::vector<origin>{{0, assignment_of(0) + 1, 1}, {0, assignment_of(0), 2}, {7, 1, 0}}));
  CHECK_EQ(offered(), "2 finished");
}

TEST_CASE("offsets that move without a reply are told to the producer once, and offered with the next question") {
  start({0}, 3);
  demand(3);
  finish({0});
  pass(1s);
  CHECK_EQ(told->offsets_pending, 1u);
  ask({});
  CHECK_EQ(offered(), "1 finished");
  end(true);
  pass(1s);
  CHECK_EQ(told->offsets_pending, 1u);
  finish({1});
  pass(1s);
  CHECK_EQ(told->offsets_pending, 2u);
}

TEST_CASE("what moves while a transaction runs is offered with the next one") {
  start({0}, 3);
  demand(3);
  ask_for({0});
  finish({1});
  end(true, {0});
  pass(1s);
  ask({});
  CHECK_EQ(offered(), "2 finished");
}

TEST_CASE("offsets of a transaction that failed are offered again") {
  start({0}, 3);
  demand(3);
  finish({0});
  ask({});
  end(false);
  ask({});
  CHECK_EQ(offered(), "1 finished");
}

TEST_CASE("after an unclear outcome the committed positions are read back first") {
  start({0}, 4);
  demand(4);
  topic->committed[0] = {0, 1, write_commit_metadata(1, {{}, -1, {2}}, offset_ledger::spread_max)};
  auto loads = topic->loads;
  ask_for({0, 1, 2}, true);
  CHECK_EQ(topic->loads, loads + 1);
  CHECK(told->offsets.back().finished == places({0, 2}));
  CHECK_EQ(offered(), "3 finished");
  REQUIRE(!heard->taken.empty());
  CHECK_EQ(heard->taken.back().next, 1); // the dispatcher may have begun to work on some of them again
}

TEST_CASE("a position behind the log's end finishes nothing when it is read back") {
  topic->committed[0] = {0, 1000, {}};
  start({0}, 3);
  demand(3);
  REQUIRE_EQ(heard->records.size(), 3u);
  ask_for({0}, true); // nothing of this log was committed yet
  CHECK(told->offsets.back().finished.empty());
  CHECK_EQ(offered(), "1 finished");
}

TEST_CASE("what was known to be stored when a log was begun anew finishes nothing when it is read back, however far "
          "the log has grown") {
  topic->committed[0] = {0, 5, {}};
  start({0}, 3);
  demand(10);
  for (int i = 0; i < 4; ++i)
    topic->add(0, "later" + std::to_string(i), text_body());
  settle();
  REQUIRE_EQ(heard->records.size(), 7u);
  auto told_before = heard->taken.size();
  ask_for({0}, true);
  CHECK(told->offsets.back().finished.empty());
  CHECK_EQ(offered(), "1 finished");
  CHECK_EQ(heard->taken.size(), told_before); // the dispatcher would drop what it holds
}

TEST_CASE("a transaction of before the log was cut is no word to the dispatcher about what was written there since") {
  topic->topic_id = "ours";
  topic->leader_epoch = 1;
  start({0}, 6);
  demand(6);
  ask_for({0, 1, 2, 3, 4, 5}); // unclear: nobody says what has become of it
  topic->committed[0] = told->offsets.back().offsets.at(0);
  REQUIRE_EQ(topic->committed[0].offset, 6);
  topic->truncate(0, 3, 0);
  for (int i = 0; i < 5; ++i)
    topic->add(0, "again" + std::to_string(i), text_body());
  settle();
  demand(100);
  REQUIRE_EQ(heard->records.size(), 14u); // nothing was known to have had its end: all is read again
  ask({}, true);
  REQUIRE_EQ(told->offsets.back().offsets.size(), 1u);
  CHECK_EQ(told->offsets.back().offsets[0].offset, 3);
  REQUIRE(!heard->taken.empty());
  CHECK_EQ(heard->taken.back().next, 3);
}

TEST_CASE("what a transaction has committed whose log was cut off meanwhile is not published again") {
  topic->topic_id = "ours";
  topic->leader_epoch = 1;
  start({0}, 6);
  demand(6);
  ask_for({0, 1, 3});
  auto old = places({0, 1, 3});
  topic->truncate(0, 5, 0);
  topic->add(0, "again", text_body());
  auto told_of = topic->look();
  told_of.logs.at(0).reached = 7;
  topic->happen(std::move(told_of));
  settle();
  heard->records.clear();
  tell(transaction_ended{serial, true, old});
  demand(100);
  CHECK_EQ(offsets(), (std::vector<std::int64_t>{2, 4, 5}));
}

TEST_CASE("an end of a topic that was deleted is published without an offset, also when the partition was lost since") {
  topic->topic_id = "first";
  start({0}, 3);
  demand(3);
  auto old = places({0, 1});
  topic->make_anew("second", 0, text_body());
  topic->happen(topic->look());
  settle();
  ask(old);
  CHECK(told->offsets.back().stale.empty());
  CHECK_EQ(offered(), "0 finished"); // of the new topic
  tell(transaction_ended{serial, true, {}});
  topic->lose({0});
  settle();
  ask(old); // whoever has the partition now will not read them
  CHECK(told->offsets.back().stale.empty());
  topic->assign({0});
  settle();
  ask(old);
  CHECK(told->offsets.back().stale.empty());
  CHECK_EQ(offered(), "nothing");
}

TEST_CASE("reading back is repeated until the broker answers") {
  start({0}, 2);
  demand(2);
  topic->positions_failures = 2;
  ask_for({0}, true);
  CHECK(told->offsets.empty());
  pass(300ms);
  CHECK_EQ(told->offsets.size(), 1u);
}

TEST_CASE("a revocation commits nothing itself: an unclear transaction may have committed more") {
  start({0, 1}, 2);
  demand(4);
  finish({0}, 1);
  topic->revoke({0});
  settle();
  pass(3s);
  CHECK(topic->commits.empty());
}

TEST_CASE("a partition is not given back before the transaction that covers it has ended") {
  start({0}, 2);
  demand(1);
  ask_for({0});
  topic->revoke({0});
  settle();
  pass(500ms);
  CHECK(topic->unassigned.empty());
  end(true, {0});
  CHECK_EQ(topic->unassigned.size(), 1u);
}

TEST_CASE("a partition whose transaction does not end is given back all the same") {
  start({0}, 2);
  demand(1);
  ask_for({0});
  topic->revoke({0});
  settle();
  pass(5100ms);
  CHECK_EQ(topic->unassigned.size(), 1u);
}

TEST_CASE("before the group is left the last offsets are committed") {
  start({0}, 2);
  demand(1);
  finish({0});
  tell(leave_group{});
  CHECK_EQ(topic->closes, 0);
  ask({});
  CHECK_EQ(offered(), "1 finished");
  end(true);
  pass(100ms);
  CHECK_EQ(topic->closes, 1);
}

TEST_CASE("the lag is counted from what a transaction has committed") {
  start({0}, 2);
  demand(1);
  ask_for({0});
  end(true, {0});
  REQUIRE_EQ(topic->noted.size(), 1u);
  CHECK_EQ(topic->noted[0].offset, 1);
}

END_FIXTURE_SCOPE()
