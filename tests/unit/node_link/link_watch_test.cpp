#define CAF_SUITE link_watch
#include "tests/support/test.hpp"

#include "actors/node_link/link_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("a peer that stops is lost 1.2 s later at the most, and not within 0.6 s") {
  link_watch::time_point now{};
  link_watch watch{{}, now};
  for (int i = 0; i < 100; ++i)
    watch.heartbeat(now += 300ms);
  // It stops right before its next heartbeat, or right after the last one.
  CHECK(!watch.is_lost(now + 300ms + 599ms));
  CHECK(watch.is_lost(now + 1'200ms));
}

TEST_CASE("heartbeats that come irregularly make the watch patient, within its limits") {
  link_watch::time_point now{};
  link_watch steady{{}, now}, jittery{{}, now};
  for (int i = 0; i < 100; ++i) {
    steady.heartbeat(now + i * 300ms);
    jittery.heartbeat(now + i * 300ms + (i % 2 == 0 ? 0ms : 200ms));
  }
  now += 99 * 300ms;
  CHECK(steady.is_lost(now + 950ms));
  CHECK(!jittery.is_lost(now + 200ms + 950ms));
  CHECK(jittery.is_lost(now + 200ms + 1'100ms));
}

TEST_CASE("a heartbeat half an interval late is reported as late, one in time is not") {
  link_watch::time_point now{};
  link_watch watch{{}, now};
  CHECK_EQ(watch.heartbeat(now += 300ms), 0ms);
  CHECK_EQ(watch.heartbeat(now += 440ms), 0ms);
  CHECK_EQ(watch.heartbeat(now += 700ms), 400ms);
  CHECK_EQ(watch.age(now + 20ms), 20ms);
}
