#pragma once
// A thread that does one job after the other for an object that never waits for it.

#include "runtime/threads/background_threads.hpp"

#include <functional>
#include <memory>

namespace mp::threads {

class worker_thread {
public:
  explicit worker_thread(std::shared_ptr<background_threads> background);

  /// The thread ends after the job it is at; a job that has not begun is dropped. Never waits.
  ~worker_thread();

  worker_thread(const worker_thread&) = delete;
  worker_thread& operator=(const worker_thread&) = delete;

  /// Has `job` done next, in place of one that has not begun yet. The first one starts the thread: throws
  /// std::system_error when there is none to have. `job` must not throw.
  void post(std::function<void()> job);

private:
  struct state;
  std::shared_ptr<background_threads> background_;
  std::shared_ptr<state> state_;
  bool started_ = false;
};

} // namespace mp::threads
