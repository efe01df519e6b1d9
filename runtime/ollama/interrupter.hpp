#pragma once
// Ends the socket work of one call from another thread.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mp {

/// One per call, so that an interruption can never reach the call after it. The working thread attaches the socket it
/// is about to block on and detaches it before it is closed: between the two, and only then, the number is surely that
/// of this call's socket.
class interrupter {
public:
  /// From any thread, at once: the attached socket is shut down, which wakes whoever blocks on it, and no socket can be
  /// attached any more. For good.
  void interrupt() noexcept;

  bool interrupted() const noexcept;

  /// Waits for an interruption, at most `limit`. True: it has come.
  bool wait(std::chrono::milliseconds limit);

  /// False: interrupted already, do not begin.
  bool attach(int socket) noexcept;

  void detach() noexcept;

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  int socket_ = -1;
  bool interrupted_ = false;
};

/// Attached for as long as it lives.
class attachment {
public:
  attachment(interrupter& stop, int socket) : stop_(stop), held_(stop.attach(socket)) {}
  ~attachment() {
    if (held_)
      stop_.detach();
  }
  attachment(const attachment&) = delete;
  attachment& operator=(const attachment&) = delete;

  explicit operator bool() const noexcept { return held_; }

private:
  interrupter& stop_;
  bool held_;
};

} // namespace mp
