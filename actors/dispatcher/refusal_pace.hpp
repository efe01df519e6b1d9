#pragma once
// When a request that was refused with an HTTP status may be put to a host again. Values in, values out; time is handed
// in. No actors.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace mp {

/// Calls of requests that were refused before are made one a second, over all hosts: most of them will be refused
/// again, and each takes the place of a call that is answered. A first refusal may have been the host's state: where
/// one of these requests is answered, the others that were refused once before that may go at once.
class refusal_pace {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::chrono::seconds between_calls{1};

  /// The time until which the request has to wait, or nothing. `times`: it was refused, the last time at event
  /// `refused_at`.
  std::optional<time_point> next_call(unsigned times, std::uint64_t refused_at, time_point now) const {
    return is_paced(times, refused_at) && now < next_ ? std::optional{next_} : std::nullopt;
  }

  /// It is put to a host now.
  void called(unsigned times, std::uint64_t refused_at, time_point now) {
    if (is_paced(times, refused_at))
      next_ = now + between_calls;
  }

  /// One that had been refused was answered, at event `number`.
  void answered(std::uint64_t number) { answered_at_ = std::max(answered_at_, number); }

private:
  bool is_paced(unsigned times, std::uint64_t refused_at) const {
    return times > 1 || (times == 1 && refused_at > answered_at_);
  }

  time_point next_{};
  std::uint64_t answered_at_ = 0;
};

} // namespace mp
