#define CAF_SUITE intake_budget_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/intake_budget.hpp"
#include "tests/unit/dispatcher/unused_demand.hpp"

#include "tests/support/property.hpp"

#include <algorithm>
#include <vector>

using namespace mp;
using property::dice;
using property::holds;

namespace {

/// A reader with its credit, and the dispatcher's table, whose hosts come and go.
struct house {
  intake_limits limits;
  intake_budget budget{limits};
  std::size_t slots = 0;
  bool open = true;
  std::int64_t credit_records = 0; ///< of the reader
  std::int64_t credit_bytes = 0;
  std::vector<std::int64_t> waiting; ///< sizes
  std::vector<std::int64_t> working;
  std::vector<std::int64_t> parked_or_publishing;
  std::int64_t bytes = 0;

  explicit house(intake_limits given) : limits(given) {}

  std::size_t held() const { return waiting.size() + working.size() + parked_or_publishing.size(); }

  void ask() {
    auto free = open && slots > working.size() ? slots - working.size() : 0;
    auto grant = budget.next({free, open, waiting.size(), held(), bytes});
    if (!grant)
      return;
    holds(open, "nothing is asked for while intake is closed");
    holds(grant->bytes >= 0, "nothing is asked back");
    credit_records += grant->records;
    credit_bytes += grant->bytes;
    auto coming = static_cast<std::size_t>(credit_records);
    holds(held() + coming <= limits.held_max, "what is asked for fits into the table");
    holds(grant->records == 0 || waiting.size() + coming <= free + limits.ahead, "no more is asked for than is wanted");
    holds(grant->bytes == 0 || bytes + credit_bytes <= limits.bytes_max,
          "the bytes asked for fit into what may be held");
  }
};

} // namespace

TEST_CASE("no more is held than the limits allow, and where there is room the reader may always send") {
  std::vector<house> now;
  std::int64_t typical = 1, largest = 1;
  std::size_t slots_max = 1;
  property::random_steps([&](dice& chance) {
    if (now.empty() || chance.one_in(3'000)) {
      now.clear();
      now.emplace_back(intake_limits{1 + chance.below(30), 2 + chance.below(200), chance.between(1'000, 2'000'000)});
      slots_max = 1 + chance.below(40);
      now[0].slots = slots_max;
      typical = chance.between(1, 200'000);
      largest = typical;
    }
    auto& h = now.front();
    auto move = [&](std::vector<std::int64_t>& from, std::vector<std::int64_t>* to) {
      if (from.empty())
        return;
      auto& which = chance.of(from);
      auto size = which;
      which = from.back();
      from.pop_back();
      if (to != nullptr)
        to->push_back(size);
      else
        h.bytes -= size;
    };
    switch (chance.below(8)) {
      case 0:
      case 1:
      case 2:
        if (h.credit_records > 0 && h.credit_bytes > 0) {
          auto size = chance.between(1, typical);
          --h.credit_records;
          h.credit_bytes -= size;
          h.waiting.push_back(size);
          h.bytes += size;
          holds(h.budget.received(static_cast<std::size_t>(size)), "what was asked for is known");
          holds(h.bytes < h.limits.bytes_max + largest, "at most one record goes over the limit");
        }
        break;
      case 3: move(h.working, &h.parked_or_publishing); break;
      case 4: move(h.parked_or_publishing, chance.one_in(4) ? &h.waiting : nullptr); break; // due again, or ended
      case 5: move(h.working, nullptr); break;
      case 6:
        if (chance.one_in(20))
          h.open = !h.open;
        if (chance.one_in(100)) { // a new reader
          h.budget.reset();
          h.credit_records = h.credit_bytes = 0;
        }
        break;
      case 7:
        if (chance.one_in(10)) // a host has gone or come
          h.slots = chance.below(slots_max + 1);
        break;
    }
    while (h.open && h.working.size() < h.slots && !h.waiting.empty())
      move(h.waiting, &h.working);
    h.ask();
    holds(test::unused_demand(h.budget) == static_cast<std::size_t>(h.credit_records),
          "both sides count the same records");
    bool room = h.held() < h.limits.held_max && h.bytes < h.limits.bytes_max;
    bool may_send = h.credit_records > 0 && h.credit_bytes > 0;
    holds(!h.open || !h.waiting.empty() || !room || may_send, "with room and nothing waiting the reader may send");
  });
}
