#define CAF_SUITE intake_budget
#include "tests/support/test.hpp"

#include "actors/dispatcher/intake_budget.hpp"
#include "tests/unit/dispatcher/unused_demand.hpp"

#include <deque>
#include <random>

using namespace mp;

namespace {

constexpr std::int64_t MiB = 1024 * 1024;

intake_load idle(std::size_t free_slots) { return {free_slots, true, 0, 0, 0}; }

} // namespace

TEST_CASE("the first demand is the free slots and a batch ahead of them, and all bytes there are") {
  intake_budget budget{{10, 1000, 64 * MiB}};
  auto grant = budget.next(idle(5));
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 15u);
  CHECK_EQ(grant->bytes, 64 * MiB);
  CHECK_EQ(test::unused_demand(budget), 15u);
}

TEST_CASE("what was asked for is not asked for again") {
  intake_budget budget{{10, 1000, 64 * MiB}};
  budget.next(idle(5));
  CHECK(!budget.next(idle(5)));
}

TEST_CASE("nothing is asked for while intake is closed") {
  intake_budget budget{{10, 1000, 64 * MiB}};
  auto load = idle(5);
  load.open = false;
  CHECK(!budget.next(load));
}

TEST_CASE("small increases are collected to half a batch") {
  intake_budget budget{{10, 1000, 64 * MiB}};
  budget.next(idle(5));
  for (int i = 0; i < 15; ++i)
    CHECK(budget.received(100));
  CHECK(!budget.next({0, true, 6, 15, 1500})); // 4 more would fit
  auto grant = budget.next({0, true, 5, 15, 1500});
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 5u);
}

TEST_CASE("even the smallest increase is asked for when nothing else is coming") {
  intake_budget budget{{10, 8, 64 * MiB}};
  auto grant = budget.next({1, true, 0, 7, 700});
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 1u);
}

TEST_CASE("a record that was not asked for is noticed") {
  intake_budget budget{{1, 1000, 64 * MiB}};
  CHECK(!budget.received(10));
  budget.next(idle(0));
  CHECK(budget.received(10));
  CHECK(!budget.received(10));
}

TEST_CASE("a new reader owes nothing and is asked anew") {
  intake_budget budget{{10, 1000, 64 * MiB}};
  budget.next(idle(5));
  budget.reset();
  CHECK_EQ(test::unused_demand(budget), 0u);
  auto grant = budget.next(idle(5));
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->records, 15u);
  CHECK_EQ(grant->bytes, 64 * MiB);
}

TEST_CASE("no bytes are left over: nothing is asked for until some are free again") {
  intake_budget budget{{10, 1000, 1000}};
  budget.next(idle(5));
  CHECK(budget.received(1000));
  CHECK(!budget.next({4, true, 0, 1, 1000}));
  auto grant = budget.next({4, true, 0, 1, 400});
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->bytes, 600);
}

TEST_CASE("a record larger than all bytes is paid back before more is asked for") {
  intake_budget budget{{10, 1000, 1000}};
  budget.next(idle(5));
  CHECK(budget.received(5000));
  CHECK(!budget.next({4, true, 0, 1, 5000}));
  auto grant = budget.next({5, true, 0, 0, 0});
  REQUIRE(grant.has_value());
  CHECK_EQ(grant->bytes, 5000); // the reader is 4,000 behind
}

namespace {

/// A reader with its credit, a topic behind it, and the dispatcher's table.
struct house {
  std::mt19937_64 random;
  intake_limits limits;
  intake_budget budget;
  std::size_t slots;
  bool open = true;

  std::int64_t credit_records = 0;
  std::int64_t credit_bytes = 0;
  std::deque<std::size_t> waiting; // sizes
  std::vector<std::size_t> working;
  std::vector<std::size_t> publishing;
  std::size_t largest = 0;
  std::size_t read = 0;

  house(std::uint64_t seed, intake_limits given, std::size_t slot_count)
    : random(seed), limits(given), budget(limits), slots(slot_count) {}

  std::size_t held() const { return waiting.size() + working.size() + publishing.size(); }
  std::int64_t bytes() const {
    std::size_t sum = 0;
    for (const auto& each : {std::vector<std::size_t>(waiting.begin(), waiting.end()), working, publishing})
      for (auto size : each)
        sum += size;
    return static_cast<std::int64_t>(sum);
  }

  void take(std::vector<std::size_t>& from, std::vector<std::size_t>* to) {
    if (from.empty())
      return;
    auto at = random() % from.size();
    auto size = from[at];
    from[at] = from.back();
    from.pop_back();
    if (to != nullptr)
      to->push_back(size / 10); // a reply is smaller than its photo
  }

  void assign() {
    while (open && working.size() < slots && !waiting.empty()) {
      working.push_back(waiting.front());
      waiting.pop_front();
    }
  }

  bool ask() {
    auto free = open ? slots - working.size() : 0;
    auto grant = budget.next({free, open, waiting.size(), held(), bytes()});
    if (!grant)
      return true;
    credit_records += grant->records;
    credit_bytes += grant->bytes;
    auto outstanding = static_cast<std::size_t>(std::max<std::int64_t>(credit_records, 0));
    return grant->bytes >= 0 && outstanding == test::unused_demand(budget) && held() + outstanding <= limits.held_max
           && waiting.size() + outstanding <= slots + limits.ahead
           && bytes() + credit_bytes <= std::max(limits.bytes_max, bytes());
  }

  bool read_one(std::size_t size) {
    if (credit_records <= 0 || credit_bytes <= 0)
      return true;
    --credit_records;
    credit_bytes -= static_cast<std::int64_t>(size);
    largest = std::max(largest, size);
    ++read;
    waiting.push_back(size);
    return budget.received(size);
  }

  /// A slot is free, nothing waits for one and there is room: then a record of the topic must be able to come.
  bool starves() const {
    return open && waiting.empty() && working.size() < slots && held() < limits.held_max && bytes() < limits.bytes_max
           && (credit_records <= 0 || credit_bytes <= 0);
  }
};

} // namespace

TEST_CASE("with a reader that takes what it may no more is held than the limits allow, and no free slot starves") {
  std::size_t read = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    std::mt19937_64 choose{seed * 7919};
    intake_limits limits{1 + choose() % 30, 20 + choose() % 200,
                         static_cast<std::int64_t>(10'000 + choose() % 2'000'000)};
    house h{seed, limits, 1 + choose() % 40};
    auto typical = 1 + choose() % 200'000;
    bool sound = true;
    for (int step = 0; step < 4'000 && sound; ++step) {
      switch (h.random() % 8) {
        case 0:
        case 1:
        case 2: sound = h.read_one(1 + h.random() % typical); break;
        case 3: h.take(h.working, &h.publishing); break;
        case 4: h.take(h.publishing, nullptr); break;
        case 5: h.take(h.working, nullptr); break;
        case 6:
          if (h.random() % 50 == 0)
            h.open = !h.open;
          break;
        case 7:
          if (h.random() % 400 == 0) { // the reader is another one
            h.budget.reset();
            h.credit_records = h.credit_bytes = 0;
          }
          break;
      }
      h.assign();
      sound = sound && h.ask() && !h.starves() && h.held() <= limits.held_max
              && h.bytes() <= limits.bytes_max + static_cast<std::int64_t>(h.largest);
    }
    if (!sound)
      CAF_FAIL("seed " << seed);
    read += h.read;
  }
  CHECK_GT(read, 20'000u);
}
