#pragma once
// Asks where the logs of a topic begin and end, and which topic it is.

#include "actors/kafka_reader/consumer_port.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp::kafka {

/// One question at a time, made of three requests whose answers are events of one queue.
class log_question {
public:
  /// Asks about these partitions; nothing while an answer is awaited. `reached`: comes back in the report.
  void ask(rd_kafka_t* handle, const std::string& topic, const std::map<std::int32_t, std::int64_t>& reached,
           rd_kafka_queue_t* answers);

  /// Takes one of the answers. Gives the report with the last one: of the partitions whose leaders have said both ends.
  /// Nothing for the events of others, too.
  std::optional<log_report> take(rd_kafka_event_t* event);

  /// What was answered until now.
  log_report report() const;

  bool under_way() const { return awaited_ > 0; }

private:
  int awaited_ = 0;
  std::string topic_id_;
  std::map<std::int32_t, log_extent> logs_;
};

/// The same, blocking for `limit` at most. What was not answered by then is missing in the report.
log_report look_at_logs(rd_kafka_t* handle, const std::string& topic, const std::vector<std::int32_t>& partitions,
                        std::chrono::milliseconds limit);

/// How many offsets lie between the committed one and the log's end. With a position that the log does not have all of
/// it waits: it is going to be read anew. Unless that was committed since the end was asked for.
std::int64_t lag_of(std::int64_t committed, const log_extent& log);

} // namespace mp::kafka
