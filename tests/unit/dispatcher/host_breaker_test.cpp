#define CAF_SUITE host_breaker
#include "tests/support/test.hpp"

#include "actors/dispatcher/host_breaker.hpp"

#include <set>

using namespace mp;

namespace {

const breaker_limits limits{3};
host_breaker::ticket next_ticket = 1;

bool fails(host_breaker& breaker, fault why) { return breaker.call_failed(why, next_ticket++, false); }

host_breaker opened() {
  host_breaker breaker{limits};
  fails(breaker, fault::host_unreachable);
  return breaker;
}

std::string state_of(const host_breaker& breaker) {
  switch (breaker.state()) {
    case breaker_state::closed: return "closed";
    case breaker_state::open: return "open";
    case breaker_state::half_open: return "half open";
  }
  return "?";
}

const std::set counting{fault::model_error,        fault::stream_cut,        fault::runner_died,
                        fault::first_byte_timeout, fault::idle_timeout,      fault::call_timeout,
                        fault::host_busy,          fault::degenerate_answer, fault::model_not_found};
const std::set opening{fault::host_unreachable};

} // namespace

TEST_CASE("a new breaker is closed and gives work") {
  host_breaker breaker{limits};
  CHECK_EQ(state_of(breaker), "closed");
  CHECK(breaker.gives_work());
}

TEST_CASE("failures in a row that speak against the host open it, which is told once") {
  for (auto why : counting) {
    host_breaker breaker{limits};
    CHECK(!fails(breaker, why));
    CHECK(!fails(breaker, why));
    CHECK(breaker.gives_work());
    CHECK(fails(breaker, why));
    CHECK_EQ(state_of(breaker), "open");
    CHECK(!breaker.gives_work());
    CHECK(!fails(breaker, why));
  }
}

TEST_CASE("failures of different kinds count together") {
  host_breaker breaker{limits};
  fails(breaker, fault::call_timeout);
  fails(breaker, fault::runner_died);
  CHECK(fails(breaker, fault::stream_cut));
}

TEST_CASE("a host that is not there gets no second call") {
  for (auto why : opening) {
    host_breaker breaker{limits};
    CHECK(fails(breaker, why));
    CHECK(!breaker.gives_work());
  }
}

TEST_CASE("every other fault neither counts nor resets") {
  for (const auto& each : faults()) {
    if (counting.contains(each.kind) || opening.contains(each.kind))
      continue;
    host_breaker breaker{limits};
    for (int i = 0; i < 100; ++i)
      CHECK(!fails(breaker, each.kind));
    fails(breaker, fault::model_error);
    fails(breaker, fault::model_error);
    CHECK(!fails(breaker, each.kind));
    CHECK(fails(breaker, fault::model_error));
  }
}

TEST_CASE("a model that the request named itself may be missing without a consequence") {
  host_breaker breaker{limits};
  CHECK(!breaker.call_failed(fault::model_not_found, 1, true));
  CHECK(breaker.gives_work());
}

TEST_CASE("an answer starts the count again") {
  host_breaker breaker{limits};
  for (int i = 0; i < 10; ++i) {
    CHECK(!fails(breaker, fault::model_error));
    CHECK(!fails(breaker, fault::model_error));
    breaker.call_succeeded();
  }
  CHECK(breaker.gives_work());
}

TEST_CASE("the runner deaths of one request do not open it, those of several do") {
  host_breaker breaker{limits};
  for (int i = 0; i < 100; ++i)
    CHECK(!breaker.call_failed(fault::runner_died, 7, false));
  CHECK(!breaker.call_failed(fault::runner_died, 8, false));
  CHECK(!breaker.call_failed(fault::runner_died, 8, false));
  CHECK(breaker.call_failed(fault::runner_died, 9, false));
}

TEST_CASE("another failure of a request whose runner died counts") {
  host_breaker breaker{limits};
  breaker.call_failed(fault::runner_died, 7, false);
  breaker.call_failed(fault::call_timeout, 7, false);
  CHECK(breaker.call_failed(fault::call_timeout, 7, false));
}

TEST_CASE("an answer in between makes a request's next runner death count again") {
  host_breaker breaker{{2}};
  breaker.call_failed(fault::runner_died, 7, false);
  breaker.call_succeeded();
  CHECK(!breaker.call_failed(fault::runner_died, 7, false));
  CHECK(breaker.call_failed(fault::runner_died, 8, false));
}

TEST_CASE("the probe closes it") {
  auto breaker = opened();
  breaker.probe_started();
  CHECK_EQ(state_of(breaker), "half open");
  CHECK(!breaker.gives_work());
  breaker.probed(true);
  CHECK_EQ(state_of(breaker), "closed");
  CHECK(breaker.gives_work());
}

