#define CAF_SUITE refusal_pace
#include "tests/support/test.hpp"

#include "actors/dispatcher/refusal_pace.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {
constexpr refusal_pace::time_point start = refusal_pace::time_point{} + 1h;
}

TEST_CASE("what was never refused does not wait, whatever is refused besides") {
  refusal_pace pace;
  for (int i = 0; i < 3; ++i) {
    pace.called(1, 5, start);
    CHECK(!pace.next_call(0, 0, start));
    pace.called(0, 0, start);
  }
}

TEST_CASE("what was refused is called once a second, all such requests together") {
  refusal_pace pace;
  CHECK(!pace.next_call(1, 5, start));
  pace.called(1, 5, start);
  CHECK(pace.next_call(1, 6, start) == start + 1s);
  CHECK(pace.next_call(3, 7, start + 999ms) == start + 1s);
  CHECK(!pace.next_call(3, 7, start + 1s));
}

TEST_CASE("after one of them was answered those refused once before that go at once, not those refused again") {
  refusal_pace pace;
  pace.called(1, 5, start);
  pace.answered(10);
  CHECK(!pace.next_call(1, 9, start));
  CHECK(pace.next_call(1, 11, start) == start + 1s);
  CHECK(pace.next_call(2, 9, start) == start + 1s);
  pace.called(1, 9, start + 900ms);
  CHECK(!pace.next_call(2, 9, start + 1s));
}
