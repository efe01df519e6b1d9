#pragma once
// consumer_port over librdkafka: event driven, without a thread of its own and without a blocking call
// [kafka 2].

#include "actors/kafka_reader/consumer_port.hpp"
#include "runtime/kafka/consumer_options.hpp"
#include "runtime/kafka/log_question.hpp"
#include "runtime/kafka/notifying_queue.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace mp::kafka {

class rd_consumer final : public consumer_port {
public:
  explicit rd_consumer(consumer_options options);
  ~rd_consumer() override;

  void open(notifier notify) override;
  bool next_event(group_event& event) override;
  fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                  std::vector<fetched_record>& records) override;
  void load_positions(const std::vector<std::int32_t>& partitions) override;
  void look_at_logs() override { lag_due_ = {}, ask_for_lag(); }
  std::int64_t passed(std::int32_t partition) const override;
  void assign(const std::vector<position>& positions) override;
  void rewind(std::int32_t partition, std::int64_t offset) override;
  void unassign(const std::vector<std::int32_t>& partitions) override;
  void commit(const std::vector<position>& positions) override;
  void committed(const std::vector<position>& positions) override;
  std::string membership() const override;
  void close() override;
  bool closed() const override;

private:
  class answer_box;

  /// An assigned partition.
  struct slot {
    slot(queue_ptr q, std::function<void()> notify) : queue(std::move(q), std::move(notify)) {}

    notifying_queue queue;
    std::int64_t committed = position::none; ///< for the lag; where nothing is committed, where reading begins
    std::int64_t reached = position::none; ///< one above what fetch() has given out last; where reading begins before
    std::int64_t passed = position::none; ///< all that could be read below it was given out
    bool rewound = true; ///< or assigned, since the logs were asked about
    bool reading = false; ///< a record has come since the assignment or the last rewind
    struct target_place {
      std::int64_t offset = 0;
      std::int64_t seen_instead = position::none;
      bool failed = false; ///< an error has come since
    };
    std::optional<target_place> rewind; ///< not seen to have succeeded yet
  };

  void take(event_ptr event);
  void take_rebalance(event_ptr event);
  void take_commit(rd_kafka_event_t* event);
  void take_log_ends(rd_kafka_event_t* event);
  void take_error(rd_kafka_event_t* event);
  void take_partition_error(std::int32_t partition, slot& s, rd_kafka_event_t* event);
  /// For next_event(), found while something else was done.
  void tell(group_event event);
  void report(error_ptr error);
  /// Whether the record, or the log's end, at this offset belongs to what is to be read; the first one after a rewind
  /// may not.
  bool is_wanted(slot& s, std::int32_t partition, std::int64_t offset);
  void seek(std::int32_t partition, std::int64_t offset);
  void answer_unassign();
  /// Goes on closing once the group is left; see close().
  void close_when_left();
  void close_client();
  void ask_for_lag();
  /// The partition's queue says that it has reached the log's end. False: it says something else.
  bool take_end(slot& s, rd_kafka_event_t* event);

  consumer_options options_;
  std::int64_t offset_without_commit_ = 0; ///< librdkafka's number for where reading begins if nothing is committed
  std::shared_ptr<rd_kafka_t>
    handle_; ///< first, so that all that belongs to it is freed before it; threads that ask hold it too
  std::shared_ptr<answer_box> answers_;
  notifier notify_;
  std::unique_ptr<notifying_queue> group_;
  std::map<std::int32_t, slot> slots_;
  event_ptr rebalance_; ///< not answered yet; the group waits
  std::deque<group_event> found_;
  std::chrono::steady_clock::time_point lag_due_;
  std::optional<std::chrono::steady_clock::time_point>
    leaving_until_; ///< the group is being left before the client is closed
  log_question logs_;
  bool close_failed_ = false;
};

} // namespace mp::kafka
