#include "runtime/ollama/interrupter.hpp"

#include <sys/socket.h>

namespace mp {

void interrupter::interrupt() noexcept {
  const std::lock_guard guard{mutex_};
  interrupted_ = true;
  changed_.notify_all();
  if (socket_ != -1)
    ::shutdown(socket_, SHUT_RDWR);
}

bool interrupter::interrupted() const noexcept {
  const std::lock_guard guard{mutex_};
  return interrupted_;
}

bool interrupter::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, limit, [this] { return interrupted_; });
}

bool interrupter::attach(int socket) noexcept {
  const std::lock_guard guard{mutex_};
  if (interrupted_)
    return false;
  socket_ = socket;
  return true;
}

void interrupter::detach() noexcept {
  const std::lock_guard guard{mutex_};
  socket_ = -1;
}

} // namespace mp
