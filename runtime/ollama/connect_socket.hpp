#pragma once
// A TCP connection that can be given up from outside.

#include "runtime/ollama/resolve_name.hpp"

#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

namespace mp::ollama {

struct connected_socket {
  int socket = -1;  ///< blocking, with TCP_NODELAY; the caller closes it. -1: none
  std::string why{}; ///< why the host's name gave no address, for people; empty for every other reason
};

/// Connects to the address of `host` that answers first: each next one is tried when the ones before it have not
/// answered for a while (connection_attempts). Name and connection together take at most `limit`. No socket: no such
/// name, refused, unreachable, too late, stopped.
connected_socket connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit,
                                const std::stop_token& stop);

/// The same with addresses that are known already; gives the socket or -1.
int connect_to_any(const std::vector<socket_address>& addresses, std::chrono::steady_clock::time_point deadline,
                   const std::stop_token& stop);

} // namespace mp::ollama
