#define CAF_SUITE assigned_partitions
#include "tests/support/test.hpp"

#include "actors/kafka_reader/assigned_partitions.hpp"

using namespace mp;

namespace {

assigned_partitions book_of(std::initializer_list<std::int32_t> partitions) {
  assigned_partitions assigned;
  std::uint32_t assignment = 1;
  for (auto partition : partitions) {
    assigned.add(partition, assignment++);
    assigned.find(partition)->live = true;
    assigned.find(partition)->ledger.load({partition, 0, {}});
  }
  return assigned;
}

std::vector<std::int32_t> turns(assigned_partitions& assigned, int count) {
  std::vector<std::int32_t> taken;
  std::int32_t partition = -1;
  for (int i = 0; i < count; ++i)
    if (assigned.next_readable(partition) != nullptr)
      taken.push_back(partition);
  return taken;
}

std::vector<std::int32_t> partitions_of(const std::vector<position>& positions) {
  std::vector<std::int32_t> partitions;
  for (const auto& each : positions)
    partitions.push_back(each.partition);
  return partitions;
}

} // namespace

TEST_CASE("partitions are read in turn") {
  auto assigned = book_of({0, 3, 7});
  CHECK_EQ(turns(assigned, 7), (std::vector<std::int32_t>{0, 3, 7, 0, 3, 7, 0}));
}

TEST_CASE("a partition without records, not live, leaving or with a full ledger is passed over") {
  auto assigned = book_of({0, 1, 2, 3, 4});
  assigned.find(0)->more = false;
  assigned.find(1)->live = false;
  assigned.find(2)->revoking = true;
  for (std::int64_t offset = 0; offset < offset_ledger::intake_spread_max; ++offset)
    assigned.find(3)->ledger.receive(offset);
  CHECK_EQ(turns(assigned, 3), (std::vector<std::int32_t>{4, 4, 4}));
  assigned.find(4)->more = false;
  CHECK(turns(assigned, 1).empty());
}

TEST_CASE("the turn goes on behind a partition that was taken away") {
  auto assigned = book_of({0, 1, 2});
  turns(assigned, 2);
  assigned.remove(1);
  CHECK_EQ(turns(assigned, 2), (std::vector<std::int32_t>{2, 0}));
}

TEST_CASE("a partition is found only in its present epoch") {
  auto assigned = book_of({5});
  CHECK(assigned.find(5, 1) != nullptr);
  CHECK(assigned.find(5, 2) == nullptr);
  CHECK(assigned.find(6, 1) == nullptr);
  assigned.add(5, 2);
  CHECK(assigned.find(5, 1) == nullptr);
  CHECK(assigned.find(5, 2) != nullptr);
}

TEST_CASE("a new assignment of a partition starts with a ledger that knows nothing") {
  auto assigned = book_of({5});
  assigned.find(5)->ledger.receive(0);
  assigned.add(5, 2);
  CHECK_EQ(assigned.in_flight({5}), 0u);
  CHECK(!assigned.find(5)->live);
}

TEST_CASE("only live partitions with something new are committed") {
  auto assigned = book_of({0, 1, 2});
  for (auto partition : {0, 1, 2})
    assigned.find(partition)->ledger.receive(0);
  assigned.find(0)->ledger.finish(0);
  assigned.find(2)->ledger.finish(0);
  assigned.find(2)->live = false;
  auto positions = assigned.to_commit();
  REQUIRE_EQ(partitions_of(positions), std::vector<std::int32_t>{0});
  CHECK_EQ(positions[0].offset, 1);
}

TEST_CASE("a partition of which nothing is known is not committed, even when an older commit of it has failed") {
  assigned_partitions assigned;
  assigned.add(0, 1);
  assigned.find(0)->live = true;
  assigned.find(0)->ledger.load({0, position::none, {}});
  assigned.find(0)->ledger.commit_failed();
  CHECK(assigned.to_commit().empty());
}

TEST_CASE("work in flight is counted over the partitions asked for") {
  auto assigned = book_of({0, 1, 2});
  for (auto partition : {0, 1, 2})
    for (std::int64_t offset = 0; offset <= partition; ++offset)
      assigned.find(partition)->ledger.receive(offset);
  CHECK_EQ(assigned.in_flight({0, 2, 9}), 4u);
  assigned.find(2)->ledger.finish(1);
  assigned.find(2)->ledger.hand_back(0);
  CHECK_EQ(assigned.in_flight({0, 2}), 2u);
}

TEST_CASE("partitions that are not live are not counted as held") {
  auto assigned = book_of({0, 1});
  assigned.add(2, 3);
  CHECK_EQ(assigned.live_count(), 2u);
}
