#include "runtime/ollama/connect_socket.hpp"

#include <cerrno>
#include <memory>

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp {
namespace {

using clock = std::chrono::steady_clock;

struct address_list_deleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, address_list_deleter>;

address_list resolve(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    return nullptr;
  return address_list{found};
}

/// Waits until the connection under way is made or has failed.
bool is_connected(int socket, clock::time_point deadline) {
  pollfd poll_for{socket, POLLOUT, 0};
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
    const auto ready = left > 0 ? ::poll(&poll_for, 1, static_cast<int>(left)) : 0;
    if (ready < 0 && errno == EINTR)
      continue;
    if (ready <= 0)
      return false;
    auto error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
}

bool connect_to(int socket, const addrinfo& address, clock::time_point deadline, interrupter& stop) {
  const auto connecting = ::connect(socket, address.ai_addr, address.ai_addrlen);
  if (connecting != 0 && errno != EINPROGRESS)
    return false;
  // Attached only now: shutting down a socket that connects not yet would not keep it from connecting.
  const attachment attached{stop, socket};
  return attached && is_connected(socket, deadline) && !stop.interrupted();
}

} // namespace

int connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit, interrupter& stop) {
  const auto addresses = resolve(host, port);
  const auto deadline = clock::now() + limit;
  for (const auto* address = addresses.get(); address != nullptr && !stop.interrupted(); address = address->ai_next) {
    const auto socket =
      ::socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol);
    if (socket < 0)
      continue;
    if (connect_to(socket, *address, deadline, stop)) {
      const auto flags = ::fcntl(socket, F_GETFL);
      const auto yes = 1;
      if (flags >= 0 && ::fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0
          && ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0)
        return socket;
    }
    ::close(socket);
  }
  return -1;
}

} // namespace mp
