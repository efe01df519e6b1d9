#pragma once
// A thread that does one job after the other for an object that never waits for it.

#include "runtime/ollama/thread_keeper.hpp"

#include <functional>
#include <memory>

namespace mp {

class job_thread {
public:
  explicit job_thread(std::shared_ptr<thread_keeper> keeper);

  /// The thread ends after the job it is at; a job that has not begun is dropped. Never waits.
  ~job_thread();

  job_thread(const job_thread&) = delete;
  job_thread& operator=(const job_thread&) = delete;

  /// Has `job` done next, in place of one that has not begun yet. The first one starts the thread: throws
  /// std::system_error when there is none to have. `job` must not throw.
  void post(std::function<void()> job);

private:
  struct state;
  std::shared_ptr<thread_keeper> keeper_;
  std::shared_ptr<state> state_;
  bool started_ = false;
};

} // namespace mp
