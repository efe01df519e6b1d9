#define CAF_SUITE restart_ledger
#include "tests/support/test.hpp"

#include "actors/supervisor/restart_ledger.hpp"

#include <random>
#include <sstream>

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr restart_ledger::time_point start{1h};

restart_ledger ledger_of(restart_backoff backoff, restart_intensity intensity, double random = 0.5,
                         std::size_t children = 2) {
  return {children, backoff, intensity, [random] { return random; }};
}

const restart_backoff steady{100ms, 1s, 2.0, 0.0, 10s};
const restart_intensity patient{1000, 1s};

std::string say(const restart_decision& decision) {
  std::ostringstream text;
  if (std::holds_alternative<leave_ended>(decision))
    text << "leave";
  else if (auto* stop = std::get_if<give_up>(&decision))
    text << "give up after " << stop->restarts;
  else
    text << "restart " << std::get<restart_after>(decision).restarts << " in "
         << std::chrono::duration_cast<std::chrono::milliseconds>(std::get<restart_after>(decision).delay).count()
         << " ms";
  return text.str();
}

std::string crash(restart_ledger& ledger, restart_ledger::time_point now, std::size_t child = 0) {
  return say(ledger.ended(child, restart_rule::always, true, now));
}

} // namespace

TEST_CASE("the delay doubles with each crash up to its limit") {
  auto ledger = ledger_of(steady, patient);
  CHECK_EQ(crash(ledger, start), "restart 1 in 100 ms");
  CHECK_EQ(crash(ledger, start), "restart 2 in 200 ms");
  CHECK_EQ(crash(ledger, start), "restart 3 in 400 ms");
  CHECK_EQ(crash(ledger, start), "restart 4 in 800 ms");
  CHECK_EQ(crash(ledger, start), "restart 5 in 1000 ms");
  for (int i = 0; i < 500; ++i)
    crash(ledger, start);
  CHECK_EQ(crash(ledger, start), "restart 506 in 1000 ms");
}

TEST_CASE("a delay is spread to both sides by its jitter and no further") {
  auto jittery = steady;
  jittery.jitter = 0.2;
  auto low = ledger_of(jittery, patient, 0.0);
  auto middle = ledger_of(jittery, patient, 0.5);
  auto high = ledger_of(jittery, patient, 1.0);
  CHECK_EQ(crash(low, start), "restart 1 in 80 ms");
  CHECK_EQ(crash(middle, start), "restart 1 in 100 ms");
  CHECK_EQ(crash(high, start), "restart 1 in 120 ms");
}

TEST_CASE("each child has a backoff of its own") {
  auto ledger = ledger_of(steady, patient);
  crash(ledger, start, 0);
  crash(ledger, start, 0);
  CHECK_EQ(crash(ledger, start, 1), "restart 1 in 100 ms");
}

TEST_CASE("a child that ran for the stable time starts over with the first delay") {
  auto ledger = ledger_of(steady, patient);
  ledger.started(0, start);
  crash(ledger, start);
  ledger.started(0, start + 1s);
  CHECK_EQ(crash(ledger, start + 1s + 9999ms), "restart 2 in 200 ms");
  ledger.started(0, start + 20s);
  CHECK_EQ(crash(ledger, start + 30s), "restart 1 in 100 ms");
}

TEST_CASE("a child that cannot even be started is not taken for a stable one") {
  auto ledger = ledger_of(steady, patient);
  ledger.started(0, start);
  CHECK_EQ(crash(ledger, start + 1s), "restart 1 in 100 ms");
  // From here on its start function throws, so it is never reported as started.
  CHECK_EQ(crash(ledger, start + 8s), "restart 2 in 200 ms");
  CHECK_EQ(crash(ledger, start + 16s), "restart 3 in 400 ms");
  CHECK_EQ(crash(ledger, start + 60s), "restart 4 in 800 ms");
}

TEST_CASE("more restarts than allowed in the period end the supervisor, over all children together") {
  auto ledger = ledger_of(steady, {3, 5s});
  crash(ledger, start, 0);
  crash(ledger, start + 1s, 1);
  crash(ledger, start + 2s, 0);
  CHECK_EQ(crash(ledger, start + 5s, 1), "give up after 1");
}

TEST_CASE("restarts older than the period are forgotten") {
  auto ledger = ledger_of(steady, {3, 5s});
  crash(ledger, start);
  crash(ledger, start + 1s);
  crash(ledger, start + 2s);
  CHECK_EQ(crash(ledger, start + 5001ms), "restart 4 in 800 ms");
  CHECK_EQ(crash(ledger, start + 5002ms), "give up after 4");
}

TEST_CASE("with no restarts allowed the first crash is the last") {
  auto ledger = ledger_of(steady, {0, 5s});
  CHECK_EQ(crash(ledger, start), "give up after 0");
}

TEST_CASE("a child restarts as its rule says") {
  auto ledger = ledger_of(steady, patient);
  CHECK_EQ(say(ledger.ended(0, restart_rule::never, true, start)), "leave");
  CHECK_EQ(say(ledger.ended(0, restart_rule::never, false, start)), "leave");
  CHECK_EQ(say(ledger.ended(0, restart_rule::on_failure, false, start)), "leave");
  CHECK_EQ(say(ledger.ended(0, restart_rule::on_failure, true, start)), "restart 1 in 100 ms");
  CHECK_EQ(say(ledger.ended(0, restart_rule::always, false, start)), "restart 2 in 200 ms");
}

TEST_CASE("ends that lead to no restart do not count against the intensity") {
  auto ledger = ledger_of(steady, {1, 5s});
  for (int i = 0; i < 10; ++i)
    ledger.ended(0, restart_rule::on_failure, false, start);
  CHECK_EQ(crash(ledger, start), "restart 1 in 100 ms");
}

TEST_CASE("a crash concerns the child, all of its siblings, or those started after it") {
  using range = std::pair<std::size_t, std::size_t>;
  CHECK_EQ(restart_ledger::affected(restart_strategy::one_for_one, 2, 5), (range{2, 3}));
  CHECK_EQ(restart_ledger::affected(restart_strategy::one_for_all, 2, 5), (range{0, 5}));
  CHECK_EQ(restart_ledger::affected(restart_strategy::rest_for_one, 2, 5), (range{2, 5}));
}

TEST_CASE("over random crashes delays stay within their bounds and no period holds more restarts than allowed") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random{seed};
    restart_backoff backoff{100ms, 3s, 1.0 + static_cast<double>(random() % 30) / 10, 0.3, 2s};
    restart_intensity intensity{1 + random() % 10, std::chrono::seconds{1 + random() % 10}};
    restart_ledger ledger{3, backoff, intensity, [&] { return std::uniform_real_distribution<>{0, 1}(random); }};
    std::deque<restart_ledger::time_point> restarts; // within the period, kept the obvious way
    auto now = start;
    bool sound = true;
    for (int step = 0; step < 2'000 && sound; ++step) {
      now += std::chrono::milliseconds{random() % 1500};
      auto child = random() % 3;
      if (random() % 2 == 0) {
        ledger.started(child, now);
        continue;
      }
      std::erase_if(restarts, [&](auto when) { return now - when > intensity.period; });
      auto decision = ledger.ended(child, restart_rule::always, true, now);
      if (auto* again = std::get_if<restart_after>(&decision)) {
        restarts.push_back(now);
        sound = restarts.size() <= intensity.restarts && again->delay >= 70ms && again->delay <= 3900ms
                && again->restarts >= 1;
      } else {
        sound = restarts.size() == intensity.restarts;
      }
    }
    if (!sound)
      CAF_FAIL("seed " << seed);
  }
}
