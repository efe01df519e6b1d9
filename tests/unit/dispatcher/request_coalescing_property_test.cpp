#define CAF_SUITE request_coalescing_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/request_coalescing.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

using ticket = request_coalescing::ticket;
using tickets = std::vector<ticket>;

struct known_request {
  ticket number;
  std::string id;
  unsigned content;
};

} // namespace

TEST_CASE("of all requests with one key and content exactly the first leads, whatever joins, ends and leaves") {
  request_coalescing all;
  std::vector<known_request> naive; // in the order of coming
  auto find = [&](ticket number) {
    return std::find_if(naive.begin(), naive.end(), [&](const auto& each) { return each.number == number; });
  };
  auto group_of = [&](const known_request& of) {
    tickets group;
    for (const auto& each : naive)
      if (each.id == of.id && each.content == of.content)
        group.push_back(each.number);
    return group;
  };
  const std::array<std::string, 3> ids{"", "a", "b"};
  ticket next = 1;
  std::size_t most = 20;
  property::random_steps([&](dice& chance) {
    if (chance.one_in(1'000))
      most = 1 + chance.below(40);
    auto action = chance.below(4);
    if (action < 2) {
      auto again = chance.one_in(10) && !naive.empty();
      if (!again && naive.size() >= most)
        return;
      auto newcomer =
        again ? chance.of(naive) : known_request{next++, chance.of(ids), static_cast<unsigned>(chance.below(3))};
      auto leader = all.join(newcomer.id, newcomer.number, [&](ticket asked) {
        holds(find(asked) != naive.end() && find(asked)->id == newcomer.id,
              "only leaders with the same id are looked at");
        return find(asked)->content == newcomer.content;
      });
      if (newcomer.id.empty()) {
        holds(!leader, "without an id it leads");
        return;
      }
      if (!again)
        naive.push_back(newcomer);
      auto first = group_of(newcomer).front();
      holds(leader == (first == newcomer.number ? std::nullopt : std::optional{first}),
            "it follows the first of its group");
    } else {
      auto which = naive.empty() || chance.one_in(10) ? chance.below(next + 1) : chance.of(naive).number;
      auto known = find(which);
      auto group = known == naive.end() ? tickets{} : group_of(*known);
      bool leads = !group.empty() && group.front() == which;
      if (action == 2) {
        auto followers = all.end(which);
        holds(followers == (leads ? tickets(group.begin() + 1, group.end()) : tickets{}),
              "its followers end with it, in order");
        std::erase_if(naive, [&](const auto& each) {
          return each.number == which || std::find(followers.begin(), followers.end(), each.number) != followers.end();
        });
      } else {
        auto next_leader = all.drop(which);
        holds(next_leader == (leads && group.size() > 1 ? std::optional{group[1]} : std::nullopt),
              "its first follower leads");
        std::erase_if(naive, [&](const auto& each) { return each.number == which; });
      }
    }
    holds(all.size() == naive.size(), "nobody is forgotten or kept");
  });
}
