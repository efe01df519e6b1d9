#include "runtime/ollama/thread_keeper.hpp"

#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <signal.h>

namespace mp {
namespace {

struct kept_thread {
  std::thread thread;
  bool ended = false;
};

/// A new thread takes over its maker's signal mask.
class signals_blocked {
public:
  signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
  sigset_t before_;
};

} // namespace

struct thread_keeper::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::list<kept_thread> threads;

  /// Joins what has ended; its last instruction under the lock is behind it, so this does not wait.
  void sweep() {
    std::erase_if(threads, [](kept_thread& each) {
      if (each.ended)
        each.thread.join();
      return each.ended;
    });
  }
};

thread_keeper::thread_keeper(std::chrono::milliseconds patience)
  : patience_(patience), state_(std::make_shared<state>()) {}

thread_keeper::~thread_keeper() {
  wait(patience_);
  const std::lock_guard guard{state_->mutex};
  for (auto& each : state_->threads)
    each.thread.detach();
}

void thread_keeper::start(std::function<void()> work) {
  const std::lock_guard guard{state_->mutex};
  state_->sweep();
  auto& entry = state_->threads.emplace_back();
  try {
    const signals_blocked blocked;
    entry.thread = std::thread{[work = std::move(work), kept = state_, &entry]() mutable {
      work();
      work = nullptr; // what it holds goes before the thread counts as ended
      const std::lock_guard inner{kept->mutex};
      entry.ended = true;
      kept->changed.notify_all();
    }};
  } catch (...) {
    state_->threads.pop_back();
    throw;
  }
}

bool thread_keeper::wait(std::chrono::milliseconds patience) {
  std::unique_lock lock{state_->mutex};
  const auto all_ended = [this] {
    state_->sweep();
    return state_->threads.empty();
  };
  return state_->changed.wait_for(lock, patience, all_ended);
}

} // namespace mp
