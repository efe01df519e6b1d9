#define CAF_SUITE offset_ledger_property
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

enum class record_state : std::uint8_t { unread, open, handed_back, finished };

/// A partition with gaps between its offsets, its reader and its group, with everything that is true of each record in
/// a plain list. Records are named by their number in the list.
struct partition_world {
  struct record {
    std::int64_t offset;
    bool done = false;    ///< its reply is out
    bool covered = false; ///< the group's commit says so
    record_state state = record_state::unread; ///< in this assignment
  };
  std::vector<record> log;
  std::size_t read_at = 0;   ///< number of the next record to read
  std::size_t low = 0;       ///< all records below are done and committed
  std::int64_t next = 0;     ///< one above the highest offset read, at least the committed one
  std::vector<std::size_t> working;
  std::size_t handed_back = 0;
  position committed{0, 0, {}};
  bool damaged = false;      ///< the metadata of what is committed
  position sent{0, 0, {}};   ///< the last commit of this assignment, successful or under way
  offset_ledger ledger;

  partition_world() { ledger.load(committed); }

  void grow(dice& chance) {
    auto last = log.empty() ? -1 : log.back().offset;
    auto gap = chance.one_in(1'000) ? chance.between(1, 10'000) : chance.one_in(10) ? chance.between(1, 5) : 0;
    log.push_back({last + 1 + gap});
  }

  std::size_t first_from(std::int64_t offset) const {
    auto below = [](const record& each, std::int64_t at) { return each.offset < at; };
    auto i = std::lower_bound(log.begin(), log.end(), offset, below);
    return static_cast<std::size_t>(i - log.begin());
  }

  std::int64_t commit_point() const {
    for (auto i = low; i < log.size() && log[i].offset < next; ++i)
      if (log[i].state == record_state::open || log[i].state == record_state::handed_back)
        return log[i].offset;
    return next;
  }

  void rewind() { read_at = first_from(commit_point()); }

  void read(dice& chance) {
    if (ledger.intake_full())
      return;
    while (read_at >= log.size())
      grow(chance);
    auto& next_record = log[read_at];
    auto verdict = ledger.receive(next_record.offset);
    using enum offset_ledger::verdict;
    bool below = next_record.offset < commit_point();
    next = std::max(next, next_record.offset + 1);
    switch (next_record.state) {
      case record_state::open: holds(verdict == known, "what is being worked on is not begun twice"); break;
      case record_state::finished: holds(verdict == finished, "what had its end is skipped"); break;
      case record_state::handed_back:
        holds(verdict == fresh, "what came back is worked on again");
        --handed_back;
        break;
      case record_state::unread:
        holds(verdict == (below ? finished : fresh), "what was never seen is worked on");
        break;
    }
    if (verdict == finished)
      holds(next_record.done, "nothing is skipped that had no end");
    if (verdict == fresh) {
      holds(!next_record.covered, "what the group has as finished is not paid for twice");
      next_record.state = record_state::open;
      working.push_back(read_at);
    }
    ++read_at;
  }

  std::optional<std::size_t> take_working(dice& chance) {
    if (working.empty())
      return std::nullopt;
    auto& which = chance.of(working);
    auto number = which;
    which = working.back();
    working.pop_back();
    return number;
  }

  void finish(dice& chance) {
    if (auto number = take_working(chance)) {
      log[*number].done = true;
      log[*number].state = record_state::finished;
      holds(ledger.finish(log[*number].offset), "an open request may end");
    }
  }

  void hand_back(dice& chance) {
    if (auto number = take_working(chance)) {
      log[*number].state = record_state::handed_back;
      ++handed_back;
      holds(ledger.hand_back(log[*number].offset), "an open request may come back");
      holds(!ledger.hand_back(log[*number].offset), "but only once");
    }
  }

  /// An end or a return of something that nobody works on.
  void late(dice& chance) {
    if (low == log.size())
      return;
    auto& which = log[low + chance.below(log.size() - low)];
    if (which.state == record_state::open || which.state == record_state::handed_back)
      return;
    holds(!ledger.finish(which.offset) && !ledger.hand_back(which.offset),
          "what is not open can neither end nor come back");
  }

