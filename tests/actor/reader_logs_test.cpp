#define CAF_SUITE reader_logs
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "tests/support/reader_fixture.hpp"

#include <algorithm>

// Logs that are not those any more that the group's positions belong to.

using namespace mp;
using namespace mp::test;
using namespace std::chrono_literals;

namespace {

using offset_list = std::vector<std::int64_t>;

struct logs_fixture : reader_fixture {
  logs_fixture() {
    topic->topic_id = "first";
    topic->leader_epoch = 1;
  }

  /// Six records read, the first three and the fifth of them finished and committed.
  void read_six() {
    start({0}, 6);
    demand(100);
    finish({0, 1, 2, 4});
    pass(600ms);
  }

  int changes(const std::string& kind) {
    return static_cast<int>(sample("models_processor_log_changes_total{kind=\"" + kind + "\"}"));
  }

  /// Keys of what was received since it was looked at last.
  std::vector<std::string> fresh_keys() {
    std::vector<std::string> keys;
    for (; seen < heard->records.size(); ++seen)
      if (auto* question = std::get_if<shared_request>(&heard->records[seen]))
        keys.push_back((*question)->id);
    return keys;
  }

  /// A reader in the place of one that was killed; what it sends from now on is fresh.
  void restart() {
    new_reader();
    topic->assign({0});
    settle();
    fresh_keys();
    demand(100);
  }

  /// Another reader, after one that was killed, is given the partition; with demand, or without any yet.
  void succeed(bool demanded) {
    heard->taken.clear();
    new_reader();
    if (demanded)
      demand(100);
    topic->assign({0});
    settle();
  }

  void look() {
    topic->happen(topic->look());
    settle();
  }

  std::size_t seen = 0;
};

using keys = std::vector<std::string>;

} // namespace

BEGIN_FIXTURE_SCOPE(logs_fixture)

TEST_CASE("of a topic made anew every record is read, also when it is shorter than the position") {
  read_six();
  fresh_keys();
  topic->make_anew("second", 3, text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"new0", "new1", "new2"}));
  CHECK_EQ(changes("made_anew"), 1);
  finish({0, 1, 2});
  pass(600ms);
  CHECK_EQ(last_committed(), 3);
}

TEST_CASE("of a topic made anew that has grown beyond the position the records below it are read, too") {
  read_six();
  fresh_keys();
  topic->make_anew("second", 8, text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"new6", "new7"})); // nothing can tell yet
  look();
  CHECK_EQ(fresh_keys(), (keys{"new0", "new1", "new2", "new3", "new4", "new5", "new6", "new7"}));
  CHECK_EQ(changes("made_anew"), 1);
  look();
  CHECK_EQ(changes("made_anew"), 1);
  CHECK(fresh_keys().empty());
}

TEST_CASE("ends of the old topic's requests move no offset of the new one") {
  read_six();
  auto old = assignment_of(0);
  topic->make_anew("second", 8, text_body());
  look();
  CHECK_NE(assignment_of(0), old);
  tell(settlement{{{0, old, 3}, {0, old, 5}, {0, old, 0}}, {}});
  pass(600ms);
  CHECK_EQ(last_committed(), 0);
  CHECK_EQ(last_commit()->metadata.substr(0, 8), "2second.");
}

TEST_CASE("a position committed for another topic is not gone on from") {
  topic->committed[0] = {0, 4, write_commit_metadata(4, {"before", 1, {5}}, offset_ledger::spread_max)};
  start({0}, 6);
  demand(100);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3, 4, 5}));
  CHECK_EQ(changes("made_anew"), 1);
  pass(600ms);
  CHECK_EQ(last_committed(), 0);
}

TEST_CASE("a position beyond the log's end is told, and everything is read") {
  topic->committed[0] = {0, 1000, {}};
  start({0}, 3);
  demand(100);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
  CHECK_EQ(changes("beyond_end"), 1);
  finish({0, 1, 2});
  pass(600ms);
  CHECK_EQ(last_committed(), 3);
}

TEST_CASE("bits of offsets that do not exist yet are not taken for ends") {
  topic->committed[0] = {0, 0, write_commit_metadata(0, {{}, -1, {1, 3, 4, 5, 6, 7, 8}}, offset_ledger::spread_max)};
  start({0}, 3);
  demand(100);
  for (int i = 0; i < 4; ++i)
    topic->add(0, "later" + std::to_string(i), text_body());
  settle();
  CHECK_EQ(offsets(), (offset_list{0, 2, 3, 4, 5, 6}));
}

TEST_CASE("when the log lost its end, what was written there since is read, and nothing else again") {
  read_six();
  fresh_keys();
  topic->truncate(0, 4, 0);
  for (int i = 0; i < 3; ++i)
    topic->add(0, "again" + std::to_string(i), text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"k3", "again0", "again1", "again2"})); // 3 had no end
  CHECK_EQ(changes("truncated"), 1);
  finish({3, 4, 5, 6});
  pass(600ms);
  CHECK_EQ(last_committed(), 7);
}

