#pragma once
// The record headers of a request that mean something to the service; nothing else of them is copied.

#include <array>
#include <cstddef>
#include <string_view>

namespace mp {

struct request_header {
  std::string_view name;
  std::size_t bytes_max; ///< of a value that counts
  bool repeated;         ///< in the reply; a longer one is left out. Of the others a longer one is a wrong one
};

/// Limits: `traceparent` of version 00 has 55 characters, later versions may append to it; `tracestate` is to be passed
/// on up to 512 (W3C Trace Context 3.2.2 and 3.3.1.5). The numbers have 20 digits at most.
inline constexpr std::array request_headers{
  request_header{"traceparent", 128, true},    request_header{"tracestate", 512, true},
  request_header{"correlation-id", 512, true}, request_header{"deadline", 32, false},
  request_header{"priority", 32, false},
};

/// Headers of one record that count. Of more than these the first ones and the last one do.
inline constexpr std::size_t request_headers_max = 16;

/// The header of this name, or null.
constexpr const request_header* request_header_of(std::string_view name) {
  for (const auto& each : request_headers)
    if (each.name == name)
      return &each;
  return nullptr;
}

} // namespace mp
