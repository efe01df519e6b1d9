#pragma once
// A descriptor for poll() that a stop makes readable.

#include "runtime/threads/stop.hpp"

#include <array>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

namespace mp::ollama {

/// For waits on something else than one connected socket. Shutting down one of two joined sockets shows at the other.
class wake_pair {
public:
  explicit wake_pair(const std::stop_token& stop) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) == 0)
      shutdown_.emplace(stop, ends_[0]);
  }
  ~wake_pair() {
    shutdown_.reset();
    for (const auto end : ends_)
      if (end != -1)
        ::close(end);
  }
  wake_pair(const wake_pair&) = delete;
  wake_pair& operator=(const wake_pair&) = delete;

  /// False: stopped already, or no descriptors left.
  explicit operator bool() const noexcept { return shutdown_ && *shutdown_; }

  /// Readable from a stop on.
  int descriptor() const noexcept { return ends_[1]; }

private:
  std::array<int, 2> ends_{-1, -1};
  std::optional<threads::shutdown_on_stop> shutdown_;
};

} // namespace mp::ollama