TEST_CASE("a log that lost its end is noticed without a record, too") {
  read_six();
  finish({3, 5});
  pass(600ms);
  CHECK_EQ(last_committed(), 6);
  fresh_keys();
  topic->truncate(0, 2, 2);
  auto told = topic->look();
  told.logs.at(0).reached = 6;
  topic->happen(std::move(told));
  settle();
  CHECK_EQ(changes("truncated"), 1);
  topic->add(0, "again", text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"again"}));
}

TEST_CASE("a log that was cut off and has grown beyond the committed position is read from the cut on") {
  read_six();
  finish({3, 5});
  pass(600ms);
  kill_subject();
  topic->truncate(0, 3, 0);
  for (int i = 0; i < 6; ++i)
    topic->add(0, "again" + std::to_string(i), text_body());
  new_reader();
  topic->assign({0});
  settle();
  fresh_keys();
  demand(100);
  CHECK_EQ(fresh_keys(), (keys{"again0", "again1", "again2", "again3", "again4", "again5"}));
  CHECK_EQ(changes("truncated"), 1);
}

TEST_CASE("a log that was cut off and has grown is read from the cut on, also when only markers lie where it had been "
          "read to") {
  read_six();
  finish({3, 5});
  pass(600ms);
  CHECK_EQ(last_committed(), 6);
  kill_subject();
  topic->truncate(0, 2, 0);
  topic->add(0, "again", text_body());
  topic->mark(0, 5);
  restart();
  CHECK_EQ(fresh_keys(), (keys{"again"}));
  CHECK_EQ(changes("truncated"), 1);
}

TEST_CASE("a new leader of a log that ends in markers is no change of it") {
  read_six();
  topic->mark(0, 3);
  finish({3, 5});
  pass(600ms);
  CHECK_EQ(last_committed(), 9);
  kill_subject();
  ++topic->leader_epoch;
  topic->add(0, "more", text_body());
  restart();
  CHECK_EQ(fresh_keys(), (keys{"more"}));
  CHECK_EQ(topic->looks, 0);
}

TEST_CASE("where a log holds nothing any more below the position a newer record is only new") {
  topic->committed[0] = {0, 9, write_commit_metadata(9, {"first", 1, {}}, offset_ledger::spread_max)};
  topic->begins[0] = 3;
  topic->mark(0, 6);
  topic->leader_epoch = 2;
  topic->add(0, "more", text_body());
  start({0});
  demand(100);
  CHECK_EQ(fresh_keys(), (keys{"more"}));
  CHECK_EQ(topic->looks, 0);
}

TEST_CASE("where nothing was cut off a restart reads nothing again and counts nothing as skipped") {
  read_six();
  finish({3, 5});
  pass(600ms);
  kill_subject();
  new_reader();
  topic->assign({0});
  settle();
  fresh_keys();
  demand(100);
  topic->add(0, "more", text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"more"}));
  CHECK_EQ(sample("models_processor_records_skipped_as_finished_total"), 0);
}

TEST_CASE("records that retention has removed before they were read are told of") {
  topic->committed[0] = {0, 2, write_commit_metadata(2, {"first", 1, {}}, offset_ledger::spread_max)};
  fill(0, 8);
  auto& log = topic->partitions[0];
  log.erase(log.begin(), log.begin() + 5);
  topic->begins[0] = 5;
  start({0});
  demand(100);
  CHECK_EQ(offsets(), (offset_list{5, 6, 7}));
  CHECK_EQ(changes("trimmed"), 1);
}

TEST_CASE("records that retention removes before they are read once more hold up no commit") {
  start({0}, 6);
  demand(100);
  finish({1, 4});
  auto& log = topic->partitions[0];
  log.erase(log.begin(), log.begin() + 3);
  topic->begins[0] = 3;
  kill_dispatcher(); // nobody works on the records any more
  new_dispatcher();
  demand(100);
  CHECK_EQ(offsets(), (offset_list{3, 5}));
  look();
  finish({3, 5});
  pass(600ms);
  CHECK_EQ(last_committed(), 6);
}

TEST_CASE("bits of offsets that do not exist yet are replaced before they do") {
  topic->committed[0] = {0, 0, write_commit_metadata(0, {{}, -1, {3, 4, 5}}, offset_ledger::spread_max)};
  start({0}, 3);
  demand(100);
  pass(600ms);
  REQUIRE(last_commit().has_value());
  CHECK_EQ(last_committed(), 0);
  auto known = read_commit_metadata(0, last_commit()->metadata, offset_ledger::spread_max);
  REQUIRE(known.has_value());
  CHECK(known->finished.empty());
}

TEST_CASE(
  "a cut log in which all had had its end is committed at its end, so that the next one need not read it again") {
  read_six();
  finish({3, 5});
  pass(600ms);
  CHECK_EQ(last_committed(), 6);
  topic->truncate(0, 4, 4);
  topic->mark(0, 0); // the end is told
  auto told = topic->look();
  told.logs.at(0).reached = 6;
  topic->happen(std::move(told));
  settle();
  pass(600ms);
  CHECK_EQ(last_committed(), 4);
}

