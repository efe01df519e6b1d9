#include "runtime/threads/background_threads.hpp"

#include "runtime/threads/blocked_signals.hpp"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

namespace mp {
namespace {

struct background_thread {
  std::thread thread;
  bool ended = false;
};

} // namespace

struct background_threads::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::list<background_thread> threads;

  /// Joins what has ended; its last instruction under the lock is behind it, so this does not wait.
  void sweep() {
    std::erase_if(threads, [](background_thread& each) {
      if (each.ended)
        each.thread.join();
      return each.ended;
    });
  }
};

background_threads::background_threads(std::chrono::milliseconds patience)
  : patience_(patience), state_(std::make_shared<state>()) {}

background_threads::~background_threads() {
  wait(patience_);
  const std::lock_guard guard{state_->mutex};
  for (auto& each : state_->threads)
    each.thread.detach();
}

void background_threads::start(std::function<void()> work) {
  const std::lock_guard guard{state_->mutex};
  state_->sweep();
  auto& entry = state_->threads.emplace_back();
  try {
    const blocked_signals blocked;
    entry.thread = std::thread{[work = std::move(work), state = state_, &entry]() mutable {
      work();
      work = nullptr; // what it holds goes before the thread counts as ended
      const std::lock_guard inner{state->mutex};
      entry.ended = true;
      state->changed.notify_all();
    }};
  } catch (...) {
    state_->threads.pop_back();
    throw;
  }
}

bool background_threads::wait(std::chrono::milliseconds limit) {
  std::unique_lock lock{state_->mutex};
  const auto all_ended = [this] {
    state_->sweep();
    return state_->threads.empty();
  };
  return state_->changed.wait_for(lock, limit, all_ended);
}

} // namespace mp
