#pragma once
// Threads for a handful of connections.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace mp {

/// Runs jobs on up to `threads_max` threads, each made when a job finds none idle and kept from then on. (The pool of
/// cpp-httplib 0.41 looks at idle threads that have jobs on their way already: some slow clients arriving at once leave
/// the next connection without a thread.)
class connection_threads {
public:
  /// At most `waiting_max` jobs wait for a thread.
  connection_threads(std::size_t threads_max, std::size_t waiting_max)
    : threads_max_(threads_max), waiting_max_(waiting_max) {}

  /// Stops.
  ~connection_threads() { stop(); }

  connection_threads(const connection_threads&) = delete;
  connection_threads& operator=(const connection_threads&) = delete;

  /// False, and the job is dropped, when too many wait or after stop().
  bool run(std::function<void()> job);

  /// Runs what waits and ends the threads.
  void stop();

private:
  void work();

  const std::size_t threads_max_;
  const std::size_t waiting_max_;
  std::mutex mutex_; // guards all below
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool stopping_ = false;
};

} // namespace mp
