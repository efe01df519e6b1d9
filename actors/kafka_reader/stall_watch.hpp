#pragma once
// When something that should happen repeatedly counts as stalled. No Kafka, no actors: values in, values out.

#include <algorithm>
#include <chrono>
#include <optional>

namespace mp {

/// Watches something that ought to happen again and again.
class stall_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using duration = time_point::duration;

  /// What has not happened for this long is told.
  static constexpr std::chrono::seconds timeout{30};

  /// It has happened.
  void moved() { since_.reset(); }

  /// `due`: at this moment it ought to happen. Time counts only while that is so all along.
  void look(bool due, time_point now) {
    if (!due)
      since_.reset();
    else if (!since_)
      since_ = now;
  }

  /// How long it has been due; zero when it is not.
  duration due_for(time_point now) const { return since_ ? now - *since_ : duration::zero(); }

  bool stalled(time_point now) const { return due_for(now) >= timeout; }

private:
  std::optional<time_point> since_;
};

/// How often a client that brings nothing is replaced by a new one: after two minutes at first, then after twice the
/// time of before, at most half an hour. Lives longer than the reader, which is replaced with its client.
class replacement_pace {
public:
  static constexpr std::chrono::minutes shortest{2};
  static constexpr std::chrono::minutes longest{30};

  /// Whether what has stood still for this long is to be replaced now; if so it counts as done. Two hours after the
  /// last one the pace begins anew.
  bool due(stall_watch::duration stalled, stall_watch::time_point now) {
    if (last_ && now - *last_ > 4 * longest)
      wait_ = shortest;
    if (stalled < wait_)
      return false;
    last_ = now;
    wait_ = std::min<std::chrono::minutes>(wait_ * 2, longest);
    return true;
  }

private:
  std::chrono::minutes wait_ = shortest;
  std::optional<stall_watch::time_point> last_;
};

} // namespace mp
