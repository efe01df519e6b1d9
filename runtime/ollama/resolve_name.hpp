#pragma once
// The addresses behind a host's name.

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace mp::ollama {

struct socket_address {
  int family = 0;
  socklen_t size = 0;
  sockaddr_storage bytes{};
};

struct resolved_name {
  std::vector<socket_address> addresses; ///< in the resolver's order; empty: none in time, or there are none
  std::string why;                       ///< why there are none, for people; empty after a stop
};

/// Asks the system's resolver, which has no limit of its own that could be set (getaddrinfo), on a thread that outlives
/// the wait for it. A lookup that comes too late answers the next question for that name, so a slow resolver costs one
/// try and never more than one thread for each name. An address instead of a name needs neither. Throws std::bad_alloc.
resolved_name resolve_name(const std::string& host, std::uint16_t port, std::chrono::steady_clock::time_point deadline,
                           const std::stop_token& stop);

} // namespace mp::ollama
