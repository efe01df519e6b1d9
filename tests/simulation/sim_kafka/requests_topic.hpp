#pragma once
// The topic of the requests, as the broker has it.

#include "actors/kafka_reader/consumer_port.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mp::sim {

class requests_topic {
public:
  struct stored {
    std::size_t number = 0; ///< of the request
    fetched_record record;
    std::optional<std::int64_t> bad_batch{}; ///< first offset of its batch, which cannot be read
  };
  using numbers = std::vector<std::size_t>;

  explicit requests_topic(std::size_t partitions) : logs_(partitions) {}

  std::int32_t partition_count() const { return static_cast<std::int32_t>(logs_.size()); }
  const std::vector<stored>& log(std::int32_t partition) const { return of(partition).records; }

  /// A topic made anew has another one.
  std::string id() const { return "topic-" + std::to_string(incarnation_); }
  std::int32_t leader_epoch(std::int32_t partition) const { return of(partition).leader_epoch; }

  /// Appends; `gap` offsets before it are missing, as after a transaction's marker. `place_in_bad_batch`: how many
  /// records of its batch come before it; nothing: it can be read. Gives the offset.
  std::int64_t append(std::size_t number, fetched_record record, std::int64_t gap,
                      std::optional<std::int64_t> place_in_bad_batch = std::nullopt) {
    auto& log = of(record.partition);
    record.offset = log.end + gap;
    record.leader_epoch = log.leader_epoch;
    log.end = record.offset + 1;
    auto base = place_in_bad_batch ? std::optional{record.offset - *place_in_bad_batch} : std::nullopt;
    log.records.push_back({number, std::move(record), base});
    auto offset = log.end - 1;
    wake(log);
    return offset;
  }

  /// The markers of transactions behind the last record.
  void mark(std::int32_t partition, std::int64_t count) {
    of(partition).end += count;
    wake(of(partition));
  }

  std::int64_t begin(std::int32_t partition) const { return of(partition).begin; }

  /// One above the last offset.
  std::int64_t end(std::int32_t partition) const { return of(partition).end; }

  /// One above the last offset that it has ever had.
  std::int64_t end_before_cuts(std::int32_t partition) const {
    return std::max(of(partition).end, of(partition).end_before_cuts);
  }

  /// Index of the first record at or above an offset.
  std::size_t find(std::int32_t partition, std::int64_t offset) const {
    const auto& records = log(partition);
    auto i = std::lower_bound(records.begin(), records.end(), offset,
                              [](const stored& each, std::int64_t at) { return each.record.offset < at; });
    return static_cast<std::size_t>(i - records.begin());
  }

  /// Calls `more` once when another record comes, or the log is changed.
  void wait(std::int32_t partition, std::function<void()> more) { of(partition).waiting.push_back(std::move(more)); }

  // What can become of logs. Each gives the requests whose records are there no more.

  /// Deleted and created again under the same name.
  numbers make_anew() {
    numbers gone;
    ++incarnation_;
    for (auto& log : logs_) {
      for (const auto& each : log.records)
        gone.push_back(each.number);
      auto waiting = std::move(log.waiting);
      log = {};
      log.waiting = std::move(waiting);
    }
    for (auto& log : logs_)
      wake(log);
    return gone;
  }

  /// A new leader, which has not got what lies at and above `to`. Kafka cuts a log off between batches: one that `to`
  /// lies within is gone as a whole (LogSegment.truncateTo).
  numbers elect(std::int32_t partition, std::int64_t to) {
    auto& log = of(partition);
    ++log.leader_epoch;
    log.end_before_cuts = end_before_cuts(partition);
    auto first = log.records.begin() + static_cast<std::ptrdiff_t>(find(partition, to));
    if (first != log.records.end() && first->bad_batch && *first->bad_batch < to) {
      to = *first->bad_batch;
      first = log.records.begin() + static_cast<std::ptrdiff_t>(find(partition, to));
    }
    auto gone = take(log, first, log.records.end());
    if (to < log.end)
      log.cuts[log.leader_epoch] = to;
    log.end = std::min(log.end, std::max(to, log.begin));
    wake(log);
    return gone;
  }

  /// Retention removes what lies below `to`.
  numbers trim(std::int32_t partition, std::int64_t to) {
    auto& log = of(partition);
    auto gone = take(log, log.records.begin(), log.records.begin() + static_cast<std::ptrdiff_t>(find(partition, to)));
    log.begin = std::max(log.begin, std::min(to, log.end));
    return gone;
  }

  /// Where a reader stands whose last record is of `leader_epoch`, once it has compared: below `offset` when the log
  /// was cut there since.
  std::int64_t validated(std::int32_t partition, std::int32_t leader_epoch, std::int64_t offset) const {
    for (const auto& [epoch, cut] : of(partition).cuts)
      if (epoch > leader_epoch)
        offset = std::min(offset, cut);
    return offset;
  }

private:
  struct partition_log {
    std::vector<stored> records;
    std::int64_t begin = 0, end = 0;
    std::int64_t end_before_cuts = 0;
    std::int32_t leader_epoch = 0;
    std::map<std::int32_t, std::int64_t> cuts; ///< by the epoch of the leader that had less: where its log ended
    std::vector<std::function<void()>> waiting;
  };
  using place = std::vector<stored>::iterator;

  partition_log& of(std::int32_t partition) { return logs_.at(static_cast<std::size_t>(partition)); }
  const partition_log& of(std::int32_t partition) const { return logs_.at(static_cast<std::size_t>(partition)); }

  static numbers take(partition_log& log, place first, place last) {
    numbers gone;
    for (auto i = first; i != last; ++i)
      gone.push_back(i->number);
    log.records.erase(first, last);
    return gone;
  }

  static void wake(partition_log& log) {
    auto waiting = std::move(log.waiting);
    log.waiting.clear();
    for (auto& each : waiting)
      each();
  }

  std::vector<partition_log> logs_;
  int incarnation_ = 1;
};

} // namespace mp::sim
