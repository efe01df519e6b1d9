#pragma once
// What may be committed for one partition in one assignment. No Kafka, no actors: values in, values out.

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/consumer_port.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace mp {

/// What a ledger begins with.
struct ledger_start {
  std::int64_t offset = position::none;      ///< everything below has had its end, or is not to be read
  commit_metadata known{};                   ///< of the log as it is now; its finished offsets have had their end
  std::int64_t ended_below =
    position::none; ///< a log that was cut off is read again from `offset` on: what lies below this and is
                    ///< not newer than known.leader_epoch has had its end before it was cut
  bool commit_at_once = false; ///< what is stored for the group names another log
};

/// Remembers which offsets of a partition were received and which of them are finished.
///
/// Requests finish out of order, so the commit point is the lowest unfinished offset; finished offsets above it travel
/// in the commit's metadata as a bitmap and are skipped when they are read again. Offsets are not dense (transaction
/// markers and compaction leave gaps, confluentinc/parallel-consumer#329), so only received ones are tracked.
class offset_ledger {
public:
  /// The largest distance between the commit point and a finished offset above it: its bitmap is 1,024 bytes, 1,368 in
  /// base64, which fits the broker's 4,096 for metadata whatever happens.
  static constexpr std::int64_t spread_max = 8192;

  /// Intake of the partition pauses at this distance between the commit point and the next record.
  static constexpr std::int64_t intake_spread_max = spread_max * 3 / 4;

  enum class loaded : std::uint8_t { empty, restored, foreign };

  /// Starts from what the group has committed, its log not being known. `foreign`: the metadata is not ours or damaged
  /// and was ignored; the offset counts.
  loaded load(const position& committed);

  /// Starts anew.
  void begin(ledger_start from);

  enum class verdict : std::uint8_t {
    fresh, ///< to be worked on
    finished, ///< had its end before: skip
    known, ///< is being worked on already: skip
    rewritten, ///< it was appended after what was read here had been cut off: nothing is noted, the ledger has to begin
               ///< anew
  };

  /// A record was read. `leader_epoch`: of the broker that appended it; it grows along the log and with each election,
  /// so a record with a greater one than any read before is new, whatever was finished at its offset. Negative: not
  /// known.
  verdict receive(std::int64_t offset, std::int32_t leader_epoch = -1);

  /// All that can be read below `offset` was received.
  void passed(std::int64_t offset);

  /// The offsets from `first` to `last`, which cannot be read, get one end: that of `first`. Gives the last offset that
  /// it stands for, or nothing when there is nothing to be done for `first`, because it is being worked on already.
  /// What follows needs another end: offsets that were received before or are finished, and those that a bitmap could
  /// not hold as long as something before `first` is not finished. `first` must not be finished.
  std::optional<std::int64_t> receive_unreadable(std::int64_t first, std::int64_t last);

  /// A request had its end. False: it is not open here (a late result, an offset of before the assignment).
  bool finish(std::int64_t offset);

  /// A request came back untouched: it stays unfinished, but is not in flight any more. False: it is not open here.
  bool hand_back(std::int64_t offset);

  enum class state : std::uint8_t {
    open, ///< received and not finished
    finished, ///< had its end
    unread, ///< not received since the assignment
  };

  /// The log begins here now: offsets below that are not in flight can never be read again, so they are not waited for.
  void trimmed(std::int64_t log_begin);

  /// What is known of an offset.
  state look(std::int64_t offset) const;

  /// What the group has committed was read back in the middle of an assignment: finishes what is finished there.
  /// Foreign metadata is ignored, the offset counts. What was committed for another topic is ignored whole, and records
  /// newer than the commit are not finished by it. False: nothing was taken over.
  bool merge(const position& committed);

  /// Marks nothing as in flight: every unfinished offset will be read again from lowest_unfinished() on.
  void reopen();

  /// Finished offsets at or above the commit point.
  const std::set<std::int64_t>& finished_above() const { return finished_; }

  /// The next offset to commit, or position::none when nothing was ever read or committed.
  std::int64_t commit_point() const;

  /// What to commit: the commit point and the bitmap of finished offsets above it.
  position to_commit(std::int32_t partition) const;

  /// Something has changed since the last commit_sent().
  bool dirty() const { return dirty_; }
  void commit_sent() { dirty_ = false; }
  void commit_failed() { dirty_ = true; }

  /// Requests in flight.
  std::size_t in_flight() const { return open_.size() - handed_back_; }

  /// The topic's id, once that is known; never changes the one of another topic.
  void name_topic(const std::string& topic_id);
  const std::string& topic_id() const { return topic_id_; }

  /// Of the newest record received; negative: not known.
  std::int32_t leader_epoch() const { return leader_epoch_; }

  /// Below this everything that the group has finished is finished, as far as the log is the one that was read.
  std::int64_t ended_below() const { return std::max(commit_point(), ended_below_); }

  /// No further record of this partition may be taken: its finished offsets could outgrow the bitmap.
  bool intake_full() const;

private:
  static constexpr std::size_t epoch_starts_max = 64;
  void note_epoch(std::int64_t offset, std::int32_t leader_epoch);
  /// Of the record received at `offset`; negative: not known.
  std::int32_t epoch_at(std::int64_t offset) const;

  struct open_record {
    bool handed_back = false;
    std::int64_t last = 0; ///< it stands for all offsets up to this one
  };
  std::map<std::int64_t, open_record> open_; ///< received and not finished
  std::set<std::int64_t> finished_; ///< at or above the commit point
  std::int64_t next_ = position::none; ///< one above the highest offset received, at least the committed one
  std::int64_t ended_below_ = position::none; ///< of ledger_start
  std::string topic_id_;
  std::int32_t leader_epoch_ = -1;
  std::map<std::int64_t, std::int32_t>
    epoch_starts_; ///< where leader epochs were first met in this assignment, the latest few
  std::size_t handed_back_ = 0;
  bool dirty_ = false;
};

} // namespace mp
