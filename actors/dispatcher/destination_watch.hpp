#pragma once
// Which topics take nothing of what is published, and what waits for them. No actors, no Kafka.

#include "messages/outgoing.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// A topic that refuses (no right to write, no such topic) costs only the requests that have a record for it: their
/// records wait here, and one request is tried now and then until the topic takes it. So a record is sent once, and
/// again when it is its turn to be tried, but not every second for all of them.
class destination_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using token = std::uint64_t; ///< outbox::token: a request's ticket and, in the lowest bit, the number of its record

  static constexpr std::chrono::seconds trial_first{1};
  static constexpr std::chrono::seconds trial_longest{10}; ///< the time between two trials doubles up to this

  /// A topic has refused a record of this request. True: it is news, the topic is refusing from now on.
  bool refused(destination to, std::uint64_t ticket, const std::string& code, time_point now);

  /// A record was acknowledged. True: it is news, the topic did refuse; what waited for it is to be sent, see
  /// release().
  bool acknowledged(destination to);

  bool refusing(destination to) const { return of(to).refusing; }
  const std::string& code(destination to) const { return of(to).code; }

  /// Records acknowledged by this topic so far.
  std::uint64_t acknowledgements(destination to) const { return of(to).acknowledged; }

  /// The request cannot be published any more, which proves nothing about its topic: if it was on trial, the next trial
  /// follows at once.
  void said_nothing(std::uint64_t ticket, time_point now);

  /// The record waits until the topic takes records again, or its request is tried.
  void hold(destination to, token which) { of(to).held.push_back(which); }

  /// The topic that this record waits for here, or nothing.
  std::optional<destination> holding(token which) const;

  /// Takes all that waits for this topic, in its order.
  std::vector<token> release(destination to);

  /// Takes the records of the requests, one for each refusing topic, whose turn it is to be tried.
  /// `whole_requests`: with them what they have waiting for other topics; half of one cannot be tried.
  std::vector<token> take_trials(time_point now, bool whole_requests = false);

  /// Drops what waits here for nothing any more.
  template <class Predicate>
  void forget_if(Predicate is_done) {
    for (auto& s : states_)
      std::erase_if(s.held, is_done);
  }

  /// Whether this request is being tried: its records are to be sent although a topic refuses.
  bool on_trial(std::uint64_t ticket) const;

  /// When the next request may be tried, if one waits.
  std::optional<time_point> next_trial() const;

  /// Records that wait.
  std::size_t held() const;

  /// A new producer: nothing waits here any more, all is given to it again. Which topics refuse is still known.
  void forget_held();

private:
  struct state {
    bool refusing = false;
    std::string code;
    std::uint64_t acknowledged = 0;
    std::deque<token> held;
    std::uint64_t trial = 0; ///< ticket of the request that is being tried, or 0
    std::chrono::seconds pause{trial_first};
    time_point due{};
  };
  state& of(destination to) { return states_[static_cast<std::size_t>(to)]; }
  const state& of(destination to) const { return states_[static_cast<std::size_t>(to)]; }

  std::array<state, 3> states_; ///< in the order of `destination`
};

} // namespace mp
