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
  origin place;
  std::uint64_t content;
  std::size_t bytes;
  answer_keep::time_point since;
  unsigned attempts;
};

} // namespace

TEST_CASE("what is kept is what came last to each place, as long as time and bytes allow, and is given to its own question only") {
  std::optional<answer_keep> kept;
  std::list<known_answer> naive; // oldest first
  answer_keep_limits limits;
  answer_keep::time_point now{1h};
  unsigned number = 0;
  auto total = [&] { return std::accumulate(naive.begin(), naive.end(), std::size_t{0}, [](auto sum, const auto& each) { return sum + each.bytes; }); };
  auto at = [&](const origin& place) {
    return std::find_if(naive.begin(), naive.end(), [&](const auto& each) {
      return each.place.partition == place.partition && each.place.offset == place.offset;
    });
  };
  property::random_steps([&](dice& chance) {
    if (!kept || chance.one_in(3'000)) {
      limits = {chance.one_in(10) ? 0ms : std::chrono::milliseconds{chance.between(1, 2'000)}, static_cast<std::size_t>(chance.between(0, 1'000))};
      kept.emplace(limits);
      naive.clear();
    }
    now += std::chrono::milliseconds{chance.between(0, 60)};
    origin place{static_cast<std::int32_t>(chance.below(3)), static_cast<std::uint32_t>(chance.below(5)), chance.between(0, 12)};
    std::uint64_t content = chance.below(2);
    std::erase_if(naive, [&](const auto& each) { return now - each.since >= limits.age_max; });
    auto known = at(place);
    if (chance.one_in(2)) {
      kept_answer answer;
      answer.attempts = ++number;
      answer.bytes = static_cast<std::size_t>(chance.between(0, 300));
      if (known != naive.end())
        naive.erase(known);
      if (limits.age_max > 0ms && answer.bytes <= limits.bytes_max)
        naive.push_back({place, content, answer.bytes, now, number});
      while (total() > limits.bytes_max)
        naive.pop_front();
      kept->add(place, content, std::move(answer), now);
    } else {
      auto taken = kept->take(place, content, now);
      bool due = known != naive.end() && known->content == content;
      holds(taken.has_value() == due, "an answer is given to its own question");
      holds(!taken || taken->attempts == known->attempts, "it is the newest of its place");
      if (known != naive.end())
        naive.erase(known);
    }
    kept->expire(now);
    holds(kept->size() == naive.size() && kept->bytes() == total(), "nothing else is kept, and all of it is counted");
    origin other{static_cast<std::int32_t>(chance.below(3)), 0, chance.between(0, 12)};
    holds(kept->holds(other) == (at(other) != naive.end()), "it knows what it keeps");
  });
}
