#pragma once
// What has become of the children of all supervisors. No actors: values in, values out; time is handed in.

#include "actors/supervisor/child_event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// One child as it is now.
struct actor_view {
  std::string address;
  child_phase phase = child_phase::waiting;
  std::uint64_t restarts = 0; ///< after crashes
};

struct crash_view {
  std::chrono::system_clock::time_point time;
  std::string address;
  std::string reason;
  std::uint32_t restarts = 0;
  std::optional<std::chrono::nanoseconds> restart_in; ///< empty: it is not restarted, its supervisor gives up
};

struct actor_report {
  std::vector<actor_view> actors;  ///< in the order of their first event
  std::vector<crash_view> crashes; ///< the latest, oldest first
};

class crash_history {
public:
  /// Enough for a look back at a series of crashes, little enough for a page.
  static constexpr std::size_t crashes_max = 100;

  void heard(const child_event& event, std::chrono::system_clock::time_point now);

  const actor_report& report() const { return report_; }

private:
  actor_report report_;
  std::map<std::string, std::size_t> places_; ///< address -> place in report_.actors
};

} // namespace mp
