#define CAF_SUITE slot_offers
#include "tests/support/test.hpp"

#include "actors/node_link/slot_offers.hpp"

using namespace mp;
using kind = slot_offers::action::kind;

namespace {

struct slots_fixture {
  slot_offers offers{1};
  std::map<std::uint64_t, std::size_t> held; // by reader: offers it knows of
  std::map<std::uint64_t, std::size_t> recalled;

  void add(std::size_t slots) {
    for (std::size_t i = 0; i < slots; ++i)
      offers.slot_added(0);
  }

  void distribute() {
    for (const auto& each : offers.distribute())
      (each.what == kind::offer ? held : recalled)[each.reader] += each.count;
  }

  std::size_t sum() const {
    std::size_t sum = 0;
    for (const auto& [reader, count] : held)
      sum += count;
    return sum;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(slots_fixture)

TEST_CASE("without a reader nothing is offered, and the first one that joins is offered all slots") {
  add(4);
  distribute();
  CHECK_EQ(sum(), 0u);
  offers.add_reader(1);
  distribute();
  CHECK_EQ(held[1], 4u);
  CHECK_EQ(offers.free(0), 0u);
}

TEST_CASE("readers without a backlog share the slots evenly") {
  offers.add_reader(1);
  offers.add_reader(2);
  add(6);
  distribute();
  CHECK_EQ(held[1], 3u);
  CHECK_EQ(held[2], 3u);
}

TEST_CASE("a reader with a backlog gets what another one leaves idle, as much as it needs") {
  offers.add_reader(1);
  add(4);
  distribute();
  offers.add_reader(2);
  offers.set_backlog(2, 3);
  distribute();
  CHECK_EQ(recalled[1], 3u);
  offers.returned(1, 0, 3);
  distribute();
  CHECK_EQ(held[2], 3u);
}

TEST_CASE("what is on its way back is not recalled again") {
  offers.add_reader(1);
  add(4);
  distribute();
  offers.add_reader(2);
  offers.set_backlog(2, 3);
  distribute();
  distribute();
  offers.set_backlog(2, 2);
  distribute();
  CHECK_EQ(recalled[1], 3u);
}

TEST_CASE("an offer that was used before it could be given back stays used") {
  offers.add_reader(1);
  add(1);
  distribute();
  offers.add_reader(2);
  offers.set_backlog(2, 1);
  distribute();
  REQUIRE_EQ(recalled[1], 1u);
  CHECK(offers.used(1, 0));
  offers.returned(1, 0, 1);
  distribute();
  CHECK_EQ(held[2], 0u);
  offers.ended(1, 0);
  distribute();
  CHECK_EQ(held[2], 1u);
}

TEST_CASE("of two readers with a backlog the one with fewer slots is next") {
  offers.add_reader(1);
  offers.add_reader(2);
  offers.set_backlog(1, 10);
  offers.set_backlog(2, 10);
  add(2);
  distribute();
  CHECK(offers.used(1, 0));
  CHECK(offers.used(2, 0));
  add(1);
  distribute();
  REQUIRE_EQ(held[1], 2u);
  CHECK(offers.used(1, 0));
  offers.ended(1, 0);
  distribute();
  CHECK_EQ(held[1] + held[2], 4u);
  CHECK_EQ(offers.offered(1, 0) + offers.offered(2, 0), 1u);
}

TEST_CASE("the slots of a reader that is lost go to others, those in use when their call has ended") {
  offers.add_reader(1);
  add(3);
  distribute();
  CHECK(offers.used(1, 0));
  offers.add_reader(2);
  offers.remove_reader(1);
  distribute();
  CHECK_EQ(held[2], 2u);
  offers.ended(0, 0);
  distribute();
  CHECK_EQ(held[2], 3u);
}

TEST_CASE("a slot that was not offered cannot be used") {
  offers.add_reader(1);
  CHECK(!offers.used(1, 0));
  CHECK(!offers.used(7, 0));
  add(1);
  distribute();
  CHECK(!offers.used(1, 1));
  CHECK(offers.used(1, 0));
  CHECK(!offers.used(1, 0));
}

TEST_CASE("a worker that is gone takes its slot with it, a promised one when it is given back") {
  offers.add_reader(1);
  add(2);
  distribute();
  offers.slot_removed(0);
  offers.returned(1, 0, 2);
  CHECK_EQ(offers.free(0), 1u);
  offers.slot_added(0);
  CHECK_EQ(offers.free(0), 2u);
}

TEST_CASE("a node that is stopping offers nothing more") {
  offers.add_reader(1);
  offers.stop();
  add(2);
  distribute();
  CHECK_EQ(sum(), 0u);
}

TEST_CASE("no slot is promised twice, whatever readers, workers and calls do") {
  std::uint64_t state = 88172645463325252ull;
  auto random = [&](std::uint64_t below) {
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return state % below;
  };
  for (int round = 0; round < 200; ++round) {
    slot_offers any{1};
    std::size_t slots = 0;
    std::map<std::uint64_t, std::size_t> open, busy;
    std::size_t orphans = 0;
    for (int step = 0; step < 200; ++step) {
      auto reader = 1 + random(3);
      switch (random(7)) {
        case 0: any.add_reader(reader), open.try_emplace(reader), busy.try_emplace(reader); break;
        case 1:
          if (slots < 8)
            any.slot_added(0), ++slots;
          break;
        case 2: any.set_backlog(reader, random(5)); break;
        case 3:
          if (open.contains(reader) && open[reader] > 0 && any.used(reader, 0))
            --open[reader], ++busy[reader];
          break;
        case 4:
          if (busy.contains(reader) && busy[reader] > 0)
            any.ended(reader, 0), --busy[reader];
          else if (orphans > 0)
            any.ended(0, 0), --orphans;
          break;
        case 5:
          if (open.contains(reader) && open[reader] > 0)
            any.returned(reader, 0, 1), --open[reader];
          break;
        default:
          if (random(10) == 0 && open.contains(reader)) {
            any.remove_reader(reader);
            orphans += busy[reader];
            open.erase(reader), busy.erase(reader);
          }
      }
      for (const auto& each : any.distribute())
        if (each.what == kind::offer)
          open[each.reader] += each.count;
      std::size_t given_out = orphans + any.free(0);
      for (const auto& [id, count] : open)
        given_out += count + busy[id];
      CHECK_EQ(given_out, slots);
      if (!open.empty())
        CHECK_EQ(any.free(0), 0u);
    }
  }
}

END_FIXTURE_SCOPE()
