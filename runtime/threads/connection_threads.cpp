#include "runtime/threads/connection_threads.hpp"

#include "runtime/threads/blocked_signals.hpp"

#include <system_error>
#include <utility>

namespace mp {

bool connection_threads::run(std::function<void()> job) {
  std::scoped_lock lock{mutex_};
  if (stopping_ || waiting_.size() >= waiting_max_)
    return false;
  if (waiting_.size() >= idle_ && threads_.size() < threads_max_) {
    try {
      const blocked_signals blocked;
      threads_.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      if (threads_.empty())
        return false;
    }
  }
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void connection_threads::stop() {
  std::vector<std::thread> ending;
  {
    std::scoped_lock lock{mutex_};
    stopping_ = true;
    ending.swap(threads_);
  }
  changed_.notify_all();
  for (auto& thread : ending)
    thread.join();
}

void connection_threads::work() {
  std::unique_lock lock{mutex_};
  while (true) {
    ++idle_;
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (waiting_.empty())
      return;
    auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

} // namespace mp
