#define CAF_SUITE decoding_queue
#include "tests/support/test.hpp"

#include "runtime/threads/decoding_queue.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <utility>
#include <vector>

using namespace mp;

namespace {

constexpr auto light = threads::decoding_weight::light;
constexpr auto heavy = threads::decoding_weight::heavy;

/// A photo that comes and is decoded at once.
threads::decoding_queue::number begun(threads::decoding_queue& queue, threads::decoding_weight weight) {
  const auto which = queue.enter(weight);
  CHECK(queue.may_go(which));
  queue.begin(which);
  return which;
}

} // namespace

TEST_CASE("two photos are decoded at a time, those that came first before the others") {
  threads::decoding_queue queue;
  const auto first = begun(queue, light);
  begun(queue, light);
  const auto third = queue.enter(light);
  const auto fourth = queue.enter(light);
  CHECK(!queue.may_go(third));
  queue.end(first);
  CHECK(queue.may_go(third));
  CHECK(!queue.may_go(fourth));
  queue.begin(third);
  CHECK(!queue.may_go(fourth));
}

TEST_CASE("heavy photos wait for each other, and light ones do not wait for them") {
  threads::decoding_queue queue;
  const auto slow = begun(queue, heavy);
  const auto other = queue.enter(heavy);
  const auto another = queue.enter(heavy);
  CHECK(!queue.may_go(other));
  for (int i = 0; i < 10; ++i)
    queue.end(begun(queue, light));
  CHECK(!queue.may_go(other));
  queue.end(slow);
  CHECK(queue.may_go(other));
  CHECK(!queue.may_go(another));
}

TEST_CASE("a heavy photo that may go is not passed by light ones that came later") {
  threads::decoding_queue queue;
  const auto first = begun(queue, light);
  begun(queue, light);
  const auto slow = queue.enter(heavy);
  const auto late = queue.enter(light);
  queue.end(first);
  CHECK(queue.may_go(slow));
  CHECK(!queue.may_go(late));
}

TEST_CASE("whoever comes and goes, a place is never left empty, at most one heavy photo is decoded, and every photo "
          "has its turn") {
  threads::decoding_queue queue;
  std::vector<std::pair<threads::decoding_queue::number, bool>> waiting, under_way;
  property::random_steps([&](property::dice& chance) {
    if (waiting.size() < 20 && chance.one_in(2)) {
      const auto is_heavy = chance.one_in(3);
      waiting.emplace_back(queue.enter(is_heavy ? heavy : light), is_heavy);
    } else if (!under_way.empty() && chance.one_in(2)) {
      const auto which = under_way.begin() + static_cast<std::ptrdiff_t>(chance.below(under_way.size()));
      queue.end(which->first);
      under_way.erase(which);
    }
    const auto heavy_ones = [](const auto& of) {
      return std::count_if(of.begin(), of.end(), [](auto& each) { return each.second; });
    };
    for (bool moved = true; moved;) {
      moved = false;
      for (auto i = waiting.begin(); i != waiting.end() && !moved; ++i)
        if (queue.may_go(i->first)) {
          queue.begin(i->first);
          under_way.push_back(*i);
          waiting.erase(i);
          moved = true;
        }
    }
    property::holds(under_way.size() <= threads::decoding_queue::places, "two at a time");
    property::holds(heavy_ones(under_way) <= 1, "one heavy photo at a time");
    const auto only_heavy_wait = heavy_ones(waiting) == static_cast<std::ptrdiff_t>(waiting.size());
    property::holds(under_way.size() == threads::decoding_queue::places || waiting.empty()
                      || (only_heavy_wait && heavy_ones(under_way) == 1),
                    "a place is empty only where nobody may take it");
  });
}
