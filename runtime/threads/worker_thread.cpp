#include "runtime/threads/worker_thread.hpp"

#include "actors/threads/mutex.hpp"

#include <cerrno>
#include <utility>

#include <semaphore.h>

namespace mp::threads {

/// A POSIX semaphore, because it is the cheapest way to wake one thread: one system call on each side. (A condition
/// variable leaves its mutex marked as contended, which costs one more; std::counting_semaphore of gcc 12 spins and
/// yields before it sleeps.)
struct worker_thread::state {
  state() { ::sem_init(&changes, 0, 0); }
  ~state() { ::sem_destroy(&changes); }

  sem_t changes;
  mp::mutex mutex;
  std::function<void()> next MP_GUARDED_BY(mutex);
  bool closing MP_GUARDED_BY(mutex) = false;

  void work() {
    while (true) {
      while (::sem_wait(&changes) != 0 && errno == EINTR) {
      }
      scoped_lock lock{mutex};
      if (closing)
        return;
      const auto job = std::exchange(next, nullptr);
      lock.unlock();
      if (job) // not when it was replaced: then there were two posts and the first one's turn did the second one's job
        job();
    }
  }
};

worker_thread::worker_thread(std::shared_ptr<background_threads> background)
  : background_(std::move(background)), state_(std::make_shared<state>()) {}

worker_thread::~worker_thread() {
  std::function<void()> dropped;
  const scoped_lock guard{state_->mutex};
  state_->closing = true;
  dropped.swap(state_->next);
  ::sem_post(&state_->changes);
}

void worker_thread::post(std::function<void()> job) {
  if (!started_) {
    background_->start([state = state_] { state->work(); });
    started_ = true;
  }
  {
    const scoped_lock guard{state_->mutex};
    state_->next.swap(job);
  }
  ::sem_post(&state_->changes);
}

} // namespace mp::threads
