#pragma once
// Threads for a handful of connections.

#include "actors/threads/mutex.hpp"

#include <cstddef>
#include <deque>
#include <functional>
#include <stop_token>
#include <thread>
#include <vector>

namespace mp::threads {

/// Runs jobs on a fixed number of threads, all signals blocked. (The pool of cpp-httplib 0.41 looks at idle threads
/// that have jobs on their way already: some slow clients arriving at once leave the next connection without a thread.)
/// The destructor stops.
class connection_threads {
public:
  /// Starts the threads; at most `waiting_max` jobs wait for one. Throws std::system_error when the system has no
  /// thread left.
  connection_threads(std::size_t threads, std::size_t waiting_max);

  connection_threads(const connection_threads&) = delete;
  connection_threads& operator=(const connection_threads&) = delete;

  /// False, and the job is dropped, when too many wait or after stop(). From any thread. `job` must not throw.
  bool run(std::function<void()> job);

  /// Runs what waits and ends the threads.
  void stop();

private:
  void work(const std::stop_token& stop);

  const std::size_t waiting_max_;
  mutex mutex_;
  stoppable_condition changed_;
  std::deque<std::function<void()>> waiting_ MP_GUARDED_BY(mutex_);
  std::vector<std::jthread> threads_ MP_GUARDED_BY(mutex_); ///< empty after stop(); destroyed before what they use
};

} // namespace mp::threads
