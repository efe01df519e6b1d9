#pragma once
// Threads that outlive the objects they work for.

#include <chrono>
#include <functional>
#include <memory>

namespace mp::threads {

/// Starts threads and waits for their ends in the destructor, for a bounded time, so that an object can leave a
/// blocking call to its thread and end at once. Owned by the program and by the ports that start threads here, never by
/// the threads.
class background_threads {
public:
  /// `timeout`: how long the destructor waits.
  explicit background_threads(std::chrono::milliseconds timeout = std::chrono::seconds{2});

  /// Waits for all threads, at most for `timeout`. What still runs then is stuck in the system (a name that does not
  /// resolve) and is left behind.
  ~background_threads();

  background_threads(const background_threads&) = delete;
  background_threads& operator=(const background_threads&) = delete;

  /// Runs `work` on a thread of its own, all signals blocked: they are the main thread's. `work` must not throw; what
  /// it holds is freed before the thread counts as ended. Throws std::system_error when the system has no thread left.
  /// From any thread, these too.
  void start(std::function<void()> work);

  /// Waits at most `limit`. True: no thread runs any more, all are joined.
  bool wait(std::chrono::milliseconds limit);

private:
  struct state;
  std::chrono::milliseconds timeout_;
  std::shared_ptr<state> state_; ///< the threads hold it too: one that was left behind still needs its lock
};

} // namespace mp::threads
