#pragma once
// A descriptor for poll() that an interruption makes readable.

#include "runtime/ollama/interrupter.hpp"

#include <array>
#include <optional>

#include <sys/socket.h>
#include <unistd.h>

namespace mp {

/// Attached to an interrupter for as long as it lives, for waits on something else than one connected socket. Shutting down one of two
/// joined sockets shows at the other.
class wake_pair {
public:
  explicit wake_pair(interrupter& stop) {
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends_.data()) == 0)
      attached_.emplace(stop, ends_[0]);
  }
  ~wake_pair() {
    attached_.reset();
    for (const auto end : ends_)
      if (end != -1)
        ::close(end);
  }
  wake_pair(const wake_pair&) = delete;
  wake_pair& operator=(const wake_pair&) = delete;

  /// False: interrupted already, or no descriptors left.
  explicit operator bool() const noexcept { return attached_ && *attached_; }

  /// Readable from an interruption on.
  int descriptor() const noexcept { return ends_[1]; }

private:
  std::array<int, 2> ends_{-1, -1};
  std::optional<attachment> attached_;
};

} // namespace mp
