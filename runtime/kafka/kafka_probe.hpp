#pragma once
// What the command `check` wants to know of Kafka. Blocks; for commands only.

#include "runtime/kafka/consumer_options.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace mp::kafka {

struct probed_topic {
  std::string name;
  int partitions = 0;   ///< 0: it does not exist or could not be looked at
  std::string fault;    ///< why it cannot be used; empty when it can
  std::string code{};   ///< the fault's name, such as UNKNOWN_TOPIC_OR_PART
  std::map<std::string, std::string> config{}; ///< cleanup.policy and so on; empty where this user may not read it
};

struct probed_partition {
  std::int32_t partition = 0;
  std::int64_t committed = -1; ///< the group's next offset; -1: nothing was ever committed
  std::int64_t end = 0;
  std::int64_t lag = 0;        ///< records that wait; from the beginning of the log where nothing was committed
  bool beyond_end =
    false;     ///< the log ends before `committed`: it is not the one that this was committed for, or lost its end
};

struct kafka_report {
  bool reachable = false;
  std::string fault;           ///< why not: refused, unknown host, TLS, SASL, timeout, as librdkafka says it
  std::string code{};          ///< its name, such as _AUTHENTICATION; may be empty
  int brokers = 0;
  std::vector<probed_topic> topics;           ///< in the order asked for; empty when Kafka is not reachable
  std::vector<probed_partition> group;        ///< of the topic that is read; empty when that failed
  std::string group_fault;                    ///< why the group's offsets could not be read
  std::string group_code{};                   ///< its name
};

/// Looks at Kafka with the reader's own options (so with its TLS and SASL settings), without joining the group: at
/// the topic that it reads, first in the report, and at `other_topics`, which it wants to write. A right that is
/// missing is a fault of the topic. A coordinator that is not there yet, as in a cluster that has just started, is
/// waited for. Takes `limit` at most, and up to a second more to disconnect. Throws std::runtime_error for properties
/// that librdkafka refuses.
kafka_report probe_kafka(const consumer_options& options, const std::vector<std::string>& other_topics,
                         std::chrono::milliseconds limit);

} // namespace mp::kafka
