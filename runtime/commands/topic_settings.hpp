#pragma once
// What `check` says of the settings of the requests topic.

#include "runtime/commands/check_table.hpp"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace mp {

/// A row for each of max.message.bytes and compression.type that stands in `config`, the topic's. What is not as it
/// should be is a warning: the service runs with it. `request_bytes_max`: MAX_REQUEST_BYTES.
std::vector<check_row> rows_of_topic_settings(const std::string& topic, std::size_t request_bytes_max,
                                              const std::map<std::string, std::string>& config);

} // namespace mp
