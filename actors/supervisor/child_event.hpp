#pragma once
// What a supervisor reports of its children.

#include <chrono>
#include <cstdint>
#include <string>

namespace mp {

enum class child_phase : std::uint8_t { waiting, running, stopping, ended, abandoned };

struct child_event {
  std::string child;                       ///< its name, which siblings may share
  child_phase phase = child_phase::waiting;
  std::uint32_t restarts = 0;               ///< restarts since it last ran for stable_time
  std::chrono::nanoseconds delay{0};       ///< until the restart, for `waiting`
  std::string reason;                      ///< empty unless it crashed
  std::string address;                     ///< the name; with its number where siblings share it: "ollama_worker/2"
};

/// Whether a child has ended without an order, or could not be started.
inline bool is_crash(const child_event& event) {
  return !event.reason.empty() && (event.phase == child_phase::waiting || event.phase == child_phase::ended);
}

} // namespace mp
