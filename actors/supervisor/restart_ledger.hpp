#pragma once
// What a supervisor does about the end of a child. No actors: values in, values out; time and chance are handed in.

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace mp {

/// When an ended child is started again.
enum class restart_rule { always, on_failure, never };

/// Which siblings restart with a crashed child.
enum class restart_strategy {
  one_for_one,  ///< none
  one_for_all,  ///< all
  rest_for_one, ///< those started after it
};

/// Delays between restarts of one child: first, first*factor, ... up to limit, each spread by +-jitter (a share of it).
/// A child that ran for `stable_time` starts over with `first`.
struct restart_backoff {
  std::chrono::nanoseconds first{std::chrono::milliseconds{100}};
  std::chrono::nanoseconds limit{std::chrono::seconds{30}};
  double factor = 2.0;
  double jitter = 0.2;
  std::chrono::nanoseconds stable_time{std::chrono::seconds{60}};
};

/// More than `restarts` in `period` over all children: the supervisor gives up.
struct restart_intensity {
  std::size_t restarts = 20;
  std::chrono::nanoseconds period{std::chrono::seconds{60}};
};

struct leave_ended {};
struct give_up {
  std::size_t restarts = 0;
  std::size_t crashes = 0; ///< of all children within the period, with this one
};
struct restart_after {
  std::chrono::nanoseconds delay{0};
  std::size_t restarts = 0; ///< 1 for the first restart since it last ran for stable_time
};
using restart_decision = std::variant<leave_ended, give_up, restart_after>;

class restart_ledger {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// `random` returns values in [0, 1).
  restart_ledger(std::size_t children, restart_backoff backoff, restart_intensity intensity,
                 std::function<double()> random);

  /// Child number `child` was started.
  void started(std::size_t child, time_point now);

  /// It has ended; `failed`: by a crash or a start function that threw.
  restart_decision ended(std::size_t child, restart_rule rule, bool failed, time_point now);

  /// The half-open range of children that restart with `child`.
  static std::pair<std::size_t, std::size_t> affected(restart_strategy strategy, std::size_t child,
                                                      std::size_t children);

private:
  struct history {
    std::optional<time_point> since{}; ///< empty while it does not run: a start that throws is no calm time
    std::size_t restarts = 0;
  };
  std::chrono::nanoseconds delay(std::size_t restarts) const;

  std::vector<history> children_;
  std::deque<time_point> recent_;
  restart_backoff backoff_;
  restart_intensity intensity_;
  std::function<double()> random_;
};

} // namespace mp
