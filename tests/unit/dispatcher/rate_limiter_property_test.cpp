#define CAF_SUITE rate_limiter_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/rate_limiter.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

using time_point = rate_limiter::time_point;

/// A bucket that is filled and emptied, in nanoseconds of refilling. It is never forgotten.
struct naive_bucket {
  std::chrono::nanoseconds level;
  time_point filled_at;
};

} // namespace

TEST_CASE("every user is held to a bucket of its own, forgotten or not, and told the right time to come again") {
  std::optional<rate_limiter> limiter;
  std::vector<naive_bucket> naive;
  std::vector<std::deque<time_point>> allowed_at;
  std::vector<std::string> names;
  std::chrono::nanoseconds interval{0}, whole{0};
  std::int64_t limit = 0;
  time_point now{1h};
  std::int64_t pause_max = 1;
  property::random_steps([&](dice& chance) {
    if (!limiter || chance.one_in(5'000)) {
      limit = chance.between(0, chance.one_in(3) ? 3 : 200);
      limiter.emplace(static_cast<unsigned>(limit));
      interval = limit == 0 ? 0ns : std::chrono::nanoseconds{60'000'000'000} / limit;
      whole = interval * limit;
      naive.assign(1 + chance.below(30), {whole, now});
      allowed_at.assign(naive.size(), {});
      names.clear();
      for (std::size_t i = 0; i < naive.size(); ++i)
        names.push_back("user " + std::to_string(i));
    }
    if (chance.one_in(300))
      pause_max = chance.one_in(2) ? 1'000'000 : 3 * 60'000'000'000 / (limit + 1);
    now += std::chrono::nanoseconds{chance.between(0, pause_max)};
    auto user = chance.below(chance.one_in(2) ? 1 + naive.size() / 4 : naive.size());
    auto wait = limiter->take(names[user], now);
    if (limit == 0) {
      holds(!wait, "without a limit everything is allowed");
      return;
    }
    auto& bucket = naive[user];
    bucket.level = std::min(whole, bucket.level + (now - bucket.filled_at));
    bucket.filled_at = now;
    holds(!wait == (bucket.level >= interval), "allowed when the bucket has one");
    if (wait) {
      holds(*wait >= 1ms && bucket.level + *wait >= interval, "after that time it has one again");
      holds(*wait == 1ms || bucket.level + *wait - 1ms < interval, "and not a millisecond before");
      if (chance.one_in(50))
        now += *wait; // comes as it was told
      return;
    }
    bucket.level -= interval;
    auto& lately = allowed_at[user];
    lately.push_back(now);
    while (now - lately.front() >= 60s)
      lately.pop_front();
    holds(std::ssize(lately) <= 2 * limit, "no minute sees more than a full bucket and what refills it meanwhile");
    holds(limiter->users() <= naive.size(), "nobody is remembered twice");
  });
}

TEST_CASE("a crowd of any size is remembered in bounded memory, and its greediest members are held to their limit") {
  rate_limiter limiter{3}; // remembered for 20 s, in which 16,000 users come
  time_point now{1h};
  constexpr std::uint64_t greedy = 100;
  std::vector<std::deque<time_point>> allowed_at(greedy);
  property::random_steps([&](dice& chance) {
    now += 1ms;
    auto one = chance.below(5);
    auto user = one == 0 ? chance.below(greedy) : chance.below(100'000'000) + greedy;
    auto wait = limiter.take(std::to_string(user), now);
    holds(limiter.users() <= rate_limiter::users_max, "no more buckets than the limit");
    if (user >= greedy || wait)
      return;
    auto& lately = allowed_at[user];
    lately.push_back(now);
    while (now - lately.front() >= 60s)
      lately.pop_front();
    holds(lately.size() <= 6, "who asks much is not forgotten for those who ask little");
  });
}
