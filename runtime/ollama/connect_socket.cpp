#include "runtime/ollama/connect_socket.hpp"

#include "runtime/ollama/connection_attempts.hpp"
#include "runtime/ollama/resolve_name.hpp"
#include "runtime/ollama/wake_pair.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp::ollama {
namespace {

using clock = std::chrono::steady_clock;

/// Sockets that connect at the same time.
class race {
public:
  ~race() {
    for (const auto& each : waits_)
      ::close(each.fd);
  }
  race() = default;
  race(const race&) = delete;
  race& operator=(const race&) = delete;

  /// False: it has failed already.
  bool begin(const socket_address& address) {
    const auto socket = ::socket(address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (socket < 0)
      return false;
    if (::connect(socket, reinterpret_cast<const sockaddr*>(&address.bytes), address.size) != 0
        && errno != EINPROGRESS) {
      ::close(socket);
      return false;
    }
    waits_.push_back({socket, POLLOUT, 0});
    return true;
  }

  /// Waits until one of them is made or has failed, `wake` is readable, or it is time.
  void wait(int wake, clock::time_point until) {
    waits_.push_back({wake, POLLIN, 0});
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    if (::poll(waits_.data(), waits_.size(), static_cast<int>(std::max<std::int64_t>(left, 0))) <= 0)
      for (auto& each : waits_)
        each.revents = 0;
    waits_.pop_back();
  }

  /// Takes the first that is made, or -1; `failed` is called for each that has failed.
  template <class Failed>
  int take_made(Failed failed) {
    for (auto each = waits_.begin(); each != waits_.end();) {
      if (each->revents == 0) {
        ++each;
        continue;
      }
      auto error = 0;
      socklen_t size = sizeof error;
      const auto socket = each->fd;
      each = waits_.erase(each);
      if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0)
        return socket;
      ::close(socket);
      failed();
    }
    return -1;
  }

private:
  std::vector<pollfd> waits_;
};

bool make_ready(int socket) {
  const auto flags = ::fcntl(socket, F_GETFL);
  const auto yes = 1;
  return flags >= 0 && ::fcntl(socket, F_SETFL, flags & ~O_NONBLOCK) == 0
         && ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes) == 0;
}

} // namespace

int connect_to_any(const std::vector<socket_address>& addresses, clock::time_point deadline,
                   const std::stop_token& stop) {
  std::vector<int> families;
  families.reserve(addresses.size());
  for (const auto& each : addresses)
    families.push_back(each.family);
  const auto order = order_of_attempts(families);
  const wake_pair wake{stop};
  if (!wake)
    return -1;
  race sockets;
  const auto begin = clock::now();
  connection_attempts attempts{addresses.size(), begin, std::chrono::ceil<std::chrono::milliseconds>(deadline - begin)};
  while (!attempts.is_over(clock::now()) && !stop.stop_requested()) {
    while (const auto place = attempts.next(clock::now()))
      if (!sockets.begin(addresses[order[*place]]))
        attempts.failed(clock::now());
    sockets.wait(wake.descriptor(), attempts.wake_at());
    const auto made = sockets.take_made([&] { attempts.failed(clock::now()); });
    if (made == -1)
      continue;
    if (!stop.stop_requested() && make_ready(made))
      return made;
    ::close(made);
    return -1;
  }
  return -1;
}

connected_socket connect_socket(const std::string& host, std::uint16_t port, std::chrono::milliseconds limit,
                                const std::stop_token& stop) {
  const auto deadline = clock::now() + limit;
  auto name = resolve_name(host, port, deadline, stop);
  if (name.addresses.empty())
    return {-1, std::move(name.why)};
  return {connect_to_any(name.addresses, deadline, stop), {}};
}

} // namespace mp::ollama
