#pragma once
// What both producers have in common: topics, and records as librdkafka wants them.

#include "messages/outgoing.hpp"
#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <array>

namespace mp::kafka {

/// The topics in the order of `destination`; they belong to the handle and have to be freed before it.
using topic_array = std::array<topic_ptr, 3>;

/// Throws std::runtime_error for a name that Kafka does not know as a name.
topic_array open_topics(rd_kafka_t* handle, const producer_options& options);

/// Queues a copy of the record, for the partition of its key. `opaque` comes back in its delivery report. Does not
/// block. Null: it is queued.
error_ptr produce(rd_kafka_t* handle, const topic_array& topics, const outgoing& record, void* opaque = nullptr);

/// Queues a copy of a message that another handle could not deliver, with its key, headers and opaque. Does not block.
/// False: it is not queued.
bool produce_again(rd_kafka_t* handle, rd_kafka_topic_t* topic, const rd_kafka_message_t& message);

} // namespace mp::kafka
