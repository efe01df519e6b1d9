#define CAF_SUITE flood_guard
#include "tests/support/test.hpp"

#include "actors/dispatcher/flood_guard.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr flood_guard::time_point start{1h};
const flood_limits limits{50, 10s};

void end(flood_guard& guard, int count, end_sign sign, flood_guard::time_point now = start) {
  for (int i = 0; i < count; ++i)
    guard.ended(sign, now);
}

flood_guard closed() {
  flood_guard guard{limits};
  end(guard, 51, end_sign::bad);
  return guard;
}

} // namespace

TEST_CASE("half of the last hundred ends may be dead letters, one more closes") {
  flood_guard guard{limits};
  end(guard, 50, end_sign::good);
  end(guard, 50, end_sign::bad);
  CHECK(guard.open());
  guard.ended(end_sign::bad, start); // pushes a good one out
  CHECK(!guard.open());
}

TEST_CASE("shortly after a start a few dead letters close nothing, however large their share") {
  flood_guard guard{limits};
  end(guard, 50, end_sign::bad);
  CHECK(guard.open());
  guard.ended(end_sign::bad, start);
  CHECK(!guard.open());
}

TEST_CASE("dead letters older than the last hundred ends do not count") {
  flood_guard guard{limits};
  end(guard, 50, end_sign::bad);
  end(guard, 100, end_sign::good);
  end(guard, 50, end_sign::bad);
  CHECK(guard.open());
}

TEST_CASE("a limit of 100 percent never closes, one of 0 closes at the first dead letter") {
  flood_guard never{{100, 10s}};
  end(never, 1'000, end_sign::bad);
  CHECK(never.open());
  flood_guard at_once{{0, 10s}};
  at_once.ended(end_sign::good, start);
  CHECK(at_once.open());
  at_once.ended(end_sign::bad, start);
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
  guard.ended(end_sign::bad, start + 11s);
  CHECK(!guard.open());
  CHECK_EQ(guard.next_trial(), std::optional{start + 20s});
  guard.trial_taken(start + 20s);
  guard.ended(end_sign::good, start + 21s);
  CHECK(guard.open());
  CHECK(!guard.trial_due(start + 40s));
}

TEST_CASE("an answer to a request that was in the house when it closed opens too") {
  auto guard = closed();
  guard.ended(end_sign::good, start + 1s);
  CHECK(guard.open());
}

TEST_CASE("answers of before it closed open nothing") {
  flood_guard guard{limits};
  end(guard, 49, end_sign::good);
  end(guard, 51, end_sign::bad);
  CHECK(!guard.open());
}

TEST_CASE("dead letters that come after it closed do not put the trial off") {
  auto guard = closed();
  end(guard, 200, end_sign::bad, start + 5s);
  CHECK_EQ(guard.next_trial(), std::optional{start + 10s});
}

TEST_CASE("once open again it takes as many dead letters to close as at first") {
  auto guard = closed();
  end(guard, 30, end_sign::bad, start + 1s);
  guard.ended(end_sign::good, start + 2s);
  end(guard, 50, end_sign::bad, start + 3s);
  CHECK(guard.open());
  guard.ended(end_sign::bad, start + 4s);
  CHECK(!guard.open());
  CHECK_EQ(guard.next_trial(), std::optional{start + 14s});
}

TEST_CASE("ends without a sign neither close nor open it, nor do they push others out") {
  auto guard = closed();
  end(guard, 1'000, end_sign::none);
  CHECK(!guard.open());
  flood_guard other{limits};
  end(other, 50, end_sign::bad);
  end(other, 1'000, end_sign::none);
  CHECK(other.open());
  other.ended(end_sign::bad, start);
  CHECK(!other.open());
}

TEST_CASE("behind a trial that said nothing the next one is due at once, behind one that failed it is not") {
  auto guard = closed();
  guard.trial_taken(start + 10s);
  CHECK(!guard.trial_due(start + 11s));
  guard.trial_said_nothing(start + 11s);
  CHECK(guard.trial_due(start + 11s));
  guard.trial_taken(start + 11s);
  guard.ended(end_sign::bad, start + 12s);
  CHECK(!guard.trial_due(start + 20s));
  CHECK(guard.trial_due(start + 21s));
  flood_guard open{limits};
  open.trial_said_nothing(start);
  CHECK(open.open());
  CHECK_EQ(open.next_trial(), std::nullopt);
}

TEST_CASE("what can be read by nobody, or was refused without a model call, has no sign") {
  for (const auto& each : faults()) {
    const auto cure = each.cure;
    if (cure == remedy::dead_letter)
      CHECK(sign_of({each.kind, true, 0, false}) == end_sign::none);
    if (cure == remedy::tell) {
      CHECK(sign_of({each.kind, false, 0, false}) == end_sign::none);
      CHECK(sign_of({each.kind, false, 1, false}) == end_sign::none);
    }
    if (cure == remedy::give_up) {
      CHECK(sign_of({each.kind, true, 0, false}) == end_sign::none);
      CHECK(sign_of({each.kind, true, 1, false}) == end_sign::bad);
    }
    if (cure == remedy::retry || cure == remedy::retry_once || cure == remedy::wait_for_host) {
      CHECK(sign_of({each.kind, true, 0, false}) == end_sign::bad);
      CHECK(sign_of({each.kind, true, 3, false}) == end_sign::bad);
    }
  }
}

TEST_CASE("an answer is a good sign, and a model of the sender's choice that is missing or cannot see is none") {
  CHECK(sign_of({std::nullopt, false, 1, false}) == end_sign::good);
  CHECK(sign_of({std::nullopt, false, 1, true}) == end_sign::good);
  for (const auto why : {fault::model_not_found, fault::model_lacks_vision}) {
    CHECK(sign_of({why, true, 1, true}) == end_sign::none);
    CHECK(sign_of({why, true, 1, false}) == end_sign::bad);
  }
  CHECK(sign_of({fault::invalid_answer, true, 1, true}) == end_sign::bad);
}
