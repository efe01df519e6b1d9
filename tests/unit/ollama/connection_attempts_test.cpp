#define CAF_SUITE connection_attempts
#include "tests/support/test.hpp"

#include "runtime/ollama/connection_attempts.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

using order = std::vector<std::size_t>;

constexpr ollama::connection_attempts::clock::time_point begin{1h};

} // namespace

TEST_CASE("families take turns, each in the resolver's order, beginning with the resolver's first") {
  CHECK_EQ(ollama::order_of_attempts({}), order{});
  CHECK_EQ(ollama::order_of_attempts({4, 4, 4}), (order{0, 1, 2}));
  CHECK_EQ(ollama::order_of_attempts({6, 6, 6, 4, 4}), (order{0, 3, 1, 4, 2}));
  CHECK_EQ(ollama::order_of_attempts({4, 6}), (order{0, 1}));
  CHECK_EQ(ollama::order_of_attempts({4, 4, 4, 6}), (order{0, 3, 1, 2}));
}

TEST_CASE("an address is tried at once, the next one 250 ms later while the first goes on") {
  ollama::connection_attempts attempts{2, begin, 1s};
  CHECK(attempts.next(begin) == 0u);
  CHECK(!attempts.next(begin).has_value());
  CHECK(attempts.wake_at() == begin + 250ms);
  CHECK(!attempts.next(begin + 249ms).has_value());
  CHECK(attempts.next(begin + 250ms) == 1u);
  CHECK(!attempts.next(begin + 900ms).has_value());
  CHECK(attempts.wake_at() == begin + 1s);
  CHECK(!attempts.is_over(begin + 999ms));
  CHECK(attempts.is_over(begin + 1s));
}

TEST_CASE("after a failure the next address is tried at once, and when all have failed it is over") {
  ollama::connection_attempts attempts{3, begin, 10s};
  CHECK(attempts.next(begin) == 0u);
  attempts.failed(begin + 10ms);
  CHECK(attempts.wake_at() == begin + 10ms);
  CHECK(attempts.next(begin + 10ms) == 1u);
  CHECK(!attempts.next(begin + 11ms).has_value());
  CHECK(attempts.next(begin + 260ms) == 2u);
  attempts.failed(begin + 300ms);
  CHECK(!attempts.is_over(begin + 300ms));
  attempts.failed(begin + 301ms);
  CHECK(attempts.is_over(begin + 301ms));
}

TEST_CASE("however many addresses and however short the limit, all have begun at half of it") {
  for (const auto limit : {50ms, 300ms, 1000ms, 60'000ms})
    for (const std::size_t addresses : {1u, 2u, 4u, 8u, 20u}) {
      ollama::connection_attempts attempts{addresses, begin, limit};
      std::size_t begun = 0;
      for (auto now = begin; now <= begin + limit / 2; now += 1ms)
        while (attempts.next(now))
          ++begun;
      CHECK_EQ(begun, addresses);
    }
}

TEST_CASE("nothing begins after the limit, and without an address it is over before it begins") {
  ollama::connection_attempts attempts{2, begin, 100ms};
  CHECK(!attempts.next(begin + 100ms).has_value());
  CHECK(ollama::connection_attempts(0, begin, 1s).is_over(begin));
}
