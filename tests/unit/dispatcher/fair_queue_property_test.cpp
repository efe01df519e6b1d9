#define CAF_SUITE fair_queue_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/fair_queue.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

using ticket = fair_queue::ticket;

constexpr std::size_t groups_used = 3;

std::size_t group_of(ticket request) { return request % groups_used; }

/// Deficit round robin as it is described: round by round, user by user.
struct naive_queue {
  struct waiting {
    ticket request;
    std::string user;
    unsigned priority;
    std::uint32_t cost;
  };
  struct account {
    std::string user;
    unsigned priority;
    std::uint64_t joined_at; ///< round up to which all is paid
  };
  std::vector<waiting> requests;
  std::vector<account> accounts; ///< in the order of their turns
  std::array<std::uint64_t, 10> rounds{};
  unsigned picks = 0;

  account* account_of(const std::string& user, unsigned priority) {
    for (auto& each : accounts)
      if (each.user == user && each.priority == priority)
        return &each;
    return nullptr;
  }

  const waiting* oldest_of(const std::string& user, unsigned priority, const fair_queue::groups& held = {}) const {
    const waiting* oldest = nullptr;
    for (const auto& each : requests)
      if (each.user == user && each.priority == priority && !held[group_of(each.request)]
          && (oldest == nullptr || each.request < oldest->request))
        oldest = &each;
    return oldest;
  }

  void push(ticket request, const std::string& user, unsigned priority, std::uint32_t cost) {
    if (account_of(user, priority) == nullptr)
      accounts.push_back({user, priority, rounds[priority]});
    requests.push_back({request, user, priority, cost});
  }

  std::optional<unsigned> class_to_serve(const fair_queue::groups& held) const {
    std::optional<unsigned> chosen;
    ticket oldest = 0;
    for (const auto& each : requests) {
      if (held[group_of(each.request)])
        continue;
      bool better = !chosen || (picks % 8 == 7 ? each.request < oldest : each.priority > *chosen);
      if (better)
        chosen = each.priority, oldest = each.request;
    }
    return chosen;
  }

  struct pick {
    ticket request;
    account* user;
    std::uint64_t round;
  };
  std::optional<pick> next(const fair_queue::groups& held = {}) {
    auto serve = class_to_serve(held);
    if (!serve)
      return std::nullopt;
    auto round = ~std::uint64_t{0};
    for (const auto& each : accounts)
      if (each.priority == *serve)
        round = std::min(round, each.joined_at);
    for (;; ++round)
      for (auto& each : accounts)
        if (each.priority == *serve) {
          const auto* request = oldest_of(each.user, *serve, held);
          if (request != nullptr && round >= each.joined_at && round - each.joined_at >= request->cost)
            return pick{request->request, &each, round};
        }
  }

  void pop(const fair_queue::groups& held) {
    auto taken = next(held);
    if (!taken)
      return;
    ++picks;
    auto user = *taken->user;
    user.joined_at = taken->round;
    rounds[user.priority] = std::max(rounds[user.priority], taken->round);
    accounts.erase(accounts.begin() + (taken->user - accounts.data()));
    accounts.push_back(user);
    remove(taken->request);
  }

  bool remove(ticket request) {
    auto i = std::find_if(requests.begin(), requests.end(), [&](const auto& each) { return each.request == request; });
    if (i == requests.end())
      return false;
    auto was = *i;
    requests.erase(i);
    if (oldest_of(was.user, was.priority) == nullptr)
      std::erase_if(accounts, [&](const auto& each) { return each.user == was.user && each.priority == was.priority; });
    return true;
  }
};

std::string name_of(std::uint64_t user) { return "user " + std::to_string(user); }

} // namespace

