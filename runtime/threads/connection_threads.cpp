#include "runtime/threads/connection_threads.hpp"

#include "runtime/threads/blocked_signals.hpp"

#include <utility>

namespace mp::threads {

connection_threads::connection_threads(std::size_t threads, std::size_t waiting_max) : waiting_max_(waiting_max) {
  const blocked_signals blocked;
  for (; threads > 0; --threads)
    threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

bool connection_threads::run(std::function<void()> job) {
  const scoped_lock guard{mutex_};
  if (threads_.empty() || waiting_.size() >= waiting_max_)
    return false;
  waiting_.push_back(std::move(job));
  changed_.notify_one();
  return true;
}

void connection_threads::stop() {
  std::vector<std::jthread> ending; // each is stopped and joined where it is destroyed
  const scoped_lock guard{mutex_};
  ending.swap(threads_);
}

void connection_threads::work(const std::stop_token& stop) {
  scoped_lock lock{mutex_};
  while (changed_.wait(lock, stop, [this]() MP_REQUIRES(mutex_) { return !waiting_.empty(); })) {
    const auto job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

} // namespace mp::threads
