#define CAF_SUITE call_watch
#include "tests/support/test.hpp"

#include "actors/ollama_worker/call_watch.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr call_watch::time_point start{1h};
const call_limits limits{10s, 2s, 30s, 5s};

} // namespace

TEST_CASE("a call that answers in time is left alone") {
  call_watch watch{limits, start};
  CHECK_EQ(watch.look(0, start), std::nullopt);
  CHECK_EQ(watch.look(0, start + 9999ms), std::nullopt);
  for (std::uint64_t pieces = 1; pieces < 11; ++pieces)
    CHECK_EQ(watch.look(pieces, start + 10s + pieces * 1900ms), std::nullopt);
}

TEST_CASE("a model that says nothing runs into the limit of the first byte") {
  call_watch watch{limits, start};
  CHECK_EQ(watch.look(0, start + 10s), std::optional{fault::first_byte_timeout});
}

TEST_CASE("a model that has begun to speak is no longer held to the limit of the first byte") {
  call_watch watch{limits, start};
  CHECK_EQ(watch.look(1, start + 9s), std::nullopt);
  CHECK_EQ(watch.look(2, start + 10500ms), std::nullopt);
}

TEST_CASE("a model that falls silent runs into the idle limit") {
  call_watch watch{limits, start};
  CHECK_EQ(watch.look(5, start + 1s), std::nullopt);
  CHECK_EQ(watch.look(5, start + 2999ms), std::nullopt);
  CHECK_EQ(watch.look(5, start + 3s), std::optional{fault::idle_timeout});
}

TEST_CASE("each piece of the answer starts the idle limit anew") {
  call_watch watch{limits, start};
  watch.look(5, start + 1s);
  watch.look(6, start + 2900ms);
  CHECK_EQ(watch.look(6, start + 4800ms), std::nullopt);
  CHECK_EQ(watch.look(6, start + 4900ms), std::optional{fault::idle_timeout});
}

TEST_CASE("a model that never stops speaking runs into the limit of the whole call") {
  call_watch watch{limits, start};
  std::uint64_t pieces = 0;
  for (auto at = start; at < start + 30s; at += 1s)
    CHECK_EQ(watch.look(++pieces, at), std::nullopt);
  CHECK_EQ(watch.look(++pieces, start + 30s), std::optional{fault::call_timeout});
}

TEST_CASE("of two limits the one that was reached first counts, and silence where both were at once") {
  call_watch silent{{60s, 60s, 20s, 5s}, start};
  CHECK_EQ(silent.look(0, start + 60s), std::optional{fault::call_timeout});
  call_watch by_default{call_limits{}, start};
  CHECK_EQ(by_default.look(0, start + 59999ms), std::nullopt);
  CHECK_EQ(by_default.look(0, start + 60s), std::optional{fault::first_byte_timeout});
  call_watch stalled{limits, start};
  stalled.look(1, start + 1s);
  CHECK_EQ(stalled.look(1, start + 40s), std::optional{fault::idle_timeout});
  call_watch late{limits, start};
  late.look(1, start + 29s);
  CHECK_EQ(late.look(1, start + 40s), std::optional{fault::call_timeout});
}

TEST_CASE(
  "a timeout is noticed at most a quarter of the shortest limit late, at most a second, and not looked for in a rush") {
  CHECK_EQ(call_watch::interval({10s, 2s, 30s, 5s}), 500ms);
  CHECK_EQ(call_watch::interval({800ms, 2s, 30s, 5s}), 200ms);
  CHECK_EQ(call_watch::interval({60s, 15s, 400ms, 5s}), 100ms);
  CHECK_EQ(call_watch::interval({60s, 15s, 60s, 5s}), 1000ms);
  CHECK_EQ(call_watch::interval({1ms, 1ms, 1ms, 5s}), 10ms);
}
