#pragma once
// Whether a partition's log is still the one that the group's positions belong to. No Kafka, no CAF: values in, values out.

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
  bool foreign_metadata = false;           ///< what was committed beside the offset is not ours or damaged, and was ignored
};

/// Where to begin after `committed` was loaded. `topic_id` and `log` are what is known of the log now (a log without begin and end:
/// nothing). Only what this group has finished in this very log counts as finished:
/// - committed for a topic of another id: nothing does, it is read from its beginning;
/// - a position behind the log's end: the end was lost. If the position was committed for this topic, the log is read from its
///   beginning and records not newer than the commit (by leader epoch) count as finished; else nothing does;
/// - bits at or behind the log's end were not of this log and are ignored.
/// Where both epochs can be compared, reading begins one record early: it shows whether the log was written anew there.
log_start start_of(const position& committed, const std::string& topic_id, const log_extent& log);

/// Follows the offsets of one partition in one assignment.
class log_watch {
public:
  /// Reading begins or is rewound here; none: wherever the log begins.
  void begin(std::int64_t offset) { *this = {}, expected_ = offset; }
  void rewound(std::int64_t offset) { expected_ = offset; }

  /// A record comes next. False: it lies below what comes next in this log, so the log has become shorter. From then on the watch is
  /// in doubt: nothing may be read until look_again() has said where to go on.
  bool follows(std::int64_t offset);

  /// The same for another reason: the record at `offset` is newer than others behind it.
  void doubt(std::int64_t offset) { doubted_ = offset; }

  /// All that can be read below `offset` was read.
  void passed(std::int64_t offset) { expected_ = std::max(expected_, offset); }

  bool in_doubt() const { return doubted_.has_value(); }
  std::int64_t expected() const { return expected_; }

  /// What is now known of the log. Gives where to begin anew if it is not the one that was read. A `trimmed` log goes on as it is: the
  /// start only says what was lost.
  std::optional<log_start> look_again(const std::string& topic_id, const log_extent& log, const offset_ledger& ledger);

private:
  std::int64_t expected_ = position::none;
  std::optional<std::int64_t> doubted_;                       ///< the offset that raised the doubt
  std::optional<std::pair<std::int64_t, std::int64_t>> gap_;  ///< offsets passed over between two records, first and one above the last
};

} // namespace mp
