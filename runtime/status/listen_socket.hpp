#pragma once
// The socket on which the status port listens.

#include <cstdint>
#include <string>

namespace mp::status {

struct listening_socket {
  int socket = -1; ///< non-blocking; the caller closes it
  std::uint16_t port = 0;
};

/// Listens on an address or a host's name; `port` 0 is any free one. Throws std::runtime_error that says what to change
/// when it cannot: "PORT 5000 is in use".
listening_socket listen_on(const std::string& address, std::uint16_t port);

} // namespace mp::status
