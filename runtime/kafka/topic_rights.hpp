#pragma once
// What this user may do with topics, as the broker says (KIP-430). Blocks.

#include <librdkafka/rdkafka.h>

#include <optional>
#include <string>
#include <vector>

namespace mp::kafka {

struct topic_rights {
  std::string topic;
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR; ///< why nothing is known of it, such as UNKNOWN_TOPIC_OR_PART
  std::optional<bool> may_read, may_write; ///< nothing where the broker does not say
};

/// Asks the broker; one element per topic, in the order asked for, or none when it does not answer in time. Works with
/// any handle.
std::vector<topic_rights> rights_of(rd_kafka_t* handle, const std::vector<std::string>& topics, int limit_ms);

} // namespace mp::kafka
