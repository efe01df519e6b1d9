#define CAF_SUITE dead_letter_breaker_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/dead_letter_breaker.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

using time_point = dead_letter_breaker::time_point;

/// Keeps every end since it was opened and counts anew each time.
struct naive_guard {
  dead_letter_limits limits;
  std::vector<bool> ends;
  std::optional<time_point> last_trial; ///< or when it closed; nothing while it is open
  bool said_nothing = false;            ///< the last trial

  void count(bool dead_letter, time_point now) {
    if (last_trial)
      return;
    ends.push_back(dead_letter);
    auto first = ends.size() > 100 ? ends.end() - 100 : ends.begin();
    if (std::count(first, ends.end(), true) > static_cast<std::ptrdiff_t>(limits.stop_percent))
      last_trial = now;
  }
  void lets_in() {
    ends.clear();
    last_trial.reset();
    said_nothing = false;
  }
};

} // namespace

TEST_CASE("it opens and closes as a count of all ends says, and lets one trial in for each interval") {
  dead_letter_breaker breaker{{}};
  naive_guard naive;
  time_point now{1h};
  std::uint64_t bad_share = 50; // in percent
  property::random_steps([&](dice& chance) {
    if (chance.one_in(2'000) || naive.ends.size() > 1'000) {
      naive = {};
      naive.limits.stop_percent = static_cast<unsigned>(chance.one_in(4) ? chance.below(2) * 100 : chance.below(101));
      naive.limits.trial_interval = std::chrono::milliseconds{chance.between(1, 20'000)};
      breaker = dead_letter_breaker{naive.limits};
    }
    if (chance.one_in(200))
      bad_share = chance.below(101);
    now += std::chrono::nanoseconds{chance.between(0, 2'000'000'000)};
    bool dead_letter = chance.below(100) < bad_share;
    switch (chance.below(5)) {
      case 0: breaker.ended(end_sign::none, now); break;
      case 2:
        breaker.trial_said_nothing(now);
        naive.said_nothing = naive.last_trial.has_value();
        if (naive.last_trial)
          naive.last_trial = now;
        break;
      case 1:
        if (breaker.trial_due(now) || chance.one_in(20)) {
          breaker.trial_taken(now);
          if (naive.last_trial)
            naive.last_trial = now;
          naive.said_nothing = false;
        }
        break;
      default:
        breaker.ended(dead_letter ? end_sign::bad : end_sign::good, now);
        if (naive.last_trial && !dead_letter)
          naive.lets_in();
        else
          naive.count(dead_letter, now);
        break;
    }
    holds(breaker.lets_in() == !naive.last_trial, "it lets in or not as counted");
    holds(breaker.next_trial().has_value() == !breaker.lets_in(), "there are trials exactly while it lets nothing in");
    if (naive.last_trial) {
      auto wait = naive.said_nothing ? 0ms : naive.limits.trial_interval;
      holds(breaker.next_trial() == *naive.last_trial + wait,
            "a trial an interval after the last, or at once where that said nothing");
      holds(breaker.trial_due(now) == (now - *naive.last_trial >= wait), "due when its time has come");
    } else {
      holds(!breaker.trial_due(now), "no trial while it lets in");
    }
  });
}
