#pragma once
// What a producer is configured with, and the librdkafka properties that follow from it.

#include "messages/outgoing.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <array>
#include <string>

namespace mp::kafka {

struct producer_options {
  std::string bootstrap;             ///< host:port, comma separated
  std::string photo_reply_topic;
  std::string text_reply_topic;
  std::string dead_letter_topic;
  property_list properties;      ///< of the user; they win over ours
};

/// The topics in the order of `destination`.
std::array<std::string, 3> topics_of(const producer_options& options);

/// Our properties of a producer, without those of the user.
property_list producer_properties(const producer_options& options);

/// The configuration of a producer with these options. Throws std::runtime_error for a property that librdkafka
/// refuses.
conf_ptr producer_conf(const producer_options& options);

} // namespace mp::kafka
