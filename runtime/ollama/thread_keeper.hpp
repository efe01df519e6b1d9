#pragma once
// Threads that outlive the objects they work for.

#include <chrono>
#include <functional>
#include <memory>

namespace mp {

/// Starts threads and waits for their ends in the destructor, for a bounded time, so that an object can let go of its
/// thread without waiting for a socket. Belongs to the program; its ports hold it too, its threads do not.
class thread_keeper {
public:
  explicit thread_keeper(std::chrono::milliseconds patience = std::chrono::seconds{2});

  /// Waits for all threads, at most for the patience. What still runs then is stuck in the system (a name that does not
  /// resolve) and is left behind.
  ~thread_keeper();

  thread_keeper(const thread_keeper&) = delete;
  thread_keeper& operator=(const thread_keeper&) = delete;

  /// Runs `work` on a thread of its own, all signals blocked: they are the main thread's. `work` must not throw. Throws
  /// std::system_error when the system has no thread left.
  void start(std::function<void()> work);

  /// True once no thread runs any more, false when that takes longer than `patience`.
  bool wait(std::chrono::milliseconds patience);

private:
  struct state;
  std::chrono::milliseconds patience_;
  std::shared_ptr<state> state_;
};

} // namespace mp
