#pragma once
// One connection of the status port, and what is known of its client.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/socket.h>

namespace mp::status {

enum class connection_phase : std::uint8_t { reading, working, writing, lingering };

struct client_connection {
  int socket = -1;
  std::string address; ///< of the client
  std::string counted; ///< counted_address
  connection_phase now = connection_phase::reading;
  std::string bytes; ///< what has come of the request, later the answer
  std::size_t done = 0; ///< of them: searched for an end, later sent, later thrown away
  std::chrono::steady_clock::time_point deadline;
};

/// `wanted`, or where that is 0 as many connections as the process's limit of open files leaves room for beside Kafka
/// and the hosts.
std::size_t connections_allowed(std::size_t wanted);

/// The address of a client as inet_ntop writes it; empty when it has none.
std::string address_of(const sockaddr_storage& peer);

/// Where the head of a request ends, or npos. `from`: where a search before this one stopped. A line may end without
/// CR: that is no request either, but nothing more has to be awaited to know it.
std::size_t end_of_head(std::string_view bytes, std::size_t from);

} // namespace mp::status
