#pragma once
// Errors of a fetch that are about what is stored, so that the same fetch will fail again.

#include "actors/kafka_reader/unreadable_search.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <cstdint>
#include <string>

namespace mp::kafka {

/// Whether an error of a partition says that something stored there cannot be read. Everything else (rights, leaders,
/// the network) may pass, and no record is given up for it.
bool is_about_a_record(rd_kafka_resp_err_t code);

/// What an error event of a partition says about the place.
unreadable_error unreadable_error_of(rd_kafka_t* consumer, const std::string& topic, std::int32_t partition,
                                     rd_kafka_event_t* event);

} // namespace mp::kafka
