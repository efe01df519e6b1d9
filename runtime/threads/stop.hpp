#pragma once
// What a stop that is requested from another thread (std::stop_source) does to blocking work. A source serves one call,
// so that a stop can never reach the call after it. request_stop() blocks nowhere: its callbacks here shut a socket
// down or wake a wait.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

#include <sys/socket.h>

namespace mp::threads {

/// From a stop on `socket` is shut down, which wakes whoever blocks on it; where the stop came before, at once. To be
/// destroyed before the socket is closed: the destructor waits for a shutdown that is under way, so that the number is
/// surely still this socket's.
class shutdown_on_stop {
public:
  shutdown_on_stop(const std::stop_token& stop, int socket) : stop_(stop), callback_(stop, shutdown_socket{socket}) {}

  /// False: stopped already, do not begin.
  explicit operator bool() const noexcept { return !stop_.stop_requested(); }

private:
  struct shutdown_socket {
    int socket;
    void operator()() const noexcept { ::shutdown(socket, SHUT_RDWR); }
  };

  std::stop_token stop_;
  std::stop_callback<shutdown_socket> callback_;
};

/// Waits for a stop, at most `limit`. True: it is requested.
inline bool wait_for_stop(const std::stop_token& stop, std::chrono::milliseconds limit) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock{mutex};
  never.wait_for(lock, stop, limit, [] { return false; });
  return stop.stop_requested();
}

} // namespace mp::threads
