#pragma once
// The topic of the requests, as the broker has it.

#include "actors/kafka_reader/consumer_port.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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

  explicit requests_topic(std::size_t partitions) : logs_(partitions) {}

  std::size_t partition_count() const { return logs_.size(); }
  const std::vector<stored>& log(std::int32_t partition) const { return logs_.at(index(partition)).records; }

  /// Appends; `gap` offsets before it are missing, as after a transaction's marker. `place_in_bad_batch`: how many records of its
  /// batch come before it; nothing: it can be read. Gives the offset.
  std::int64_t append(std::size_t number, fetched_record record, std::int64_t gap,
                      std::optional<std::int64_t> place_in_bad_batch = std::nullopt) {
    auto& log = logs_.at(index(record.partition));
    record.offset = log.end + gap;
    log.end = record.offset + 1;
    auto base = place_in_bad_batch ? std::optional{record.offset - *place_in_bad_batch} : std::nullopt;
    log.records.push_back({number, std::move(record), base});
    auto waiting = std::move(log.waiting);
    log.waiting.clear();
    for (auto& each : waiting)
      each();
    return log.end - 1;
  }

  /// One above the last record's offset.
  std::int64_t end(std::int32_t partition) const { return logs_.at(index(partition)).end; }

  /// Index of the first record at or above an offset.
  std::size_t find(std::int32_t partition, std::int64_t offset) const {
    const auto& records = log(partition);
    auto i = std::lower_bound(records.begin(), records.end(), offset,
                              [](const stored& each, std::int64_t at) { return each.record.offset < at; });
    return static_cast<std::size_t>(i - records.begin());
  }

  /// Calls `more` once when another record comes.
  void wait(std::int32_t partition, std::function<void()> more) {
    logs_.at(index(partition)).waiting.push_back(std::move(more));
  }

private:
  struct partition_log {
    std::vector<stored> records;
    std::int64_t end = 0;
    std::vector<std::function<void()>> waiting;
  };
  static std::size_t index(std::int32_t partition) { return static_cast<std::size_t>(partition); }

  std::vector<partition_log> logs_;
};

} // namespace mp::sim
