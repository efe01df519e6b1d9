#include "runtime/ollama/job_thread.hpp"

#include <condition_variable>
#include <mutex>

namespace mp {

struct job_thread::state {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<void()> next;
  bool closing = false;

  void work() {
    while (true) {
      std::function<void()> job;
      {
        std::unique_lock lock{mutex};
        changed.wait(lock, [this] { return closing || next; });
        if (closing)
          return;
        job.swap(next);
      }
      job();
    }
  }
};

job_thread::job_thread(std::shared_ptr<thread_keeper> keeper) : keeper_(std::move(keeper)), state_(std::make_shared<state>()) {}

job_thread::~job_thread() {
  std::function<void()> dropped;
  const std::lock_guard guard{state_->mutex};
  state_->closing = true;
  dropped.swap(state_->next);
  state_->changed.notify_one();
}

void job_thread::post(std::function<void()> job) {
  if (!started_) {
    keeper_->start([kept = state_] { kept->work(); });
    started_ = true;
  }
  {
    const std::lock_guard guard{state_->mutex};
    state_->next.swap(job);
  }
  state_->changed.notify_one();
}

} // namespace mp
