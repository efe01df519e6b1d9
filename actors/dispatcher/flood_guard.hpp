#pragma once
// Whether so many requests end as dead letters that reading more of them would only burn them. No CAF.

#include <bitset>
#include <chrono>
#include <cstddef>
#include <optional>

namespace mp {

struct flood_limits {
  unsigned stop_percent = 50; ///< DEAD_LETTER_STOP: more dead letters than this among the last 100 ends close intake; 100: never
  std::chrono::milliseconds trial_interval{10'000}; ///< while closed one request is tried in this time
};

/// Closes intake when something is wrong that retries do not mend and the hosts' probes do not see (a model that answers rubbish,
/// a producer of broken records), so that the backlog stays in Kafka until somebody has looked. It opens by itself: a request is
/// tried now and then until one succeeds.
class flood_guard {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The share is always taken of this many ends, also while fewer are known: a few dead letters after a start close nothing.
  static constexpr std::size_t ends_max = 100;

  explicit flood_guard(flood_limits limits) : limits_(limits) {}

  /// A request had its end: a dead letter, or (false) an answer. While closed an answer opens, whether it is that of a trial or
  /// of a request that was in the house when it closed: either shows at a time later than the flood that requests can succeed
  /// again. What has ended before opening is forgotten then, the house starts with a clean sheet.
  void ended(bool dead_letter, time_point now);

  /// A request had an error reply and no dead letter: its sender's mistake, or it came too late. It counts among the last 100
  /// ends as no dead letter, but it opens nothing: no model had to answer for it.
  void told(time_point now) { note(false, now); }

  bool open() const { return !next_trial_; }

  /// It is closed, and one request may be tried now.
  bool trial_due(time_point now) const { return next_trial_ && now >= *next_trial_; }

  /// When the next request may be tried; nothing while it is open.
  std::optional<time_point> next_trial() const { return next_trial_; }

  /// A request was taken in for a trial: the next one is an interval later, whether or not this one has ended by then. Without
  /// meaning while it is open.
  void trial_taken(time_point now);

private:
  void note(bool dead_letter, time_point now);

  flood_limits limits_;
  std::bitset<ends_max> dead_; ///< of the last ends, as a ring
  std::size_t next_ = 0;
  std::optional<time_point> next_trial_; ///< set while it is closed
};

} // namespace mp
