#define CAF_SUITE dead_letter_breaker
#include "tests/support/test.hpp"

#include "actors/dispatcher/dead_letter_breaker.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr dead_letter_breaker::time_point start{1h};
const dead_letter_limits limits{50, 10s};

void end(dead_letter_breaker& breaker, int count, end_sign sign, dead_letter_breaker::time_point now = start) {
  for (int i = 0; i < count; ++i)
    breaker.ended(sign, now);
}

dead_letter_breaker closed() {
  dead_letter_breaker breaker{limits};
  end(breaker, 51, end_sign::bad);
  return breaker;
}

} // namespace

TEST_CASE("half of the last hundred ends may be dead letters, one more closes") {
  dead_letter_breaker breaker{limits};
  end(breaker, 50, end_sign::good);
  end(breaker, 50, end_sign::bad);
  CHECK(breaker.lets_in());
  breaker.ended(end_sign::bad, start); // pushes a good one out
  CHECK(!breaker.lets_in());
}

TEST_CASE("shortly after a start a few dead letters close nothing, however large their share") {
  dead_letter_breaker breaker{limits};
  end(breaker, 50, end_sign::bad);
  CHECK(breaker.lets_in());
  breaker.ended(end_sign::bad, start);
  CHECK(!breaker.lets_in());
}

TEST_CASE("dead letters older than the last hundred ends do not count") {
  dead_letter_breaker breaker{limits};
  end(breaker, 50, end_sign::bad);
  end(breaker, 100, end_sign::good);
  end(breaker, 50, end_sign::bad);
  CHECK(breaker.lets_in());
}

TEST_CASE("a limit of 100 percent never closes, one of 0 closes at the first dead letter") {
  dead_letter_breaker never{{100, 10s}};
  end(never, 1'000, end_sign::bad);
  CHECK(never.lets_in());
  dead_letter_breaker at_once{{0, 10s}};
  at_once.ended(end_sign::good, start);
  CHECK(at_once.lets_in());
  at_once.ended(end_sign::bad, start);
  CHECK(!at_once.lets_in());
}

TEST_CASE("a breaker that lets in wants no trials") {
  dead_letter_breaker breaker{limits};
  CHECK(!breaker.trial_due(start));
  CHECK_EQ(breaker.next_trial(), std::nullopt);
  breaker.trial_taken(start);
  CHECK(breaker.lets_in());
  CHECK_EQ(breaker.next_trial(), std::nullopt);
}

TEST_CASE("while closed one request is tried in each interval") {
  auto breaker = closed();
  CHECK_EQ(breaker.next_trial(), std::optional{start + 10s});
  CHECK(!breaker.trial_due(start + 10s - 1ns));
  CHECK(breaker.trial_due(start + 10s));
  breaker.trial_taken(start + 13s);
  CHECK_EQ(breaker.next_trial(), std::optional{start + 23s});
  CHECK(!breaker.trial_due(start + 20s));
  CHECK(breaker.trial_due(start + 23s));
}

TEST_CASE("a trial that becomes a dead letter leaves it closed, one that is answered opens") {
  auto breaker = closed();
  breaker.trial_taken(start + 10s);
  breaker.ended(end_sign::bad, start + 11s);
  CHECK(!breaker.lets_in());
  CHECK_EQ(breaker.next_trial(), std::optional{start + 20s});
  breaker.trial_taken(start + 20s);
  breaker.ended(end_sign::good, start + 21s);
  CHECK(breaker.lets_in());
  CHECK(!breaker.trial_due(start + 40s));
}

TEST_CASE("an answer to a request that was in the house when it closed opens too") {
  auto breaker = closed();
  breaker.ended(end_sign::good, start + 1s);
  CHECK(breaker.lets_in());
}

TEST_CASE("answers of before it closed open nothing") {
  dead_letter_breaker breaker{limits};
  end(breaker, 49, end_sign::good);
  end(breaker, 51, end_sign::bad);
  CHECK(!breaker.lets_in());
}

TEST_CASE("dead letters that come after it closed do not put the trial off") {
  auto breaker = closed();
  end(breaker, 200, end_sign::bad, start + 5s);
  CHECK_EQ(breaker.next_trial(), std::optional{start + 10s});
}

TEST_CASE("once open again it takes as many dead letters to close as at first") {
  auto breaker = closed();
  end(breaker, 30, end_sign::bad, start + 1s);
  breaker.ended(end_sign::good, start + 2s);
  end(breaker, 50, end_sign::bad, start + 3s);
  CHECK(breaker.lets_in());
  breaker.ended(end_sign::bad, start + 4s);
  CHECK(!breaker.lets_in());
  CHECK_EQ(breaker.next_trial(), std::optional{start + 14s});
}

TEST_CASE("ends without a sign neither close nor open it, nor do they push others out") {
  auto breaker = closed();
  end(breaker, 1'000, end_sign::none);
  CHECK(!breaker.lets_in());
  dead_letter_breaker other{limits};
  end(other, 50, end_sign::bad);
  end(other, 1'000, end_sign::none);
  CHECK(other.lets_in());
  other.ended(end_sign::bad, start);
  CHECK(!other.lets_in());
}

TEST_CASE("behind a trial that said nothing the next one is due at once, behind one that failed it is not") {
  auto breaker = closed();
  breaker.trial_taken(start + 10s);
  CHECK(!breaker.trial_due(start + 11s));
  breaker.trial_said_nothing(start + 11s);
  CHECK(breaker.trial_due(start + 11s));
  breaker.trial_taken(start + 11s);
  breaker.ended(end_sign::bad, start + 12s);
  CHECK(!breaker.trial_due(start + 20s));
  CHECK(breaker.trial_due(start + 21s));
  dead_letter_breaker open{limits};
  open.trial_said_nothing(start);
  CHECK(open.lets_in());
  CHECK_EQ(open.next_trial(), std::nullopt);
}

TEST_CASE("what can be read by nobody, or was refused without a model call, has no sign") {
  for (const auto& each : faults()) {
    const auto retry = each.retry;
    if (retry == retry_class::dead_letter)
      CHECK(sign_of({each.kind, true, 0, false}) == end_sign::none);
    if (retry == retry_class::tell) {
      CHECK(sign_of({each.kind, false, 0, false}) == end_sign::none);
      CHECK(sign_of({each.kind, false, 1, false}) == end_sign::none);
    }
    if (retry == retry_class::give_up) {
      CHECK(sign_of({each.kind, true, 0, false}) == end_sign::none);
      CHECK(sign_of({each.kind, true, 1, false}) == end_sign::bad);
    }
    if (retry == retry_class::retry || retry == retry_class::retry_once || retry == retry_class::wait_for_host) {
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
