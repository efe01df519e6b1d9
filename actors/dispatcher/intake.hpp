#pragma once
// How much is read, and why not more. No actors.

#include "actors/dispatcher/dead_letter_breaker.hpp"
#include "actors/dispatcher/intake_budget.hpp"
#include "actors/dispatcher/rate_limiter.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mp {

/// Demand is granted within the budget. It is withheld while too many requests end as dead letters, except for one
/// request a time (a trial), and while too many records wait for topics that refuse.
class intake {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using ticket = std::uint64_t;

  /// Reading stops when this many records wait for topics that refuse: each may have cost a model call.
  static constexpr std::size_t held_back_max = 100;

  /// `requests_per_minute`: of a user; 0 is no limit.
  intake(intake_limits limits, dead_letter_limits dead_letters, unsigned requests_per_minute)
    : budget_(limits), breaker_(dead_letters), limiter_(requests_per_minute) {}

  /// There is no reader, or a new one: no demand is outstanding.
  void reset_demand() { budget_.reset(); }

  /// A record has arrived. False: more was sent than was granted. While intake is paused that is none of the reader's
  /// fault: it may have been on its way.
  bool arrived(std::size_t bytes) { return budget_.received(bytes) || paused_by_dead_letters(); }

  /// The record that arrived is a request of this dispatcher. If it was read for a trial, it is the trial from now on.
  void accepted(ticket request);

  /// The record that arrived needs no model call. If it was read for a trial, it was none.
  void said_nothing(time_point now);

  /// Nothing: the request of `user` is within RATE_LIMIT_PER_USER, and counted. Else the time after which the next one
  /// is.
  std::optional<std::chrono::milliseconds> over_limit(std::string_view user, time_point now) {
    return limiter_.take(user, now);
  }

  /// A request has had its end; `is_called`: after a model call.
  void ended(ticket request, bool is_called, end_sign sign, time_point now);

  /// A request has left the table. If it was the trial and has said nothing, the next one may be tried at once.
  void left(ticket request, time_point now);

  /// Whether too many dead letters have paused intake, when that has changed since the last call. Outstanding demand is
  /// void then: the reader is to be told.
  std::optional<bool> dead_letters_changed();

  /// Whether `held_back` records that wait for topics pause intake, when that has changed.
  std::optional<bool> held_back_changed(std::size_t held_back);

  /// As dead_letters_changed() has last said.
  bool is_paused() const { return paused_; }

  /// The demand to send now, or nothing.
  std::optional<intake_grant> next(const intake_load& load, time_point now);

  /// When the next request may be tried; nothing while intake is not paused by dead letters.
  std::optional<time_point> next_trial() const { return breaker_.next_trial(); }

private:
  bool paused_by_dead_letters() const { return !breaker_.lets_in(); }

  intake_budget budget_;
  dead_letter_breaker breaker_;
  rate_limiter limiter_;
  bool paused_ = false; ///< by dead letters, as was last told
  bool held_back_ = false; ///< paused by records that wait for topics
  bool trial_requested_ = false; ///< from the reader while intake is paused, and not arrived yet
  std::optional<ticket> trial_; ///< the one that came
};

} // namespace mp
