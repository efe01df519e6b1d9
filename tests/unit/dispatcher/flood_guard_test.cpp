#define CAF_SUITE flood_guard
#include "tests/support/test.hpp"

#include "actors/dispatcher/flood_guard.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr flood_guard::time_point start{1h};
const flood_limits limits{50, 10s};

void end(flood_guard& guard, int count, bool dead_letter, flood_guard::time_point now = start) {
  for (int i = 0; i < count; ++i)
    guard.ended(dead_letter, now);
}

flood_guard closed() {
  flood_guard guard{limits};
  end(guard, 51, true);
  return guard;
}

} // namespace

TEST_CASE("half of the last hundred ends may be dead letters, one more closes") {
  flood_guard guard{limits};
  end(guard, 50, false);
  end(guard, 50, true);
  CHECK(guard.open());
  guard.ended(true, start); // pushes a good one out
  CHECK(!guard.open());
}

TEST_CASE("shortly after a start a few dead letters close nothing, however large their share") {
  flood_guard guard{limits};
  end(guard, 50, true);
  CHECK(guard.open());
  guard.ended(true, start);
  CHECK(!guard.open());
}

TEST_CASE("dead letters older than the last hundred ends do not count") {
  flood_guard guard{limits};
  end(guard, 50, true);
  end(guard, 100, false);
  end(guard, 50, true);
  CHECK(guard.open());
}

TEST_CASE("a limit of 100 percent never closes, one of 0 closes at the first dead letter") {
  flood_guard never{{100, 10s}};
  end(never, 1'000, true);
  CHECK(never.open());
  flood_guard at_once{{0, 10s}};
  at_once.ended(false, start);
  CHECK(at_once.open());
  at_once.ended(true, start);
  CHECK(!at_once.open());
}

TEST_CASE("an open guard wants no trials") {
  flood_guard guard{limits};
  CHECK(!guard.trial_due(start));
  CHECK_EQ(guard.next_trial(), std::nullopt);
  guard.trial_taken(start);
  CHECK(guard.open());
  CHECK_EQ(guard.next_trial(), std::nullopt);
}

TEST_CASE("while closed one request is tried in each interval") {
  auto guard = closed();
  CHECK_EQ(guard.next_trial(), std::optional{start + 10s});
  CHECK(!guard.trial_due(start + 10s - 1ns));
  CHECK(guard.trial_due(start + 10s));
  guard.trial_taken(start + 13s);
  CHECK_EQ(guard.next_trial(), std::optional{start + 23s});
  CHECK(!guard.trial_due(start + 20s));
  CHECK(guard.trial_due(start + 23s));
}

TEST_CASE("a trial that becomes a dead letter leaves it closed, one that is answered opens") {
  auto guard = closed();
  guard.trial_taken(start + 10s);
  guard.ended(true, start + 11s);
  CHECK(!guard.open());
  CHECK_EQ(guard.next_trial(), std::optional{start + 20s});
  guard.trial_taken(start + 20s);
  guard.ended(false, start + 21s);
  CHECK(guard.open());
  CHECK(!guard.trial_due(start + 40s));
}

TEST_CASE("an answer to a request that was in the house when it closed opens too") {
  auto guard = closed();
  guard.ended(false, start + 1s);
  CHECK(guard.open());
}

TEST_CASE("answers of before it closed open nothing") {
  flood_guard guard{limits};
  end(guard, 49, false);
  end(guard, 51, true);
  CHECK(!guard.open());
}

TEST_CASE("dead letters that come after it closed do not put the trial off") {
  auto guard = closed();
  end(guard, 200, true, start + 5s);
  CHECK_EQ(guard.next_trial(), std::optional{start + 10s});
}

TEST_CASE("once open again it takes as many dead letters to close as at first") {
  auto guard = closed();
  end(guard, 30, true, start + 1s);
  guard.ended(false, start + 2s);
  end(guard, 50, true, start + 3s);
  CHECK(guard.open());
  guard.ended(true, start + 4s);
  CHECK(!guard.open());
  CHECK_EQ(guard.next_trial(), std::optional{start + 14s});
}

TEST_CASE("an error reply for a sender's mistake counts as an end but opens nothing") {
  auto guard = closed();
  guard.told(start + 1s);
  CHECK(!guard.open());
  flood_guard other{limits};
  end(other, 50, true);
  for (int i = 0; i < 100; ++i)
    other.told(start);
  end(other, 50, true);
  CHECK(other.open());
}
