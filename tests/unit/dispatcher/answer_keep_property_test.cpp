#define CAF_SUITE answer_keep_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/answer_keep.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <list>
#include <numeric>
#include <optional>
#include <string>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

struct known_answer {
  record_key question;
  std::size_t bytes;
  answer_keep::time_point since;
  unsigned attempts;
};

} // namespace

TEST_CASE(
  "what is kept is what came last for each record, as long as time and bytes allow, and is given to that record only") {
  std::optional<answer_keep> kept;
  std::list<known_answer> naive; // oldest first
  answer_keep_limits limits;
  answer_keep::time_point now{1h};
  unsigned number = 0;
  auto total = [&] {
    return std::accumulate(naive.begin(), naive.end(), std::size_t{0},
                           [](auto sum, const auto& each) { return sum + each.bytes; });
  };
  auto at = [&](const record_key& which) {
    return std::find_if(naive.begin(), naive.end(), [&](const auto& each) { return each.question == which; });
  };
  property::random_steps([&](dice& chance) {
    if (!kept || chance.one_in(3'000)) {
      limits = {chance.one_in(10) ? 0ms : std::chrono::milliseconds{chance.between(1, 2'000)},
                static_cast<std::size_t>(chance.between(0, 1'000))};
      kept.emplace(limits);
      naive.clear();
    }
    now += std::chrono::milliseconds{chance.between(0, 60)};
    record_key which{static_cast<std::int32_t>(chance.below(3)), chance.between(0, 7), chance.below(2)};
    std::erase_if(naive, [&](const auto& each) { return now - each.since >= limits.age_max; });
    auto known = at(which);
    if (chance.one_in(2)) {
      kept_answer answer;
      answer.attempts = ++number;
      answer.bytes = static_cast<std::size_t>(chance.between(0, 300));
      if (known != naive.end())
        naive.erase(known);
      if (limits.age_max > 0ms && answer.bytes <= limits.bytes_max)
        naive.push_back({which, answer.bytes, now, number});
      while (total() > limits.bytes_max)
        naive.pop_front();
      kept->add(which, std::move(answer), now);
    } else {
      auto taken = kept->take(which, now);
      holds(taken.has_value() == (known != naive.end()), "an answer is given to its own record");
      holds(!taken || taken->attempts == known->attempts, "it is the newest one");
      if (known != naive.end())
        naive.erase(known);
    }
    kept->expire(now);
    holds(kept->size() == naive.size() && kept->bytes() == total(), "nothing else is kept, and all of it is counted");
  });
}