  void reopen() { // the dispatcher is gone
    for (auto number : working)
      log[number].state = record_state::handed_back;
    handed_back += working.size();
    working.clear();
    ledger.reopen();
    rewind();
  }

  void commit(dice& chance) {
    auto what = ledger.to_commit(0);
    holds(what.offset == commit_point(), "the lowest unfinished offset is committed");
    holds(what.metadata.size() <= 4'096, "the broker takes the metadata");
    sent = what;
    ledger.commit_sent();
    holds(!ledger.dirty(), "what was sent is not sent again");
    if (chance.one_in(5)) {
      ledger.commit_failed();
      holds(ledger.dirty(), "what was refused is sent again");
      return;
    }
    committed = what;
    damaged = false;
    auto stored = read_commit_metadata(what.offset, what.metadata, offset_ledger::spread_max);
    holds(stored.has_value(), "our own metadata is understood");
    const auto& bitmap = stored->finished;
    for (; low < log.size() && log[low].offset < what.offset; ++low)
      holds(log[low].done, "nothing is committed before its end");
    for (auto i = low; i < log.size(); ++i) { // also what was restored and is not read again yet
      auto& each = log[i];
      bool has_end = each.state == record_state::finished;
      each.covered = has_end && each.offset < what.offset + offset_ledger::spread_max;
      holds(bitmap.contains(each.offset) == each.covered, "the bitmap holds what is finished above the commit point");
    }
  }

  void be_assigned_anew(dice& chance) {
    for (auto i = low; i < log.size(); ++i)
      log[i].state = record_state::unread;
    if (chance.one_in(4)) {
      committed.metadata = chance.one_in(2) ? "another program's" : committed.metadata + "!";
      damaged = true;
    }
    auto loaded = ledger.load(committed);
    std::size_t restored = 0;
    for (auto i = low; i < log.size(); ++i) {
      if (damaged)
        log[i].covered = false;
      else if (log[i].covered)
        log[i].state = record_state::finished, ++restored;
    }
    holds(loaded
            == (damaged        ? offset_ledger::loaded::foreign
                : restored > 0 ? offset_ledger::loaded::restored
                               : offset_ledger::loaded::empty),
          "it says what it has read");
    working.clear();
    handed_back = 0;
    next = committed.offset;
    sent = committed;
    rewind();
  }

  void look(dice& chance) const {
    holds(ledger.commit_point() == commit_point(), "the commit point is the lowest unfinished offset");
    holds(ledger.in_flight() == working.size(), "what is worked on is counted");
    holds(ledger.intake_full() == (next - commit_point() >= offset_ledger::intake_spread_max),
          "intake stops at its spread");
    if (ledger.dirty() || !chance.one_in(10))
      return;
    auto point = commit_point();
    auto bitmap =
      read_commit_metadata(sent.offset, sent.metadata, offset_ledger::spread_max).value_or(commit_metadata{}).finished;
    for (auto i = low; i < log.size(); ++i)
      if (log[i].state == record_state::finished && log[i].offset < sent.offset + offset_ledger::spread_max)
        holds(log[i].offset < sent.offset || (bitmap.contains(log[i].offset) && log[i].offset >= point),
              "what is not in the last commit, or below the commit point by now, is still to be sent");
  }
};

} // namespace

TEST_CASE("through any reads, ends, returns, commits and assignments nothing is lost, skipped or paid for twice") {
  partition_world world;
  std::size_t most = 8;
  property::random_steps([&](dice& chance) {
    if (chance.one_in(20'000))
      world = {};
    if (chance.one_in(500))
      most = 1 + chance.below(60);
    switch (chance.below(16)) {
      case 0:
        if (chance.one_in(10))
          world.hand_back(chance);
        break;
      case 1: world.late(chance); break;
      case 2:
        if (world.handed_back > 0 && chance.one_in(4))
          world.rewind();
        break;
      case 3:
        if (chance.one_in(30))
          world.reopen();
        break;
      case 4:
        if (chance.one_in(2))
          world.commit(chance);
        break;
      case 5:
        if (chance.one_in(50))
          world.be_assigned_anew(chance);
        break;
      default:
        if (world.working.size() < most && chance.one_in(2))
          world.read(chance);
        else
          world.finish(chance);
        break;
    }
    world.look(chance);
  });
}
