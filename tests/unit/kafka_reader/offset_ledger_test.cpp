#define CAF_SUITE offset_ledger
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <random>

using namespace mp;
using verdict = offset_ledger::verdict;
using loaded = offset_ledger::loaded;

namespace {

offset_ledger started_at(std::int64_t offset, std::string metadata = {}) {
  offset_ledger ledger;
  ledger.load({0, offset, std::move(metadata)});
  return ledger;
}

/// What a commit says is finished above it; nothing when that cannot be read.
std::optional<std::set<std::int64_t>> finished_of(const position& committed) {
  auto found = read_commit_metadata(committed.offset, committed.metadata, offset_ledger::spread_max);
  return found ? std::optional{found->finished} : std::nullopt;
}

} // namespace

TEST_CASE("a range that cannot be read has one end, which covers it whole") {
  auto ledger = started_at(5);
  CHECK(ledger.receive(5) == offset_ledger::verdict::fresh);
  CHECK(ledger.finish(5));
  CHECK_EQ(ledger.receive_unreadable(6, 900'000), 900'000);
  CHECK(!ledger.receive_unreadable(6, 900'000)); // worked on already
  CHECK_EQ(ledger.in_flight(), 1u);
  CHECK_EQ(ledger.commit_point(), 6);
  CHECK(ledger.finish(6));
  CHECK_EQ(ledger.commit_point(), 900'001);
  CHECK(ledger.finished_above().empty());
  CHECK(ledger.receive(900'000) == offset_ledger::verdict::finished);
}

TEST_CASE("a range above something unfinished is finished whole in the bitmap, and no longer than that can hold") {
  auto ledger = started_at(0);
  ledger.receive(0);
  auto last = ledger.receive_unreadable(3, 900'000);
  REQUIRE(last.has_value());
  CHECK_EQ(*last, offset_ledger::intake_spread_max);
  CHECK(ledger.intake_full());
  CHECK(ledger.finish(3));
  offset_ledger again;
  CHECK(again.load(ledger.to_commit(0)) == offset_ledger::loaded::restored);
  for (auto offset : {std::int64_t{3}, std::int64_t{4}, *last})
    CHECK(again.look(offset) == offset_ledger::state::finished);
  CHECK(again.look(2) == offset_ledger::state::unread);
  CHECK(again.look(*last + 1) == offset_ledger::state::unread);
}

TEST_CASE("a range ends before what is finished in it") {
  offset_ledger ledger;
  ledger.load({0, 0, {}});
  ledger.receive(0);
  ledger.receive(5);
  ledger.finish(5);
  CHECK_EQ(ledger.receive_unreadable(1, 9), 4);
}

TEST_CASE("a range that cannot be read ends before an offset that was read once") {
  offset_ledger ledger;
  ledger.load({0, 0, {}});
  for (std::int64_t offset : {0, 1, 4})
    ledger.receive(offset);
  ledger.reopen();
  CHECK_EQ(ledger.receive_unreadable(0, 9), 0);
  CHECK_EQ(ledger.receive_unreadable(1, 9), 3);
  CHECK_EQ(ledger.receive_unreadable(4, 9), 9);
  for (std::int64_t offset : {4, 1, 0})
    CHECK(ledger.finish(offset));
  CHECK_EQ(ledger.commit_point(), 10);
}

TEST_CASE("nothing is to be committed before anything was read") {
  offset_ledger ledger;
  CHECK_EQ(ledger.load({0, position::none, {}}), loaded::empty);
  CHECK_EQ(ledger.commit_point(), position::none);
  CHECK(!ledger.dirty());
}

TEST_CASE("the commit point is the lowest unfinished offset") {
  auto ledger = started_at(10);
  for (std::int64_t offset = 10; offset < 14; ++offset)
    CHECK_EQ(ledger.receive(offset), verdict::fresh);
  CHECK_EQ(ledger.commit_point(), 10);
  CHECK(ledger.finish(12));
  CHECK(ledger.finish(11));
  CHECK_EQ(ledger.commit_point(), 10);
  CHECK(ledger.finish(10));
  CHECK_EQ(ledger.commit_point(), 13);
  CHECK(ledger.finish(13));
  CHECK_EQ(ledger.commit_point(), 14);
}

TEST_CASE("without a commit the commit point follows the first record, wherever the log begins") {
  auto ledger = started_at(position::none);
  CHECK_EQ(ledger.receive(500), verdict::fresh);
  CHECK_EQ(ledger.commit_point(), 500);
  CHECK(ledger.finish(500));
  CHECK_EQ(ledger.commit_point(), 501);
}

TEST_CASE("offsets missing in the log hold nothing up") {
  auto ledger = started_at(0);
  for (std::int64_t offset : {2, 3, 7, 20})
    CHECK_EQ(ledger.receive(offset), verdict::fresh);
  ledger.finish(2);
  CHECK_EQ(ledger.commit_point(), 3);
  ledger.finish(7);
  ledger.finish(3);
  CHECK_EQ(ledger.commit_point(), 20);
  ledger.finish(20);
  CHECK_EQ(ledger.commit_point(), 21);
}

TEST_CASE("finished offsets above the commit point travel in the commit and are skipped by the next owner") {
  auto ledger = started_at(100);
  for (std::int64_t offset = 100; offset < 106; ++offset)
    ledger.receive(offset);
  for (std::int64_t offset : {101, 103, 104})
    ledger.finish(offset);
  auto committed = ledger.to_commit(3);
  CHECK_EQ(committed.partition, 3);
  CHECK_EQ(committed.offset, 100);

  offset_ledger next;
  CHECK_EQ(next.load(committed), loaded::restored);
  CHECK_EQ(next.receive(100), verdict::fresh);
  CHECK_EQ(next.receive(101), verdict::finished);
  CHECK_EQ(next.receive(102), verdict::fresh);
  CHECK_EQ(next.receive(103), verdict::finished);
  CHECK_EQ(next.receive(104), verdict::finished);
  CHECK_EQ(next.receive(105), verdict::fresh);
  CHECK_EQ(next.in_flight(), 3u);
}

TEST_CASE("an offset known as finished but not read yet is never passed by the commit point") {
  auto ledger = started_at(10, write_commit_metadata(10, {{}, -1, {12}}, offset_ledger::spread_max));
  CHECK_EQ(ledger.receive(10), verdict::fresh);
  ledger.finish(10);
  CHECK_EQ(ledger.commit_point(), 11); // not 13: 11 was not read
  CHECK_EQ(ledger.receive(11), verdict::fresh);
  CHECK_EQ(ledger.receive(12), verdict::finished);
  ledger.finish(11);
  CHECK_EQ(ledger.commit_point(), 13);
}

TEST_CASE("a skipped record that moves the commit point is worth a commit") {
  auto ledger = started_at(10, write_commit_metadata(10, {{}, -1, {10}}, offset_ledger::spread_max));
  CHECK(!ledger.dirty());
  CHECK_EQ(ledger.receive(10), verdict::finished);
  CHECK_EQ(ledger.commit_point(), 11);
  CHECK(ledger.dirty());
}

TEST_CASE("foreign metadata is ignored and its offset kept") {
  offset_ledger ledger;
  CHECK_EQ(ledger.load({0, 42, "written by something else"}), loaded::foreign);
  CHECK_EQ(ledger.commit_point(), 42);
  CHECK_EQ(ledger.receive(42), verdict::fresh);
}

TEST_CASE("an empty bitmap and no metadata at all restore nothing") {
  offset_ledger ledger;
  CHECK_EQ(ledger.load({0, 42, "2.-1.1"}), loaded::empty);
  CHECK_EQ(ledger.load({0, 42, {}}), loaded::empty);
  CHECK_EQ(ledger.commit_point(), 42);
}

TEST_CASE("metadata without an offset is not looked at") {
  offset_ledger ledger;
  CHECK_EQ(ledger.load({0, position::none, "1AQ=="}), loaded::empty);
  CHECK_EQ(ledger.receive(0), verdict::fresh);
}

TEST_CASE("a record read twice is worked on once") {
  auto ledger = started_at(0);
  CHECK_EQ(ledger.receive(0), verdict::fresh);
  CHECK_EQ(ledger.receive(0), verdict::known);
  CHECK_EQ(ledger.in_flight(), 1u);
  ledger.finish(0);
  CHECK_EQ(ledger.receive(0), verdict::finished);
}

TEST_CASE("an end reported twice or for an offset never received changes nothing") {
  auto ledger = started_at(0);
  ledger.receive(0);
  ledger.receive(1);
  CHECK(!ledger.finish(7));
  CHECK(ledger.finish(0));
  ledger.commit_sent();
  CHECK(!ledger.finish(0));
  CHECK(!ledger.dirty());
  CHECK_EQ(ledger.commit_point(), 1);
}

TEST_CASE("what was handed back is unfinished, but nobody works on it") {
  auto ledger = started_at(0);
  ledger.receive(0);
  ledger.receive(1);
  CHECK(ledger.hand_back(0));
  CHECK(!ledger.hand_back(0));
  CHECK(!ledger.hand_back(9));
  CHECK_EQ(ledger.in_flight(), 1u);
  CHECK_EQ(ledger.commit_point(), 0);
  CHECK_EQ(ledger.receive(0), verdict::fresh);
  CHECK_EQ(ledger.in_flight(), 2u);
}

TEST_CASE("a request handed back and finished all the same is finished") {
  auto ledger = started_at(0);
  ledger.receive(0);
  ledger.hand_back(0);
  CHECK(ledger.finish(0));
  CHECK_EQ(ledger.in_flight(), 0u);
  CHECK_EQ(ledger.commit_point(), 1);
}

TEST_CASE("after reopening every unfinished offset is fresh again and the finished ones are skipped") {
  auto ledger = started_at(0);
  for (std::int64_t offset = 0; offset < 5; ++offset)
    ledger.receive(offset);
  ledger.finish(1);
  ledger.finish(3);
  ledger.reopen();
  CHECK_EQ(ledger.in_flight(), 0u);
  CHECK_EQ(ledger.commit_point(), 0);
  CHECK_EQ(ledger.receive(0), verdict::fresh);
  CHECK_EQ(ledger.receive(1), verdict::finished);
  CHECK_EQ(ledger.receive(2), verdict::fresh);
  CHECK_EQ(ledger.receive(3), verdict::finished);
  CHECK_EQ(ledger.receive(4), verdict::fresh);
  CHECK_EQ(ledger.in_flight(), 3u);
}

TEST_CASE("a commit that failed is due again") {
  auto ledger = started_at(0);
  ledger.receive(0);
  ledger.finish(0);
  CHECK(ledger.dirty());
  ledger.commit_sent();
  CHECK(!ledger.dirty());
  ledger.commit_failed();
  CHECK(ledger.dirty());
}

TEST_CASE("intake stops at three quarters of the spread and goes on when the commit point moves") {
  auto ledger = started_at(0);
  for (std::int64_t offset = 0; offset < 6144; ++offset) {
    REQUIRE(!ledger.intake_full());
    ledger.receive(offset);
    if (offset > 0)
      ledger.finish(offset);
  }
  CHECK(ledger.intake_full());
  ledger.finish(0);
  CHECK(!ledger.intake_full());
}

namespace {

/// What a ledger must be like, kept the slow and obvious way: a log with gaps, who has had an end, what is open.
struct naive_model {
  std::vector<std::int64_t> log;
  std::set<std::int64_t> unfinished;       // of the whole log, read or not
  std::map<std::int64_t, bool> open;       // true: handed back
  std::set<std::int64_t> finished_here;    // known to the ledger as finished
  std::size_t next = 0;                    // index into the log
  std::mt19937_64& random;

  naive_model(std::size_t records, std::mt19937_64& from) : random(from) {
    std::int64_t offset = static_cast<std::int64_t>(random() % 1000);
    for (std::size_t i = 0; i < records;
         ++i, offset += random() % 5 == 0 ? 1 + static_cast<std::int64_t>(random() % 30) : 1)
      log.push_back(offset);
    unfinished.insert(log.begin(), log.end());
  }

  std::int64_t any_open() {
    auto i = open.begin();
    std::advance(i, static_cast<std::ptrdiff_t>(random() % std::min<std::size_t>(open.size(), 40)));
    return i->first;
  }

  void seek(std::int64_t offset) {
    next = static_cast<std::size_t>(std::lower_bound(log.begin(), log.end(), offset) - log.begin());
  }

  bool receive(offset_ledger& ledger) {
    auto offset = log[next++];
    auto expected = finished_here.contains(offset)           ? verdict::finished
                    : open.contains(offset) && !open[offset] ? verdict::known
                                                             : verdict::fresh;
    if (expected == verdict::fresh)
      open[offset] = false;
    return ledger.receive(offset) == expected;
  }

  bool finish(offset_ledger& ledger, std::int64_t offset) {
    unfinished.erase(offset);
    finished_here.insert(offset);
    open.erase(offset);
    return ledger.finish(offset);
  }

  bool agrees(const offset_ledger& ledger) const {
    auto in_flight =
      static_cast<std::size_t>(std::count_if(open.begin(), open.end(), [](auto& each) { return !each.second; }));
    bool nothing_passed = unfinished.empty() || ledger.commit_point() <= *unfinished.begin();
    bool nothing_held_up = open.empty() || ledger.commit_point() == open.begin()->first;
    return nothing_passed && nothing_held_up && (open.size() > 50 || ledger.in_flight() == in_flight);
  }

  /// The process dies and the next one begins at `committed`: it must skip exactly what the commit said was finished.
  offset_ledger restart(const position& committed) {
    offset_ledger fresh;
    fresh.load(committed);
    auto told = finished_of(committed);
    CAF_REQUIRE(told.has_value());
    for (auto offset : *told)
      CAF_REQUIRE(!unfinished.contains(offset));
    finished_here = std::move(*told);
    open.clear();
    seek(committed.offset);
    return fresh;
  }
};

} // namespace

TEST_CASE("over a million random steps the commit point passes nothing unfinished and a restart skips the finished") {
  std::size_t restarts = 0, commits = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    std::mt19937_64 random{seed};
    naive_model model{9'000, random};
    auto ledger = started_at(seed % 2 == 0 ? position::none : 0);
    auto committed = ledger.to_commit(0);
    auto burst = 1 + random() % 100; // how many are open at a time: some seeds run wide, some narrow
    bool sound = true;
    for (int step = 0; step < 25'000 && sound; ++step) {
      auto what = random() % 1000;
      if (what < 2) {
        if (committed.offset == position::none)
          continue;
        ledger = model.restart(committed);
        ++restarts;
      } else if (what < 4) { // a new dispatcher: everything unfinished is read again
        ledger.reopen();
        for (auto& each : model.open)
          each.second = true;
        if (ledger.commit_point() >= 0)
          model.seek(ledger.commit_point());
      } else if (what < 20 && !model.open.empty()) {
        auto offset = model.any_open();
        sound = ledger.hand_back(offset) != model.open[offset];
        model.open[offset] = true;
      } else if (what < 40) {
        committed = ledger.to_commit(0);
        auto told = finished_of(committed);
        sound = told.has_value();
        for (auto offset : model.finished_here) // exactly those above the commit point and within the spread
          if (sound && offset >= committed.offset && offset < committed.offset + offset_ledger::spread_max)
            sound = told->erase(offset) == 1;
        sound = sound && told->empty();
        ledger.commit_sent();
        ++commits;
      } else if (model.open.size() < burst && model.next < model.log.size() && !ledger.intake_full()) {
        sound = model.receive(ledger);
      } else if (!model.open.empty()) {
        sound = model.finish(ledger, model.any_open());
      }
      sound = sound && model.agrees(ledger);
      // The model keeps only what can matter, or it would be slow as well as naive.
      auto forget =
        model.next < model.log.size() ? std::min(ledger.commit_point(), model.log[model.next]) : ledger.commit_point();
      model.finished_here.erase(model.finished_here.begin(), model.finished_here.lower_bound(forget));
    }
    if (!sound)
      CAF_FAIL("seed " << seed);
  }
  CHECK_GT(restarts, 500u);
  CHECK_GT(commits, 5000u);
}

namespace {

offset_ledger cut_off(std::int64_t from, std::int64_t ended_below, std::int32_t leader_epoch,
                      std::set<std::int64_t> finished = {}) {
  offset_ledger ledger;
  ledger.begin({.offset = from, .known = {"topic", leader_epoch, std::move(finished)}, .ended_below = ended_below});
  return ledger;
}

} // namespace

TEST_CASE("in a log that was cut off what is not newer than the cut has had its end, and what is newer is fresh") {
  auto ledger = cut_off(0, 10, 4, {11, 12});
  CHECK_EQ(ledger.receive(0, 1), verdict::finished);
  CHECK_EQ(ledger.receive(5, 4), verdict::finished);
  CHECK(!ledger.dirty());
  CHECK_EQ(ledger.receive(6, 5), verdict::fresh);
  CHECK_EQ(ledger.receive(7, 5), verdict::fresh);
  CHECK_EQ(ledger.receive(11, 5), verdict::fresh);
  CHECK_EQ(ledger.commit_point(), 6);
}

TEST_CASE("in a log that was cut off above the position the bits of before the cut count") {
  auto ledger = cut_off(0, 3, 4, {5, 6, 9});
  CHECK_EQ(ledger.receive(2, 4), verdict::finished);
  CHECK_EQ(ledger.receive(3, 4), verdict::fresh);
  CHECK_EQ(ledger.receive(5, 4), verdict::finished);
  CHECK_EQ(ledger.receive(6, 6), verdict::fresh);
  CHECK_EQ(ledger.receive(9, 6), verdict::fresh);
}

TEST_CASE("what a cut log has behind its end has had no end") {
  auto ledger = cut_off(0, 10, 4, {12});
  CHECK_EQ(ledger.receive(4, 4), verdict::finished);
  ledger.passed(5);
  CHECK_EQ(ledger.commit_point(), 5);
  CHECK_EQ(ledger.receive(5, 4), verdict::fresh);
  CHECK_EQ(ledger.receive(12, 4), verdict::fresh);
}

TEST_CASE("a cut log that was read again to its end is worth a commit, although all of it had had its end") {
  auto ledger = cut_off(0, 10, 4);
  CHECK_EQ(ledger.receive(4, 4), verdict::finished);
  CHECK(!ledger.dirty());
  ledger.passed(5);
  CHECK(ledger.dirty());
  CHECK_EQ(ledger.to_commit(0).offset, 5);
  ledger.commit_sent();
  ledger.passed(5);
  CHECK(!ledger.dirty());
}

TEST_CASE("while a cut log is read again, a commit from before the cut counts for what is not newer") {
  auto ledger = cut_off(0, 4, 4, {6});
  CHECK_EQ(ledger.receive(0, 4), verdict::finished);
  CHECK(ledger.merge({0, 6, write_commit_metadata(6, {"topic", 4, {8, 9}}, offset_ledger::spread_max)}));
  CHECK_EQ(ledger.receive(5, 4), verdict::finished);
  CHECK_EQ(ledger.receive(7, 4), verdict::fresh);
  CHECK_EQ(ledger.receive(8, 4), verdict::finished);
  CHECK_EQ(ledger.receive(9, 5), verdict::fresh); // written since

  auto late = cut_off(0, 4, 4);
  CHECK_EQ(late.receive(2, 5), verdict::fresh);
  CHECK(late.merge({0, 6, write_commit_metadata(6, {"topic", 4, {}}, offset_ledger::spread_max)}));
  CHECK_EQ(late.receive(3, 5), verdict::fresh);
  CHECK_EQ(late.commit_point(), 2);
}

TEST_CASE("what nobody works on and the log has not got any more is waited for no more") {
  auto ledger = started_at(10);
  for (std::int64_t offset : {10, 11, 12, 13})
    CHECK_EQ(ledger.receive(offset), verdict::fresh);
  ledger.finish(11);
  ledger.hand_back(10);
  ledger.hand_back(13);
  ledger.commit_sent();
  ledger.trimmed(13);
  CHECK_EQ(ledger.commit_point(), 12); // somebody works on it, and will say when it has had its end
  CHECK(ledger.dirty());
  CHECK_EQ(ledger.in_flight(), 1u);
  CHECK(ledger.finished_above().empty());
  ledger.finish(12);
  CHECK_EQ(ledger.commit_point(), 13); // there, and to be read again
  ledger.commit_sent();
  ledger.trimmed(13);
  CHECK(!ledger.dirty());
}

TEST_CASE("a newer record where others were read is no record of this ledger") {
  auto ledger = cut_off(10, position::none, 4);
  CHECK_EQ(ledger.receive(9, 4), verdict::finished); // read to compare
  CHECK_EQ(ledger.receive(9, 5), verdict::rewritten);
  CHECK_EQ(ledger.receive(10, 5), verdict::fresh);
  CHECK_EQ(ledger.receive(11, 6), verdict::fresh);
  ledger.reopen();
  CHECK_EQ(ledger.receive(10, 5), verdict::fresh);
  CHECK_EQ(ledger.receive(11, 7), verdict::rewritten);
  CHECK_EQ(ledger.leader_epoch(), 6);
}

TEST_CASE("bits of a commit are void from the first record on that is newer than the commit") {
  auto ledger = cut_off(10, position::none, 4, {12, 14});
  CHECK_EQ(ledger.receive(10, 4), verdict::fresh);
  CHECK_EQ(ledger.receive(12, 4), verdict::finished);
  CHECK_EQ(ledger.receive(13, 5), verdict::fresh);
  CHECK_EQ(ledger.receive(14, 5), verdict::fresh);
}

TEST_CASE("a commit read back finishes nothing that is newer, and nothing of another topic") {
  auto ledger = cut_off(5, position::none, 4);
  CHECK_EQ(ledger.receive(5, 4), verdict::fresh);
  CHECK_EQ(ledger.receive(6, 5), verdict::fresh);
  CHECK(!ledger.merge({0, 10, write_commit_metadata(10, {"other", 9, {}}, offset_ledger::spread_max)}));
  CHECK_EQ(ledger.in_flight(), 2u);
  CHECK(ledger.merge({0, 10, write_commit_metadata(10, {"topic", 4, {11}}, offset_ledger::spread_max)}));
  CHECK_EQ(ledger.in_flight(), 1u);
  CHECK_EQ(ledger.commit_point(), 6);
  CHECK(ledger.finished_above().empty());
}

TEST_CASE("what holds no record is passed by the commit point when all before it is finished") {
  auto ledger = started_at(10);
  CHECK_EQ(ledger.receive(10), verdict::fresh);
  ledger.passed(13);
  CHECK_EQ(ledger.commit_point(), 10);
  ledger.finish(10);
  CHECK_EQ(ledger.commit_point(), 13);
  ledger.commit_sent();
  ledger.passed(13);
  ledger.passed(12);
  CHECK(!ledger.dirty());
  ledger.passed(14);
  CHECK(ledger.dirty());
  CHECK_EQ(ledger.to_commit(0).offset, 14);
}

TEST_CASE("the commit names the topic once its id is known") {
  auto ledger = started_at(10);
  CHECK_EQ(ledger.to_commit(0).metadata, "2.-1.1");
  ledger.name_topic("ours");
  ledger.name_topic("another");
  ledger.receive(10, 3);
  CHECK_EQ(ledger.to_commit(0).metadata, "2ours.3.1");
}

TEST_CASE("a commit made while a cut log is read again says what of it had its end before") {
  auto ledger = cut_off(0, 10, 4, {12});
  CHECK_EQ(ledger.receive(0, 4), verdict::finished);
  CHECK_EQ(ledger.receive(1, 4), verdict::finished);
  auto committed = ledger.to_commit(0);
  CHECK_EQ(committed.offset, 2);
  CHECK((finished_of(committed) == std::set<std::int64_t>{2, 3, 4, 5, 6, 7, 8, 9, 12}));
  offset_ledger successor;
  successor.load(committed);
  CHECK_EQ(successor.receive(2, 4), verdict::finished);
  CHECK_EQ(successor.receive(3, 5), verdict::fresh);
  CHECK_EQ(successor.receive(4, 5), verdict::fresh);
}