TEST_CASE("a probe in vain leaves it open, the next one may close it") {
  auto breaker = opened();
  breaker.probe_started();
  breaker.probed(false);
  CHECK_EQ(state_of(breaker), "open");
  breaker.probe_started();
  breaker.probed(true);
  CHECK_EQ(state_of(breaker), "closed");
}

TEST_CASE("a probe that began before it opened does not close it") {
  auto breaker = opened();
  breaker.probed(true);
  CHECK_EQ(state_of(breaker), "open");
}

TEST_CASE("a probe that never comes back is followed by another") {
  auto breaker = opened();
  breaker.probe_started();
  breaker.probe_started();
  breaker.probed(true);
  CHECK(breaker.gives_work());
}

TEST_CASE("a host that a regular probe finds unusable gets no work") {
  host_breaker breaker{limits};
  breaker.probed(false);
  CHECK_EQ(state_of(breaker), "open");
}

TEST_CASE("regular probes of a host in use do not hide that its calls fail") {
  host_breaker breaker{limits};
  for (int i = 0; i < 2; ++i) {
    fails(breaker, fault::runner_died);
    breaker.probe_started();
    CHECK_EQ(state_of(breaker), "closed");
    breaker.probed(true);
  }
  CHECK(fails(breaker, fault::runner_died));
}

TEST_CASE("late ends of calls change nothing while it is not closed") {
  auto breaker = opened();
  breaker.call_succeeded();
  CHECK_EQ(state_of(breaker), "open");
  breaker.probe_started();
  breaker.call_succeeded();
  CHECK(!fails(breaker, fault::host_unreachable));
  CHECK_EQ(state_of(breaker), "half open");
}

TEST_CASE("once closed again it takes one failure to open, and after an answer as many as at first") {
  host_breaker breaker{limits};
  for (int i = 0; i < 13; ++i)
    fails(breaker, fault::model_error);
  breaker.probe_started();
  breaker.probed(true);
  CHECK(fails(breaker, fault::model_error));
  breaker.probe_started();
  breaker.probed(true);
  breaker.call_succeeded();
  CHECK(!fails(breaker, fault::model_error));
  CHECK(!fails(breaker, fault::model_error));
  CHECK(fails(breaker, fault::model_error));
}

TEST_CASE("a host that passes its probes and fails its calls is left alone for longer each time, and then gets one "
          "call at a time") {
  using namespace std::chrono_literals;
  host_breaker breaker{limits};
  std::vector<std::chrono::milliseconds> pauses;
  for (int i = 0; i < 8; ++i) {
    while (!fails(breaker, fault::model_error)) {
    }
    CHECK_EQ(breaker.on_trial(), i > 0);
    pauses.push_back(breaker.pause());
    breaker.probe_started();
    breaker.probed(true);
  }
  CHECK(pauses == (std::vector<std::chrono::milliseconds>{0ms, 1s, 2s, 4s, 5s, 5s, 5s, 5s}));
  breaker.call_succeeded();
  CHECK_EQ(breaker.pause(), 0ms);
  CHECK(!breaker.on_trial());
}

TEST_CASE("statuses that one request gets in Ollama's place do not open it, those of several do") {
  for (auto why : {fault::host_unreachable, fault::host_busy, fault::model_not_found}) {
    host_breaker breaker{limits};
    for (int i = 0; i < 100; ++i)
      CHECK(!breaker.call_failed(why, 7, false, true));
    CHECK(!breaker.call_failed(why, 8, false, true));
    CHECK(breaker.call_failed(why, 9, false, true));
    breaker.probe_started();
    breaker.probed(true);
    CHECK(!breaker.call_failed(why, 9, false, true)); // as many are needed the next time
    CHECK(!breaker.call_failed(why, 10, false, true));
    CHECK(breaker.call_failed(why, 11, false, true));
    CHECK(breaker.on_trial());
  }
}

TEST_CASE("a limit of no failures is one of a single failure") {
  host_breaker breaker{{0}};
  CHECK(fails(breaker, fault::model_error));
}

TEST_CASE("a tripped breaker gives no work until a probe begun since then finds the host usable") {
  host_breaker breaker{breaker_limits{}};
  breaker.trip();
  CHECK(!breaker.gives_work());
  breaker.probed(true);
  CHECK(!breaker.gives_work());
  breaker.probe_started();
  breaker.probed(true);
  CHECK(breaker.gives_work());
}

TEST_CASE("degenerate answers count against a host, answers that run away do not") {
  host_breaker breaker{breaker_limits{2}};
  CHECK(!breaker.call_failed(fault::runaway_answer, 1, false));
  CHECK(!breaker.call_failed(fault::runaway_answer, 2, false));
  CHECK(!breaker.call_failed(fault::degenerate_answer, 3, false));
  CHECK(breaker.call_failed(fault::degenerate_answer, 4, false));
}
