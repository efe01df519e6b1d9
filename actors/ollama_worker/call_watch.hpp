#pragma once
// Whether a running call has used up its time. Values in, values out.

#include "actors/ollama_worker/ollama_worker.hpp"

#include <algorithm>
#include <optional>

namespace mp {

/// Watches one call by looking at its progress now and then.
class call_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  call_watch(const call_limits& limits, time_point started)
    : limits_(limits), started_(started), last_change_(started) {}

  /// The limit that was reached first by `now`, when the call has received `pieces` pieces of the answer so far.
  std::optional<fault> look(std::uint64_t pieces, time_point now) {
    if (pieces != pieces_) {
      pieces_ = pieces;
      last_change_ = now;
    }
    const auto has_begun = pieces_ > 0;
    const auto silence_ends = has_begun ? last_change_ + limits_.idle : started_ + limits_.first_byte;
    const auto call_ends = started_ + limits_.whole;
    if (now < std::min(silence_ends, call_ends))
      return std::nullopt;
    // Reached at once, as by default before the first byte, silence says more: the model may hang, and is loaded anew.
    if (call_ends < silence_ends)
      return fault::call_timeout;
    return has_begun ? fault::idle_timeout : fault::first_byte_timeout;
  }

  /// How often to look: a timeout is noticed at most a quarter of the shortest limit late, and at most a second.
  static std::chrono::milliseconds interval(const call_limits& limits) {
    using namespace std::chrono_literals;
    return std::clamp<std::chrono::milliseconds>(std::min({limits.first_byte, limits.idle, limits.whole}) / 4, 10ms,
                                                 1000ms);
  }

  time_point started() const { return started_; }

private:
  call_limits limits_;
  time_point started_;
  time_point last_change_;
  std::uint64_t pieces_ = 0;
};

} // namespace mp
