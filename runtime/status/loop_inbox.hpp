#pragma once
// What other threads hand to the thread of connection_loop.

#include "actors/threads/mutex.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/eventfd.h>
#include <unistd.h>

namespace mp::status {

/// Holds answers until the loop takes them, and whether it is to stop; both wake the loop by a descriptor. Thread safe.
class loop_inbox {
public:
  using answers = std::vector<std::pair<std::uint64_t, std::string>>; ///< of connections, by their numbers

  loop_inbox() = default;
  ~loop_inbox() { close(); }
  loop_inbox(const loop_inbox&) = delete;
  loop_inbox& operator=(const loop_inbox&) = delete;

  /// The descriptor that becomes readable with each put() and stop(), valid until close(); -1 with errno when there is
  /// none to have.
  int open() {
    const scoped_lock guard{mutex_};
    return wakeup_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  }

  void close() {
    const scoped_lock guard{mutex_};
    if (wakeup_ != -1)
      ::close(std::exchange(wakeup_, -1));
  }

  void put(std::uint64_t connection, std::string response) {
    const scoped_lock guard{mutex_};
    answers_.emplace_back(connection, std::move(response));
    wake();
  }

  /// All answers since the last time; the descriptor is readable no more.
  answers take() {
    const scoped_lock guard{mutex_};
    eventfd_t ignored = 0;
    ::eventfd_read(wakeup_, &ignored);
    return std::exchange(answers_, {});
  }

  void stop() {
    const scoped_lock guard{mutex_};
    stopping_ = true;
    wake();
  }

  bool stopping() const {
    const scoped_lock guard{mutex_};
    return stopping_;
  }

private:
  void wake() MP_REQUIRES(mutex_) {
    if (wakeup_ != -1)
      ::eventfd_write(wakeup_, 1);
  }

  mutable mutex mutex_;
  int wakeup_ MP_GUARDED_BY(mutex_) = -1;
  bool stopping_ MP_GUARDED_BY(mutex_) = false;
  answers answers_ MP_GUARDED_BY(mutex_);
};

} // namespace mp::status
