#pragma once
// Where all supervisors of a node report to.

#include "actors/supervisor/crash_history.hpp"
#include "actors/threads/mutex.hpp"

#include <chrono>
#include <functional>

namespace mp {

/// Logs what happens to the children of all supervisors and keeps it for /api/status. No actor, because it has to
/// outlive every one: the crash of the health monitor is an event as well. Thread safe. One per node.
class actor_journal {
public:
  using clock = std::function<std::chrono::system_clock::time_point()>;

  explicit actor_journal(clock wall_clock = [] { return std::chrono::system_clock::now(); });

  void heard(const child_event& event);

  actor_report report() const;

private:
  clock wall_clock_;
  mutable mutex mutex_;
  crash_history history_ MP_GUARDED_BY(mutex_);
};

} // namespace mp
