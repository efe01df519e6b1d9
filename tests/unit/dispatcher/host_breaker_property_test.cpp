#define CAF_SUITE host_breaker_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/host_breaker.hpp"

#include "tests/support/property.hpp"

#include <set>
#include <string>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

using ticket = host_breaker::ticket;

/// Keeps everything that was said since it last changed, and judges it anew each time.
struct naive_breaker {
  unsigned failures_max = 5;
  std::string state = "closed";
  unsigned failures = 0;
  unsigned openings = 0; ///< by calls, since the last answer
  std::set<ticket> once;

  void go(const std::string& to) {
    state = to;
    forget();
  }
  void forget() {
    failures = 0;
    once.clear();
  }

  bool call_failed(fault why, ticket request, bool names_model, bool refused) {
    static const std::set counting{fault::model_error,  fault::stream_cut,   fault::first_byte_timeout,
                                   fault::idle_timeout, fault::call_timeout, fault::degenerate_answer};
    if (state != "closed")
      return false;
    bool about_host = why == fault::host_unreachable || why == fault::host_busy;
    bool away = why == fault::host_unreachable && !refused;
    bool counts_once =
      why == fault::runner_died || (about_host && refused) || (why == fault::model_not_found && !names_model);
    bool counts = counting.contains(why) || (why == fault::host_busy && !refused);
    failures += counts;
    bool new_sign = counts || (counts_once && once.insert(request).second);
    if (!away && !(new_sign && ((openings > 0 && counts) || failures + once.size() >= failures_max)))
      return false;
    go("open");
    ++openings;
    return true;
  }
};

std::string name_of(breaker_state state) {
  return state == breaker_state::closed ? "closed" : state == breaker_state::open ? "open" : "half open";
}

} // namespace

TEST_CASE("it is in the state that a list of all its calls and probes gives, and says once that it has opened") {
  host_breaker breaker{{}};
  naive_breaker naive;
  property::random_steps([&](dice& chance) {
    if (chance.one_in(1'000)) {
      naive = {};
      naive.failures_max = static_cast<unsigned>(chance.below(9));
      breaker = host_breaker{{naive.failures_max}};
    }
    auto was = naive.state;
    switch (chance.below(10)) {
      case 0:
        breaker.call_succeeded();
        naive.forget();
        if (naive.state == "closed")
          naive.openings = 0;
        break;
      case 1:
        breaker.probe_started();
        if (naive.state == "open")
          naive.go("half open");
        break;
      case 2: {
        bool usable = !chance.one_in(3);
        breaker.probed(usable);
        if (!usable)
          naive.go("open");
        else if (naive.state == "half open")
          naive.go("closed");
        break;
      }
      default: {
        auto why = faults()[chance.below(fault_count)].kind;
        if (chance.one_in(3)) // else hosts that are away hide the rest
          why = chance.one_in(2) ? fault::runner_died : fault::call_timeout;
        auto request = chance.below(6);
        bool names_model = chance.one_in(2);
        bool refused = chance.one_in(2);
        bool opened = breaker.call_failed(why, request, names_model, refused);
        holds(opened == naive.call_failed(why, request, names_model, refused), "it opens as counted");
        holds(opened == (was == "closed" && breaker.state() == breaker_state::open), "an opening is told once");
        break;
      }
    }
    holds(name_of(breaker.state()) == naive.state, "the states agree");
    holds(breaker.gives_work() == (naive.state == "closed"), "work is given when it is closed");
    holds(breaker.on_trial() == (naive.openings > 1),
          "it is on trial when calls have opened it again without an answer");
    holds((breaker.pause().count() > 0) == breaker.on_trial() && breaker.pause() <= std::chrono::seconds{5},
          "then it rests, not for long");
    holds(was != "open" || naive.state != "closed", "nothing closes it but a probe begun since it opened");
  });
}

TEST_CASE("one request alone never opens it by the deaths of its runner") {
  property::random_steps([breaker = host_breaker{{2}}](dice& chance) mutable {
    if (chance.one_in(4))
      breaker.call_succeeded();
    holds(!breaker.call_failed(fault::runner_died, 1, chance.one_in(2)), "it stays closed");
  });
}
