#define CAF_SUITE held_calls
#include "tests/support/test.hpp"

#include "actors/dispatcher/held_calls.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

held_call call(std::int64_t offset, bool finished = false) { return {{"requests", {0, offset, 1}}, "llava", finished}; }

} // namespace

TEST_CASE("a call that is held is taken once, for the same record and the same model") {
  held_calls held;
  held.offered(call(1), {});
  CHECK(!held.take({0, 1, 2}, "llava").has_value());
  CHECK(!held.take({0, 1, 1}, "phi3").has_value());
  CHECK(held.take({0, 1, 1}, "llava").has_value());
  CHECK(!held.take({0, 1, 1}, "llava").has_value());
}

TEST_CASE("of two nodes that hold the same request the one with the answer counts") {
  held_calls held;
  held.offered(call(1, true), {});
  held.offered(call(1, false), {});
  CHECK(held.take({0, 1, 1}, "llava")->finished);
}

TEST_CASE("what was offered long ago is forgotten") {
  held_calls held;
  held_calls::time_point now{};
  held.offered(call(1), now);
  held.offered(call(2), now + 1min);
  held.expire(now + 90s, 1min);
  CHECK_EQ(held.size(), 1u);
}
