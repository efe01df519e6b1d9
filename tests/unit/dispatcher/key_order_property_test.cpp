#define CAF_SUITE key_order_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/key_order.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

using ticket = key_order::ticket;

const std::array<std::string, 5> keys{"", "a", "b", "c", "d"};

} // namespace

TEST_CASE("the order is what one list of all requests says, and of each key exactly one request may go") {
  key_order order;
  std::vector<std::pair<std::string, ticket>> naive; // in the order of entering
  auto first_of = [&](const std::string& key) {
    auto i = std::find_if(naive.begin(), naive.end(), [&](const auto& each) { return each.first == key; });
    return i == naive.end() ? std::optional<ticket>{} : i->second;
  };
  std::array<std::optional<ticket>, keys.size()> allowed; // who was told to go, for each key
  ticket next = 1;
  std::size_t most = 20;
  property::random_steps([&](dice& chance) {
    if (chance.one_in(1'000))
      most = 1 + chance.below(40);
    auto number = chance.below(keys.size());
    const auto& key = keys[number];
    if (chance.one_in(2) && naive.size() < most) {
      auto entering = chance.one_in(10) && !naive.empty() ? chance.of(naive) : std::pair{key, next++};
      auto may_go = order.enter(entering.first, entering.second);
      if (entering.first.empty()) {
        holds(may_go, "without a key everybody goes");
        return;
      }
      if (std::find(naive.begin(), naive.end(), entering) == naive.end())
        naive.push_back(entering);
      holds(may_go == (first_of(entering.first) == entering.second), "the first of a key goes, nobody else");
      if (may_go)
        for (std::size_t i = 0; i < keys.size(); ++i)
          if (keys[i] == entering.first)
            allowed[i] = entering.second;
    } else {
      auto leaving = !naive.empty() && !chance.one_in(10) ? chance.of(naive) : std::pair{key, chance.below(next + 1)};
      auto first = first_of(leaving.first);
      auto told = order.leave(leaving.first, leaving.second);
      std::erase(naive, leaving);
      auto now_first = first_of(leaving.first);
      holds(told == (first != now_first ? now_first : std::nullopt),
            "the next one is told exactly when the first has changed");
      for (std::size_t i = 0; i < keys.size(); ++i)
        if (keys[i] == leaving.first && first != now_first)
          allowed[i] = told;
    }
    for (std::size_t i = 1; i < keys.size(); ++i)
      holds(allowed[i] == first_of(keys[i]), "no key stands still and none has two that go");
    holds(order.size() == naive.size(), "nobody is forgotten or kept");
  });
}
