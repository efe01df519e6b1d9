#include "runtime/threads/background_threads.hpp"

#include "actors/threads/mutex.hpp"
#include "runtime/threads/blocked_signals.hpp"

#include <algorithm>
#include <list>
#include <thread>
#include <utility>

namespace mp::threads {

struct background_threads::state {
  mp::mutex mutex;
  condition changed;
  std::list<std::jthread> running MP_GUARDED_BY(mutex);
  /// To be joined where they are destroyed: their last instruction under the lock is behind them.
  std::list<std::jthread> ended MP_GUARDED_BY(mutex);

  /// By a thread that is through with its work. One that was left behind is not among the running ones.
  void end_this_thread() {
    const scoped_lock guard{mutex};
    const auto is_this = [](const std::jthread& each) { return each.get_id() == std::this_thread::get_id(); };
    if (const auto self = std::find_if(running.begin(), running.end(), is_this); self != running.end())
      ended.splice(ended.end(), running, self);
    changed.notify_all();
  }
};

background_threads::background_threads(std::chrono::milliseconds timeout)
  : timeout_(timeout), state_(std::make_shared<state>()) {}

background_threads::~background_threads() {
  wait(timeout_);
  const scoped_lock guard{state_->mutex};
  state_->ended.clear();
  for (auto& each : state_->running)
    each.detach();
  state_->running.clear();
}

void background_threads::start(std::function<void()> work) {
  const scoped_lock guard{state_->mutex};
  state_->ended.clear();
  const blocked_signals blocked;
  state_->running.emplace_back([work = std::move(work), state = state_]() mutable {
    work();
    work = nullptr; // what it holds goes before the thread counts as ended
    state->end_this_thread();
  });
}

bool background_threads::wait(std::chrono::milliseconds limit) {
  scoped_lock lock{state_->mutex};
  return state_->changed.wait_for(lock, limit, [this]() MP_REQUIRES(state_->mutex) {
    state_->ended.clear();
    return state_->running.empty();
  });
}

} // namespace mp::threads
