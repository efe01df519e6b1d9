#include "actors/supervisor/actor_journal.hpp"

#include "actors/telemetry/log.hpp"

namespace mp {
namespace {

void log_event(const child_event& event) {
  if (is_crash(event) && event.phase == child_phase::waiting)
    log::warning("actor_crashed", {{"actor", event.address},
                                   {"reason", event.reason},
                                   {"attempt", event.restarts},
                                   {"restart_in_ms", std::chrono::duration<double, std::milli>(event.delay).count()}});
  else if (is_crash(event))
    log::warning(
      "actor_crashed",
      {{"actor", event.address}, {"reason", event.reason}, {"attempt", event.restarts}, {"restart_in_ms", "never"}});
  else if (event.phase == child_phase::abandoned)
    log::error("actor_abandoned", {{"actor", event.address}});
  else if (event.phase == child_phase::running)
    log::debug("actor_started", {{"actor", event.address}});
}

} // namespace

actor_journal::actor_journal(clock wall_clock) : wall_clock_(std::move(wall_clock)) {}

void actor_journal::heard(const child_event& event) {
  log_event(event);
  const scoped_lock guard{mutex_};
  history_.heard(event, wall_clock_());
}

actor_report actor_journal::report() const {
  const scoped_lock guard{mutex_};
  return history_.report();
}

} // namespace mp
