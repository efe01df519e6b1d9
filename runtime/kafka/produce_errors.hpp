#pragma once
// What an error of a record that was produced means: whether it is the record's fault, its topic's, or nobody's.

#include "actors/producer/producer_port.hpp"

#include <librdkafka/rdkafka.h>

namespace mp::kafka {

/// By the error codes of the protocol's Produce and AddPartitionsToTxn and of librdkafka itself. Of a batch: too_large,
/// invalid and rejected then hold for some record of it.
delivery_result result_of_produce(rd_kafka_resp_err_t code) noexcept;

/// Whether the result has to be seen for the record alone before it may be believed.
constexpr bool may_be_a_neighbours(delivery_result result) noexcept {
  return result == delivery_result::too_large || result == delivery_result::invalid
         || result == delivery_result::rejected;
}

} // namespace mp::kafka
