#include "actors/supervisor/crash_history.hpp"

namespace mp {

void crash_history::heard(const child_event& event, std::chrono::system_clock::time_point now) {
  auto [place, fresh] = places_.try_emplace(event.address, report_.actors.size());
  if (fresh)
    report_.actors.push_back({event.address, event.phase, 0});
  auto& actor = report_.actors[place->second];
  actor.phase = event.phase;
  if (!is_crash(event))
    return;
  crash_view crash{now, event.address, event.reason, event.restarts, std::nullopt};
  if (event.phase == child_phase::waiting) {
    ++actor.restarts;
    crash.restart_in = event.delay;
  }
  if (report_.crashes.size() == crashes_max)
    report_.crashes.erase(report_.crashes.begin());
  report_.crashes.push_back(std::move(crash));
}

} // namespace mp
