#define CAF_SUITE restart_ledger_property
#include "tests/support/test.hpp"

#include "actors/supervisor/restart_ledger.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

using time_point = restart_ledger::time_point;

/// Keeps every end of every child and counts anew each time.
struct naive_ledger {
  struct run {
    std::size_t child;
    std::optional<time_point> from; ///< nothing: its start function threw
    time_point to;
    bool restarted;
  };
  restart_backoff backoff;
  restart_intensity intensity;
  std::vector<run> runs;
  std::vector<std::optional<time_point>> running;

  /// Restarts of all children within the period before `now`.
  std::size_t recent_restarts(time_point now) const {
    return static_cast<std::size_t>(std::count_if(
      runs.begin(), runs.end(), [&](const run& each) { return each.restarted && now - each.to <= intensity.period; }));
  }

  /// Restarts of a child since it last ran for a stable time, `last` included.
  std::size_t restarts(std::size_t child) const {
    std::size_t count = 0;
    for (auto i = runs.rbegin(); i != runs.rend(); ++i) {
      if (i->child != child || !i->restarted)
        continue;
      ++count;
      if (i->from && i->to - *i->from >= backoff.stable_time)
        break;
    }
    return count;
  }

  double delay(std::size_t restarts) const {
    auto wait =
      static_cast<double>(backoff.first.count()) * std::pow(backoff.factor, static_cast<double>(restarts - 1));
    return std::min(wait, static_cast<double>(backoff.limit.count()));
  }
};

} // namespace

TEST_CASE("every end is decided as a count over the whole history says") {
  std::optional<restart_ledger> ledger;
  naive_ledger naive;
  double given = 0;
  time_point now{1h};
  std::int64_t pause_max = 1;
  constexpr std::array rules{restart_rule::always, restart_rule::on_failure, restart_rule::never};
  property::random_steps([&](dice& chance) {
    if (!ledger || chance.one_in(50)) { // the naive one looks at all of its history
      naive = {};
      naive.backoff.first = std::chrono::nanoseconds{chance.one_in(10) ? 0 : chance.between(0, 1'000'000'000)};
      naive.backoff.limit = std::chrono::nanoseconds{chance.between(0, 60'000'000'000)};
      naive.backoff.factor = 1.0 + static_cast<double>(chance.below(5)) / 2;
      naive.backoff.jitter = static_cast<double>(chance.below(5)) / 4;
      naive.backoff.stable_time = std::chrono::seconds{chance.between(0, 100)};
      naive.intensity.restarts = chance.below(25);
      naive.intensity.period = std::chrono::seconds{chance.between(0, 100)};
      naive.running.assign(1 + chance.below(5), std::nullopt);
      ledger.emplace(naive.running.size(), naive.backoff, naive.intensity, [&] { return given; });
      pause_max = chance.one_in(2) ? 2 : 120;
    }
    now += std::chrono::milliseconds{500 * chance.between(0, pause_max)}; // coarse, so that limits are met exactly
    auto child = chance.below(naive.running.size());
    if (!naive.running[child] && !chance.one_in(4)) {
      ledger->started(child, now);
      naive.running[child] = now;
      return;
    }
    auto rule = rules[chance.below(chance.one_in(3) ? 3 : 1)];
    bool failed = chance.one_in(2);
    given = chance.share();
    auto decision = ledger->ended(child, rule, failed, now);
    auto from = std::exchange(naive.running[child], std::nullopt);
    if (rule == restart_rule::never || (rule == restart_rule::on_failure && !failed)) {
      holds(std::holds_alternative<leave_ended>(decision), "what need not run is left");
      return;
    }
    if (naive.recent_restarts(now) >= naive.intensity.restarts) {
      holds(std::holds_alternative<give_up>(decision), "too many restarts in the period: it gives up");
      return;
    }
    auto* again = std::get_if<restart_after>(&decision);
    holds(again != nullptr, "it is started again");
    naive.runs.push_back({child, from, now, true});
    holds(again->restarts == naive.restarts(child), "the restarts since the last stable time are counted");
    auto middle = naive.delay(again->restarts);
    auto wanted = middle * (1.0 + naive.backoff.jitter * (2.0 * given - 1.0));
    holds(std::abs(static_cast<double>(again->delay.count()) - wanted) <= 2 + wanted * 1e-9,
          "the pause grows with each attempt");
    holds(again->delay >= 0ns, "no pause is negative");
  });
}

TEST_CASE("with a child are restarted itself, all, or it and those after it") {
  property::random_steps([](dice& chance) {
    auto children = 1 + chance.below(20);
    auto child = chance.below(children);
    for (auto strategy :
         {restart_strategy::one_for_one, restart_strategy::one_for_all, restart_strategy::rest_for_one}) {
      auto [first, last] = restart_ledger::affected(strategy, child, children);
      for (std::size_t each = 0; each < children; ++each) {
        bool expected = each == child || strategy == restart_strategy::one_for_all
                        || (strategy == restart_strategy::rest_for_one && each > child);
        holds((each >= first && each < last) == expected, "the range holds exactly those");
      }
    }
  });
}
