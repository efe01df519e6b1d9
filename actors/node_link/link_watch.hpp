#pragma once
// Whether the peer of a link still lives, by its heartbeats. Values in, values out.

#include <algorithm>
#include <chrono>
#include <cmath>

namespace mp {

struct heartbeat_limits {
  std::chrono::milliseconds interval{300};
  /// A peer that was stopped or cut off is seen 1.2 s later at the most: its last heartbeat may be an interval old
  /// then.
  std::chrono::milliseconds silence_min{900};
  std::chrono::milliseconds silence_max{1'100};
};

/// The silence that means death follows the heartbeats: the mean of the gaps between them and four of their deviations,
/// as TCP's retransmission timer does (RFC 6298), within its limits.
class link_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;

  link_watch(heartbeat_limits limits, time_point now) : limits_(limits), last_(now), mean_(seconds(limits.interval)) {}

  /// A heartbeat has come. Gives how late it was, 0 when within one and a half intervals of the one before.
  std::chrono::milliseconds heartbeat(time_point now) {
    auto gap = std::chrono::duration<double>(now - last_).count();
    deviation_ += (std::abs(gap - mean_) - deviation_) / 4;
    mean_ += (gap - mean_) / 8;
    last_ = now;
    auto late =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(gap)) - limits_.interval;
    return late > limits_.interval / 2 ? late : std::chrono::milliseconds{0};
  }

  /// When the peer counts as lost, unless a heartbeat comes before.
  time_point lost_at() const {
    auto wanted =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::duration<double>(mean_ + 4 * deviation_));
    return last_ + std::clamp(wanted, limits_.silence_min, limits_.silence_max);
  }

  bool is_lost(time_point now) const { return now >= lost_at(); }

  std::chrono::milliseconds age(time_point now) const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - last_);
  }

private:
  static double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

  heartbeat_limits limits_;
  time_point last_;
  double mean_;
  double deviation_ = 0;
};

} // namespace mp
