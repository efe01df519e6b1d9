#define CAF_SUITE cut_limits
#include "tests/support/test.hpp"

#include "actors/ollama_worker/cut_limits.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

const call_limits limits{10s, 2s, 30s, 5s};

} // namespace

TEST_CASE("with time enough the limits stay as they are") {
  auto cut = cut_to(limits, 30s);
  CHECK_EQ(cut.first_byte, 10s);
  CHECK_EQ(cut.idle, 2s);
  CHECK_EQ(cut.whole, 30s);
}

TEST_CASE("no limit is longer than what is left") {
  auto cut = cut_to(limits, 7s);
  CHECK_EQ(cut.first_byte, 7s);
  CHECK_EQ(cut.idle, 2s);
  CHECK_EQ(cut.whole, 7s);
  CHECK_EQ(cut_to(limits, 1500ms).idle, 1500ms);
}

TEST_CASE("a millisecond is left of each even when the deadline has passed") {
  for (auto left : {1ms, 0ms, -1ms, std::chrono::milliseconds::min()}) {
    auto cut = cut_to(limits, left);
    CHECK_EQ(cut.first_byte, 1ms);
    CHECK_EQ(cut.idle, 1ms);
    CHECK_EQ(cut.whole, 1ms);
  }
}

TEST_CASE("the wait for a cancelled call has nothing to do with the deadline") {
  CHECK_EQ(cut_to(limits, 1ms).cancel_wait, 5s);
}
