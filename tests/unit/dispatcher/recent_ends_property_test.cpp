#define CAF_SUITE recent_ends_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/recent_ends.hpp"

#include "tests/support/property.hpp"

#include <optional>
#include <vector>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

struct told_end {
  std::chrono::steady_clock::time_point when;
  std::uint64_t number; ///< of all ends that were new
};

constexpr std::uint64_t partitions = 3;

} // namespace

TEST_CASE("exactly the ends of the last two minutes are known, the latest 8,192 of them") {
  recent_ends ends;
  std::vector<std::optional<told_end>> naive; // by partition and offset
  std::uint64_t offsets = 0, told = 0;
  std::chrono::steady_clock::time_point now{1h};
  std::int64_t pause_max = 0;
  auto known = [&](std::uint64_t partition, std::uint64_t offset) {
    const auto& end = naive[partition * offsets + offset];
    return end && now - end->when < recent_ends::age_max && told - end->number < recent_ends::count_max;
  };
  property::random_steps([&](dice& chance) {
    if (offsets == 0 || chance.one_in(50'000)) { // from times in which age decides to times in which the number does
      offsets = chance.one_in(2) ? 10 : 10'000;
      ends = {};
      told = 0;
      naive.assign(partitions * offsets, std::nullopt);
      pause_max = chance.one_in(2) ? 1'000'000 : 4'000'000'000;
    }
    now += std::chrono::nanoseconds{chance.between(0, pause_max)};
    auto partition = chance.below(partitions);
    auto offset = chance.below(offsets);
    origin where{static_cast<std::int32_t>(partition), static_cast<std::uint32_t>(chance.below(9)),
                 static_cast<std::int64_t>(offset)};
    if (chance.one_in(3)) {
      holds(ends.contains(where, now) == known(partition, offset), "what is known is what was told lately");
      return;
    }
    if (!known(partition, offset))
      naive[partition * offsets + offset] = told_end{now, ++told};
    ends.add(where, now);
    holds(ends.contains(where, now), "an end is known as soon as it is told");
    holds(ends.size() <= recent_ends::count_max, "memory is bounded");
  });
}
