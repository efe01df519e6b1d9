#define CAF_SUITE transaction_queue
#include "tests/support/test.hpp"

#include "actors/producer/transaction_queue.hpp"

#include <string>

using namespace mp;

namespace {

using offsets = std::vector<std::int64_t>;

void add(transaction_queue& queue, std::int64_t offset, std::uint8_t index = 0, std::uint8_t undelivered = 0b1) {
  queue.add({0, 1, offset}, undelivered, {static_cast<std::uint64_t>(offset * 2 + index), index, {}});
}

offsets of(const std::vector<request_publication>& publications) {
  offsets all;
  for (const auto& each : publications)
    all.push_back(each.from.offset);
  return all;
}

} // namespace

TEST_CASE("units are taken in order, up to the limit of records") {
  transaction_queue queue;
  for (int i = 1; i <= 5; ++i)
    add(queue, i);
  CHECK_EQ(queue.records(), 5u);
  CHECK_EQ(of(queue.take(3)), (offsets{1, 2, 3}));
  CHECK_EQ(of(queue.take(3)), (offsets{4, 5}));
  CHECK(queue.empty());
}

TEST_CASE("the two records of a request are taken together or not at all") {
  transaction_queue queue;
  add(queue, 1);
  add(queue, 2, 0, 0b11);
  add(queue, 3);
  CHECK_EQ(of(queue.take(10)), (offsets{1, 3}));
  add(queue, 2, 1, 0b11);
  CHECK_EQ(queue.records(), 2u);
  auto taken = queue.take(10);
  REQUIRE_EQ(of(taken), (offsets{2}));
  CHECK_EQ(taken[0].parts.size(), 2u);
}

TEST_CASE("a unit that alone exceeds the limit is taken alone") {
  transaction_queue queue;
  add(queue, 1, 0, 0b11);
  add(queue, 1, 1, 0b11);
  add(queue, 2);
  CHECK_EQ(of(queue.take(1)), (offsets{1}));
  CHECK_EQ(of(queue.take(1)), (offsets{2}));
}

TEST_CASE("units put back stand in front again, in their order") {
  transaction_queue queue;
  for (int i = 1; i <= 4; ++i)
    add(queue, i);
  auto taken = queue.take(3);
  queue.put_back(std::move(taken));
  CHECK_EQ(of(queue.take(10)), (offsets{1, 2, 3, 4}));
}

TEST_CASE("units of a dispatcher that is gone stay, those that are incomplete do not") {
  transaction_queue queue;
  add(queue, 1);
  add(queue, 2, 0, 0b11);
  queue.mark_all_orphaned();
  auto taken = queue.take(10);
  REQUIRE_EQ(of(taken), (offsets{1}));
  CHECK(taken[0].orphaned);
  CHECK(queue.empty());
}

TEST_CASE("an orphan gives way to the same request handed over anew, also when it is put back later") {
  transaction_queue queue;
  add(queue, 1);
  add(queue, 2);
  queue.mark_all_orphaned();
  auto taken = queue.take(1);
  add(queue, 1);
  add(queue, 2);
  queue.put_back(std::move(taken));
  auto rest = queue.take(10);
  CHECK_EQ(of(rest), (offsets{1, 2}));
  CHECK(!rest[0].orphaned);
  CHECK(!rest[1].orphaned);
}

TEST_CASE("the origins of all units are told") {
  transaction_queue queue;
  add(queue, 4);
  add(queue, 2);
  CHECK(queue.origins() == (std::vector<origin>{{0, 1, 4}, {0, 1, 2}}));
}

TEST_CASE("a unit that is to be alone is passed over behind others, and then comes by itself") {
  transaction_queue queue;
  for (std::int64_t offset : {1, 2, 3})
    queue.add({0, 1, offset}, 1, {static_cast<std::uint64_t>(offset), 0, shared_outgoing{outgoing{}}}, offset == 2);
  auto offsets = [&] {
    std::vector<std::int64_t> all;
    for (const auto& each : queue.take(10))
      all.push_back(each.from.offset);
    return all;
  };
  CHECK(offsets() == (std::vector<std::int64_t>{1, 3}));
  queue.add({0, 1, 4}, 1, {4, 0, shared_outgoing{outgoing{}}});
  CHECK(offsets() == std::vector<std::int64_t>{2});
  CHECK(offsets() == std::vector<std::int64_t>{4});
}
