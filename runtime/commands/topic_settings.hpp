#pragma once
// What `check` says of the settings of the requests topic.

#include "runtime/commands/check_table.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

struct topic_settings {
  std::string topic;
  std::size_t request_bytes_max = 0;               ///< MAX_REQUEST_BYTES
  std::optional<std::int64_t> message_bytes_max{}; ///< max.message.bytes; none: not known
  std::string compression_type{};                  ///< empty: not known
};

/// A row for each of the two settings that is known. What is not as it should be is a warning: the service runs with it.
std::vector<check_row> rows_of_topic_settings(const topic_settings& found);

} // namespace mp
