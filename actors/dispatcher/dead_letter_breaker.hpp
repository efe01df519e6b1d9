#pragma once
// Stops intake while most requests end as dead letters, so that those behind them are not lost in the same way. No
// actors.

#include "messages/fault.hpp"

#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mp {

struct dead_letter_limits {
  unsigned stop_percent =
    50; ///< DEAD_LETTER_STOP: more dead letters than this among the last 100 ends with a sign stop intake; 100: never
  std::chrono::milliseconds trial_interval{10'000}; ///< while stopped one request is put to a model in this time
};

/// How a request ended.
struct request_end {
  std::optional<fault> in_error;  ///< empty: with an answer
  bool dead_letter = false;
  unsigned attempts = 0;          ///< model calls charged
  bool of_own_model = false;      ///< it named its model, and no route leads to that one
};

/// What an end says of the models and the service.
enum class end_sign : std::uint8_t {
  none, ///< nothing: there was no model call, or what is wrong is its sender's choice
  good, ///< requests can succeed
  bad,  ///< a dead letter behind a model call, or one that is the service's own doing
};

/// A record that is no request, a request refused without a model call (with an error reply, or for a photo known to be
/// poison) and one whose own model does not exist or cannot see do not count, however many there are: else any sender
/// could stop the service for all users, or hide that the models fail.
end_sign sign_of(const request_end& end);

/// A circuit breaker in front of intake. It stops intake when something is wrong that retries do not mend and the
/// hosts' probes do not see (a model that answers rubbish), so that the backlog stays in Kafka until the cause is
/// removed. It starts intake again by itself: one request is tried per interval until one succeeds.
class dead_letter_breaker {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// The share is always taken of this many ends, also while fewer are known: a few dead letters after a start stop
  /// nothing.
  static constexpr std::size_t ends_max = 100;

  explicit dead_letter_breaker(dead_letter_limits limits) : limits_(limits) {}

  /// A request had its end. One without a sign is not counted. While intake is stopped an answer starts it again,
  /// whether of a trial or of a request that was in flight when it stopped: both show that requests can succeed again.
  /// Ends counted before are dropped then.
  void ended(end_sign sign, time_point now);

  bool lets_in() const { return !next_trial_; }

  /// Intake is stopped, and one request may be tried now.
  bool trial_due(time_point now) const { return next_trial_ && now >= *next_trial_; }

  /// When the next request may be tried; nothing while intake runs.
  std::optional<time_point> next_trial() const { return next_trial_; }

  /// A request was taken in for a trial: the next one is an interval later, whether or not this one has ended by then.
  /// Without meaning while intake runs.
  void trial_taken(time_point now);

  /// What was taken in for a trial was none: it ended without a model call, or was not this service's to end. The next
  /// one may be tried at once, so that a request waits for one trial's interval at most, whatever stands before it in
  /// Kafka. Without meaning while intake runs.
  void trial_said_nothing(time_point now);

private:
  dead_letter_limits limits_;
  std::bitset<ends_max> dead_; ///< of the last ends, as a ring
  std::size_t next_ = 0;
  std::optional<time_point> next_trial_; ///< set while intake is stopped
};

} // namespace mp