TEST_CASE("the counted rounds give what walking them gives, under any pushes, picks, retries and removals") {
  fair_queue queue;
  naive_queue naive;
  ticket next = 1;
  std::size_t most = 8;
  std::vector<naive_queue::waiting> picked; // may come back from a retry
  property::random_steps([&](dice& chance) {
    if (chance.one_in(1'000))
      most = 1 + chance.below(20);
    auto push = [&](ticket request, const std::string& user, unsigned priority, std::uint32_t cost) {
      queue.push(request, user, priority, cost, group_of(request));
      naive.push(request, user, priority, cost);
    };
    switch (chance.below(8)) {
      case 0:
      case 1:
      case 2:
        if (naive.requests.size() < most)
          push(next++, name_of(chance.below(4)), static_cast<unsigned>(chance.one_in(3) ? chance.below(10) : 4),
               1 + static_cast<std::uint32_t>(chance.below(4)));
        break;
      case 3:
        if (!picked.empty() && naive.requests.size() < most) {
          auto back = picked.back();
          picked.pop_back();
          push(back.request, back.user, back.priority, back.cost);
        }
        break;
      case 4: {
        auto which = chance.below(next + 1);
        if (!naive.requests.empty() && chance.one_in(2))
          which = chance.of(naive.requests).request;
        holds(queue.remove(which) == naive.remove(which), "what waits can be removed, nothing else");
        break;
      }
      default:
        fair_queue::groups held;
        for (std::size_t group = 0; chance.one_in(2) && group < groups_used; ++group)
          held[group] = chance.one_in(2);
        if (auto taken = naive.next(held); taken && picked.size() < 10)
          for (const auto& each : naive.requests)
            if (each.request == taken->request)
              picked.push_back(each);
        auto front = queue.front(held);
        auto awaited = naive.next(held);
        holds(front == (awaited ? std::optional{awaited->request} : std::nullopt), "the same request may go");
        if (front)
          queue.take(*front);
        naive.pop(held);
        break;
    }
    auto expected = naive.next();
    holds(queue.front() == (expected ? std::optional{expected->request} : std::nullopt), "the same request is next");
    holds(queue.front() == queue.front(), "asking twice gives the same");
    holds(queue.size() == naive.requests.size(), "the same requests wait");
    holds(queue.accounts() == naive.accounts.size(), "only users with waiting requests are remembered");
  });
}

TEST_CASE("while two users always have work their shares differ by at most the largest request of each") {
  // Shares are compared by their difference since the users began: its range bounds that of every window.
  fair_queue queue;
  struct owned {
    int user;
    std::uint32_t cost;
  };
  std::map<ticket, owned> known;
  ticket next = 1;
  std::array<std::int64_t, 2> largest{}, waiting{}, picks{};
  std::int64_t difference = 0, lowest = 0, highest = 0;
  bool equal_costs = true;
  std::uint32_t cost_max = 1;
  auto push = [&](dice& chance, int user) {
    auto cost = equal_costs && user < 2 ? cost_max : 1 + static_cast<std::uint32_t>(chance.below(cost_max));
    known[next] = {user, cost};
    queue.push(next++, name_of(static_cast<std::uint64_t>(user)), 4, cost);
    if (user < 2) {
      ++waiting[static_cast<std::size_t>(user)];
      largest[static_cast<std::size_t>(user)] = std::max<std::int64_t>(largest[static_cast<std::size_t>(user)], cost);
    }
  };
  property::random_steps([&](dice& chance) {
    if (chance.one_in(5'000)) { // another world
      while (!queue.empty())
        queue.take(*queue.front());
      known.clear();
      largest = waiting = picks = {};
      difference = lowest = highest = 0;
      equal_costs = chance.one_in(2);
      cost_max = 1 + static_cast<std::uint32_t>(chance.below(100));
    }
    for (int user : {0, 1})
      while (waiting[static_cast<std::size_t>(user)] < 2 || chance.one_in(10))
        push(chance, user);
    if (queue.size() < 60 && chance.one_in(2))
      push(chance, 2 + static_cast<int>(chance.below(chance.one_in(2) ? 5 : 1'000'000)));
    auto taken = *queue.front();
    queue.take(*queue.front());
    auto what = known.at(taken);
    if (what.user >= 2) {
      known.erase(taken);
      return;
    }
    auto user = static_cast<std::size_t>(what.user);
    if (chance.one_in(5)) { // its call failed: it comes back
      queue.push(taken, name_of(user), 4, what.cost);
    } else {
      known.erase(taken);
      --waiting[user];
    }
    ++picks[user];
    difference += user == 0 ? std::int64_t{what.cost} : -std::int64_t{what.cost};
    lowest = std::min(lowest, difference);
    highest = std::max(highest, difference);
    holds(highest - lowest <= largest[0] + largest[1], "the shares stay within one largest request of each");
    if (equal_costs)
      holds(highest - lowest <= 2 * std::int64_t{cost_max}, "with equal costs within two requests");
  });
}

TEST_CASE("whatever comes, the oldest request is served after at most eight picks for each that waits") {
  // One pick in eight is its class's. There only those go before it that were there before it became the oldest: who
  // comes later has its turn later.
  fair_queue queue;
  std::set<ticket> waiting;
  ticket next = 1, oldest = 0;
  std::uint64_t picks = 0, since = 0;
  constexpr std::size_t most = 40;
  property::random_steps([&](dice& chance) {
    while (queue.size() < most) {
      auto crowd = chance.below(1'000'000);
      waiting.insert(next);
      queue.push(next++, name_of(chance.one_in(4) ? crowd : crowd % 3),
                 static_cast<unsigned>(chance.one_in(20) ? chance.below(10) : 9), 1);
    }
    if (oldest != *waiting.begin())
      oldest = *waiting.begin(), since = picks;
    waiting.erase(*queue.front());
    queue.take(*queue.front());
    ++picks;
    holds(waiting.empty() || *waiting.begin() != oldest || picks - since < fair_queue::oldest_turn * most,
          "the oldest request is served in time");
  });
}
