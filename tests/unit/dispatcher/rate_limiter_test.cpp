#define CAF_SUITE rate_limiter
#include "tests/support/test.hpp"

#include "actors/dispatcher/rate_limiter.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr rate_limiter::time_point start{1h};

/// How many requests in a row are allowed at `now`, at most 1,000.
int allowed(rate_limiter& limiter, std::string_view user, rate_limiter::time_point now) {
  int count = 0;
  while (count < 1'000 && !limiter.take(user, now))
    ++count;
  return count;
}

} // namespace

TEST_CASE("a limit of 0 allows everything and remembers nobody") {
  rate_limiter limiter{0};
  CHECK_EQ(allowed(limiter, "ann", start), 1'000);
  CHECK_EQ(limiter.users(), 0u);
}

TEST_CASE("a minute's worth may come at once, whatever the limit divides into") {
  for (unsigned limit : {1u, 6u, 7u, 59u, 60u, 61u, 999u}) {
    rate_limiter limiter{limit};
    CHECK_EQ(allowed(limiter, "ann", start), static_cast<int>(limit));
  }
}

TEST_CASE("over the limit it says after how long to come again, and then it is so") {
  rate_limiter limiter{6};
  allowed(limiter, "ann", start);
  CHECK_EQ(limiter.take("ann", start), std::optional{10'000ms});
  CHECK_EQ(limiter.take("ann", start + 3s), std::optional{7'000ms});
  CHECK_EQ(limiter.take("ann", start + 9'999'999us), std::optional{1ms});
  CHECK_EQ(limiter.take("ann", start + 10s), std::nullopt);
  CHECK_EQ(limiter.take("ann", start + 10s), std::optional{10'000ms});
}

TEST_CASE("the time to come again is rounded up") {
  rate_limiter limiter{7};
  allowed(limiter, "ann", start);
  auto wait = limiter.take("ann", start);
  CHECK_EQ(wait, std::optional{8'572ms});
  CHECK_EQ(limiter.take("ann", start + *wait), std::nullopt);
}

TEST_CASE("requests over the limit cost nothing") {
  rate_limiter limiter{6};
  allowed(limiter, "ann", start);
  for (int i = 0; i < 100; ++i)
    limiter.take("ann", start + 5s);
  CHECK_EQ(limiter.take("ann", start + 10s), std::nullopt);
}

TEST_CASE("after a quiet minute everything is allowed again, but no more") {
  rate_limiter limiter{6};
  allowed(limiter, "ann", start);
  CHECK_EQ(allowed(limiter, "ann", start + 30s), 3);
  CHECK_EQ(allowed(limiter, "ann", start + 90s), 6);
  CHECK_EQ(allowed(limiter, "ann", start + 24h), 6);
}

TEST_CASE("users do not share their limit") {
  rate_limiter limiter{6};
  allowed(limiter, "ann", start);
  CHECK_EQ(allowed(limiter, "ben", start), 6);
}

TEST_CASE("users whose bucket is full again are forgotten") {
  rate_limiter limiter{6};
  for (int i = 0; i < 100; ++i)
    limiter.take("user " + std::to_string(i), start);
  CHECK_EQ(limiter.users(), 100u);
  limiter.take("ann", start + 10s);
  CHECK_EQ(limiter.users(), 1u);
}

TEST_CASE("however many users come, no more than the limit are remembered, and those who ask most longest") {
  rate_limiter limiter{6};
  allowed(limiter, "greedy", start);
  for (std::size_t i = 0; i < 2 * rate_limiter::users_max; ++i)
    limiter.take("user " + std::to_string(i), start);
  CHECK_EQ(limiter.users(), rate_limiter::users_max);
  CHECK_NE(limiter.take("greedy", start), std::nullopt);
}

TEST_CASE("of endless names only the beginning is remembered") {
  rate_limiter limiter{6};
  std::string name(1'000'000, 'a');
  CHECK_EQ(allowed(limiter, name, start), 6);
  name.back() = 'b';
  CHECK_EQ(allowed(limiter, name, start), 0);
  name.front() = 'b';
  CHECK_EQ(allowed(limiter, name, start), 6);
}

TEST_CASE("a limit of many millions is kept too") {
  rate_limiter limiter{4'000'000'000};
  CHECK_EQ(allowed(limiter, "ann", start), 1'000);
}
