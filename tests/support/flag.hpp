#pragma once
// A signal between the threads of a test.

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace mp::test {

/// Far above what anything here takes, so that only what never comes runs into it.
inline constexpr std::chrono::seconds long_enough{20};

class flag {
public:
  void raise() {
    const std::lock_guard guard{mutex_};
    raised_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, long_enough, [this] { return raised_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool raised_ = false;
};

} // namespace mp::test
