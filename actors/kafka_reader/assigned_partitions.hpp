#pragma once
// What the reader knows of each partition it holds. No Kafka, no actors.

#include "actors/kafka_reader/consumer_port.hpp"
#include "actors/kafka_reader/log_watch.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "actors/kafka_reader/stall_watch.hpp"
#include "actors/kafka_reader/unreadable_search.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mp {

/// What the group has stored for a partition.
struct stored_position {
  std::int64_t offset = position::none;
  std::string metadata{};

  bool operator==(const stored_position&) const = default;
};

/// One partition in one assignment.
struct held_partition {
  std::uint32_t assignment = 0;
  offset_ledger ledger;
  bool live = false;     ///< accepted by assign(), may be read
  bool revoking = false; ///< being taken away: nothing new is read
  bool more = true;      ///< records may wait in its queue although no notification will come for them
  log_watch log{};
  std::int64_t probe = mp::position::none; ///< a record read only to see its leader epoch
  std::optional<mp::position> untold{}; ///< the dispatcher is told of what it finishes once the probe has been read
  std::int64_t log_begin = mp::position::none; ///< when it was assigned
  std::set<std::uint32_t> cut_logs{}; ///< numbers that this partition had before its log was cut off: their records
                                      ///< may be there still
  stored_position stored{}; ///< as was last heard: when it was loaded, or by a transaction
  std::int64_t position =
    position::none; ///< the offset to be read next; unknown before the first record if nothing was committed
  unreadable_search search{};
  std::optional<unreadable_range>
    given_up{}; ///< to be told to the dispatcher as soon as that has demand; then reading goes on behind it
  stall_watch reading{};
  std::optional<bool> told_stalled{}; ///< as the metric says
  std::int64_t unread = 0; ///< records between `position` and the end of the log, as last told

  /// Reading goes on at `offset`, for whatever reason.
  void read_from(std::int64_t offset) {
    position = offset;
    search.reset();
    given_up.reset();
    log.rewound(offset);
    more = true;
  }
};

/// The partitions of one group member. Each assignment of a partition has a number of its own, so a result of an
/// earlier one can be told from those of the present.
class assigned_partitions {
public:
  void add(std::int32_t partition, std::uint32_t assignment) {
    held_.insert_or_assign(partition, held_partition{.assignment = assignment, .ledger = {}});
  }
  void remove(std::int32_t partition) { held_.erase(partition); }

  /// The partition, or null when it is not held.
  held_partition* find(std::int32_t partition) {
    auto i = held_.find(partition);
    return i == held_.end() ? nullptr : &i->second;
  }

  /// The partition if it is held in this assignment, else null.
  held_partition* find(std::int32_t partition, std::uint32_t assignment) {
    auto* held = find(partition);
    return held != nullptr && held->assignment == assignment ? held : nullptr;
  }

  std::map<std::int32_t, held_partition>& all() { return held_; }
  std::size_t live_count() const;

  /// Requests of these partitions in flight.
  std::size_t in_flight(const std::vector<std::int32_t>& partitions) const;

  /// Positions of dirty ledgers, of all partitions that are live.
  std::vector<position> to_commit() const;

  /// Whether some of these partitions has something to commit.
  bool dirty(const std::vector<std::int32_t>& partitions) const;

  /// All that are live.
  std::vector<std::int32_t> live() const;

  /// A partition that may be read and may have something waiting, starting after the one given last so that no
  /// partition starves its neighbours; null when there is none. Sets `partition`.
  held_partition* next_readable(std::int32_t& partition);

private:
  std::map<std::int32_t, held_partition> held_;
  std::int32_t last_read_ = -1;
};

} // namespace mp
