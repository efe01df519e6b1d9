#pragma once
// SIGINT and SIGTERM as calls.

#include <atomic>
#include <functional>
#include <thread>

namespace mp {

/// Blocks SIGINT and SIGTERM in this thread and all that it starts, and ignores SIGPIPE. Call it before any thread
/// exists.
void block_stop_signals();

/// Calls `react` on a thread of its own for each SIGINT or SIGTERM, as long as it lives. block_stop_signals() comes
/// first.
class signal_watch {
public:
  explicit signal_watch(std::function<void()> react);
  ~signal_watch();
  signal_watch(const signal_watch&) = delete;
  signal_watch& operator=(const signal_watch&) = delete;

private:
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

} // namespace mp
