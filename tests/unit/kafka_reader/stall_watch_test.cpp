#define CAF_SUITE stall_watch
#include "tests/support/test.hpp"

#include "actors/kafka_reader/stall_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr stall_watch::time_point start{};

} // namespace

TEST_CASE("what ought to happen and does not is stalled after its timeout") {
  stall_watch watch;
  watch.look(true, start);
  CHECK(!watch.stalled(start + stall_watch::timeout - 1ms));
  CHECK(watch.stalled(start + stall_watch::timeout));
  CHECK(watch.due_for(start + 1min) == 1min);
}

TEST_CASE("time counts only while it ought to happen all along") {
  stall_watch watch;
  watch.look(true, start);
  watch.look(false, start + 20s);
  watch.look(true, start + 21s);
  CHECK(!watch.stalled(start + 50s));
  CHECK(watch.stalled(start + 51s));
  watch.look(false, start + 52s);
  CHECK(!watch.stalled(start + 1h));
}

TEST_CASE("it begins anew whenever it happens") {
  stall_watch watch;
  for (auto at = 0s; at < 10min; at += 29s) {
    watch.look(true, start + at);
    CHECK(!watch.stalled(start + at + 28s));
    watch.moved();
  }
}

TEST_CASE("a client that brings nothing is replaced more and more seldom") {
  replacement_pace pace;
  CHECK(!pace.due(2min - 1ms, start));
  CHECK(pace.due(2min, start));
  CHECK(!pace.due(3min, start));
  CHECK(pace.due(4min, start));
  CHECK(pace.due(8min, start));
  CHECK(pace.due(16min, start));
  CHECK(pace.due(30min, start));
  CHECK(!pace.due(30min - 1ms, start));
  CHECK(pace.due(30min, start));
}

TEST_CASE("long after the last replacement the pace begins anew") {
  replacement_pace pace;
  CHECK(pace.due(2min, start));
  CHECK(!pace.due(2min, start + 2h));
  CHECK(pace.due(2min, start + 3h));
}
