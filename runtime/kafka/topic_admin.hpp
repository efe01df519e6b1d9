#pragma once
// Topics are made and their configurations read. Blocks; for commands only. Works with any handle.

#include "runtime/kafka/rd_properties.hpp"

#include <librdkafka/rdkafka.h>

#include <map>
#include <string>
#include <vector>

namespace mp::kafka {

/// The configuration of a topic or broker.
struct read_config {
  std::string name;
  std::string fault; ///< the error's name when it cannot be read: usually a right that is missing
  std::map<std::string, std::string> values;
};

/// One element per name, in the order asked for; none when the broker does not answer in time.
std::vector<read_config> configs_of(rd_kafka_t* handle, rd_kafka_ResourceType_t kind,
                                    const std::vector<std::string>& names, int limit_ms);

struct wanted_topic {
  std::string name;
  int partitions = 1;
  int replication_factor = -1; ///< -1: as the broker is set up
  property_list config;
};

struct made_topic {
  std::string name;
  bool made = false;  ///< false without a fault: it was there
  std::string fault;  ///< the error's name
  std::string words;  ///< what the broker says about it
};

/// Makes topics, all or some of them. One element per topic, in the order given. Waits until the made ones have
/// leaders.
std::vector<made_topic> make_topics(rd_kafka_t* handle, const std::vector<wanted_topic>& topics, int limit_ms);

} // namespace mp::kafka
