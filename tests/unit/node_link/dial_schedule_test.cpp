#define CAF_SUITE dial_schedule
#include "tests/support/test.hpp"

#include "actors/node_link/dial_schedule.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

using names = std::vector<std::string>;

struct dial_fixture {
  dial_schedule::time_point now{};
  dial_schedule schedule{{"a:7400", "b:7400"}, {}, now};

  /// How long until the name is dialled again.
  std::chrono::milliseconds wait() {
    auto from = now;
    while (schedule.due(now).empty())
      now += 1ms;
    return std::chrono::duration_cast<std::chrono::milliseconds>(now - from);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(dial_fixture)

TEST_CASE("every name is dialled at the start, and not again before its dial has ended") {
  CHECK_EQ(schedule.due(now), (names{"a:7400", "b:7400"}));
  CHECK_EQ(schedule.due(now + 1h), names{});
}

TEST_CASE("where nobody is the pause doubles from 0.1 s to 5 s, for ever") {
  schedule.due(now);
  std::vector<std::chrono::milliseconds> waits;
  for (int i = 0; i < 9; ++i) {
    schedule.ended("a:7400", false, 1, now);
    waits.push_back(wait());
  }
  CHECK_EQ(waits, (std::vector<std::chrono::milliseconds>{100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s, 5s}));
}

TEST_CASE("nodes do not dial at the same moment: chance makes the pause up to a quarter shorter") {
  schedule.due(now);
  schedule.ended("a:7400", false, 0, now);
  CHECK_EQ(wait(), 75ms);
}

TEST_CASE("a name whose readers are all there is looked up again now and then, because it may get more") {
  schedule.due(now);
  schedule.ended("a:7400", true, 1, now);
  CHECK_EQ(wait(), 5s);
}

TEST_CASE("a reader that is lost is dialled at once, and every quarter of a second while it may come back") {
  schedule.due(now);
  schedule.ended("a:7400", true, 0, now);
  now += 1s;
  schedule.lost("a:7400", now);
  CHECK_EQ(schedule.due(now), names{"a:7400"});
  auto lost = now;
  while (now - lost < 14s) {
    schedule.ended("a:7400", false, 1, now);
    CHECK(wait() <= 250ms);
  }
  now = lost + 16s;
  schedule.ended("a:7400", false, 1, now);
  CHECK_EQ(wait(), 5s);
}

END_FIXTURE_SCOPE()