TEST_CASE("what was written where the log was cut off while readers were made to read on elsewhere is read") {
  start({0}, 4);
  demand(4);
  finish({0, 1, 2, 3});
  pass(600ms);
  CHECK_EQ(last_committed(), 4);
  fresh_keys();
  kill_dispatcher();
  topic->truncate(0, 2, 2);
  for (int i = 0; i < 4; ++i)
    topic->add(0, "again" + std::to_string(i), text_body());
  topic->next[0] = 4; // nothing was read since, so the client has nothing to compare
  seen = 0;
  new_dispatcher();
  demand(100);
  CHECK_EQ(fresh_keys(), (keys{"again0", "again1", "again2", "again3"}));
  CHECK_EQ(changes("truncated"), 1);
}

TEST_CASE("where a new leader has lost nothing a new dispatcher gets only what is new") {
  start({0}, 4);
  demand(4);
  finish({0, 1, 2, 3});
  kill_dispatcher();
  ++topic->leader_epoch;
  topic->add(0, "more", text_body());
  seen = 0;
  new_dispatcher();
  demand(100);
  CHECK_EQ(fresh_keys(), (keys{"more"}));
  CHECK_EQ(topic->looks, 0);
}

TEST_CASE("what a position finishes is told once the log has been seen to be the one it belongs to") {
  read_six();
  kill_subject();
  succeed(true);
  REQUIRE_EQ(heard->taken.size(), 1u);
  CHECK_EQ(heard->taken[0].next, 3);
  CHECK_EQ(heard->taken[0].finished, (offset_list{4}));
}

TEST_CASE("a position of before the log was cut off below it finishes nothing that the dispatcher holds") {
  read_six();
  kill_subject();
  topic->truncate(0, 1, 1);
  fill(0, 8);
  succeed(true);
  CHECK(heard->taken.empty());
  CHECK_EQ(changes("truncated"), 1);
}

TEST_CASE("without demand what a position finishes is told at once, since it may be what there is no room for") {
  read_six();
  kill_subject();
  succeed(false);
  REQUIRE_EQ(heard->taken.size(), 1u);
  CHECK_EQ(heard->taken[0].next, 3);
}

TEST_CASE("with a partition goes what was read of it before its log was cut off") {
  start({0}, 4);
  demand(4);
  auto before = assignment_of(0);
  topic->truncate(0, 2, 2);
  auto told = topic->look();
  told.logs.at(0).reached = 4;
  topic->happen(std::move(told));
  settle();
  REQUIRE_EQ(changes("truncated"), 1);
  topic->lose({0});
  settle();
  auto is_old = [&](const partition_assignment& each) { return each.partition == 0 && each.assignment == before; };
  CHECK_EQ(std::count_if(heard->revoking.begin(), heard->revoking.end(), is_old), 1);
  CHECK_EQ(std::count_if(heard->revoked.begin(), heard->revoked.end(), is_old), 1);
  CHECK_EQ(heard->revoked.size(), 2u);
}

TEST_CASE("until the log was looked at nothing is read of it, other partitions go on") {
  start({0, 1}, 4);
  demand(100);
  finish({0, 1, 2, 3});
  fresh_keys();
  topic->hides_logs = true;
  topic->truncate(0, 2, 0);
  topic->add(0, "again", text_body());
  topic->add(1, "other", text_body());
  settle();
  CHECK_EQ(fresh_keys(), (keys{"other"}));
  CHECK_GE(topic->looks, 1);
  topic->hides_logs = false;
  look();
  CHECK_EQ(fresh_keys(), (keys{"again"}));
}

TEST_CASE("the position goes behind markers once all before them is finished") {
  start({0}, 3);
  demand(100);
  topic->mark(0, 2);
  settle();
  finish({0, 2});
  pass(600ms);
  CHECK_EQ(last_committed(), 1);
  finish({1});
  pass(600ms);
  CHECK_EQ(last_committed(), 5);
  topic->mark(0);
  settle();
  pass(600ms);
  CHECK_EQ(last_committed(), 6);
}

TEST_CASE("exactly-once: an end in a topic that is there no more is published without an offset") {
  transactional = true;
  start({0}, 2);
  demand(100);
  auto old = assignment_of(0);
  topic->make_anew("second", 3, text_body());
  look();
  auto told = std::make_shared<producer_log>();
  auto producer = spawn_recording_producer(parent(), told);
  keep(caf::actor_cast<caf::strong_actor_ptr>(producer));
  offsets_request question{producer, 1, {}, false};
  question.finishing = {{0, old, 1}, {0, assignment_of(0), 0}, {0, old + 1000, 0}};
  tell(question);
  REQUIRE_EQ(told->offsets.size(), 1u);
  const auto& said = told->offsets.front();
  CHECK(said.finished.empty());
  CHECK_EQ(said.stale, (std::vector<origin>{{0, old + 1000, 0}}));
  REQUIRE_EQ(said.offsets.size(), 1u);
  CHECK_EQ(said.offsets[0].offset, 1);
}

END_FIXTURE_SCOPE()
