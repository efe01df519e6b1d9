#pragma once
// What is published.

#include "messages/request.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mp {

enum class destination : std::uint8_t { photo_reply, text_reply, dead_letter };

/// A record to publish. The dispatcher holds it until the broker has acknowledged it.
struct outgoing {
  destination to = destination::text_reply;
  std::string key;
  std::string body;                   ///< empty: a record without payload
  std::vector<name_and_text> headers;
};

using shared_outgoing = shared_value<outgoing>;

} // namespace mp
