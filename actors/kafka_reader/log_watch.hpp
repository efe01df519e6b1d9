#pragma once
// Whether a partition's log is still the one that the group's positions belong to. No Kafka, no actors: values in,
// values out.

#include "actors/kafka_reader/consumer_port.hpp"
#include "actors/kafka_reader/log_change.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace mp {

/// Where to begin in a log, and why there.
struct log_start {
  log_change change = log_change::none;
  std::int64_t expected = position::none;  ///< where reading would have begun or gone on
  ledger_start ledger{};
  std::int64_t read_from = position::none; ///< where to read from when that is not ledger.offset
  bool foreign_metadata = false; ///< what was committed beside the offset is not ours or damaged, and was ignored
};

/// Where to begin after `committed` was loaded. `topic_id` and `log` are what is known of the log now (a log without
/// begin and end: nothing). Only what this group has finished in this very log counts as finished:
/// - committed for a topic of another id: nothing does, it is read from its beginning;
/// - a position behind the log's end: the end was lost. If the position was committed for this topic, the log is read
/// from its
///   beginning and records not newer than the commit (by leader epoch) count as finished; else nothing does;
/// - bits at or behind the log's end were not of this log and are ignored.
/// Where both epochs can be compared, reading begins one record early: it shows whether the log was written anew there.
log_start start_of(const position& committed, const std::string& topic_id, const log_extent& log);

/// Follows the offsets of one partition in one assignment.
class log_watch {
public:
  /// Reading begins or is rewound here; none: wherever the log begins.
  void begin(std::int64_t offset) { *this = {}, expected_ = offset, begun_ = std::max<std::int64_t>(offset, 0); }
  void rewound(std::int64_t offset) { expected_ = offset, moved_ = true, proof_.reset(); }
  /// The client reads elsewhere for a while, without a change of what comes next.
  void moved() { moved_ = true; }

  /// What has to be done with a record that comes.
  struct order {
    bool take = true;
    std::optional<std::int64_t> read_from{}; ///< read the partition from this offset on
  };

  /// A record comes. The client compares leader epochs only where it reads on, not where it was rewound to: if the
  /// first record there is newer than the last one read, the log may have been cut off between them and written anew,
  /// unseen. So the last one is read once more. Where it still is, reading goes on behind it, since what was given up
  /// there may be another batch now; else the watch is in doubt. Where none was read yet, and the record is newer than
  /// `known_epoch`, the place is looked at where reading began: it has to be the same record that comes from there, or
  /// nothing that can be read.
  order came(std::int64_t offset, std::int32_t leader_epoch, std::int32_t known_epoch = -1);

  /// The record was read, and all before it.
  void read(std::int64_t offset, std::int32_t leader_epoch) { last_ = {offset, leader_epoch}, moved_ = false; }

  /// Nothing could be read. When that is the last record, which could be read before, the watch is in doubt after some
  /// errors; the first ones may be of the place where reading was before. Where none was read before, they say that all
  /// was given up that had to be. Gives where to read on then.
  std::optional<std::int64_t> unreadable();

  /// The last record is being read once more, or the place where reading began.
  bool is_proving() const { return proof_.has_value(); }

  /// A record comes next. False: it lies below what comes next in this log, so the log has become shorter. From then on
  /// the watch is in doubt: nothing may be read until look_again() has said where to go on.
  bool follows(std::int64_t offset);

  /// The same for another reason: the record at `offset` is newer than others behind it.
  void doubt(std::int64_t offset) { doubted_ = offset; }

  /// All that can be read below `offset` was read.
  void passed(std::int64_t offset) { expected_ = std::max(expected_, offset); }

  bool in_doubt() const { return doubted_.has_value(); }
  std::int64_t expected() const { return expected_; }

  /// What is now known of the log. Gives where to begin anew if it is not the one that was read. A `trimmed` log goes
  /// on as it is: the start only says what was lost.
  std::optional<log_start> look_again(const std::string& topic_id, const log_extent& log, const offset_ledger& ledger);

private:
  struct place {
    std::int64_t offset = position::none;
    std::int32_t leader_epoch = -1;
  };
  order compare_with_last(place found);
  order compare_with_beginning(place found, std::int32_t known_epoch);

  std::optional<place> last_; ///< read since reading began
  bool moved_ = false; ///< nothing was read since it was rewound
  std::optional<place>
    proof_; ///< the record that waits until the last one was read once more, or the place where reading began
  unsigned proof_errors_ = 0;
  std::int32_t proved_epoch_ = -1; ///< nothing was cut off by a leader up to this one
  std::int64_t expected_ = position::none;
  std::int64_t begun_ = 0; ///< where reading began
  std::optional<std::int64_t> doubted_; ///< the offset that raised the doubt
  std::optional<std::pair<std::int64_t, std::int64_t>>
    gap_; ///< offsets passed over between two records, first and one above the last
};

} // namespace mp
