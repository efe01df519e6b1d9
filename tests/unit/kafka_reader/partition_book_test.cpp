#define CAF_SUITE partition_book
#include "tests/support/test.hpp"

#include "actors/kafka_reader/partition_book.hpp"

using namespace mp;

namespace {

partition_book book_of(std::initializer_list<std::int32_t> partitions) {
  partition_book book;
  std::uint32_t assignment = 1;
  for (auto partition : partitions) {
    book.add(partition, assignment++);
    book.find(partition)->live = true;
    book.find(partition)->ledger.load({partition, 0, {}});
  }
  return book;
}

std::vector<std::int32_t> turns(partition_book& book, int count) {
  std::vector<std::int32_t> taken;
  std::int32_t partition = -1;
  for (int i = 0; i < count; ++i)
    if (book.next_readable(partition) != nullptr)
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
  auto book = book_of({0, 3, 7});
  CHECK_EQ(turns(book, 7), (std::vector<std::int32_t>{0, 3, 7, 0, 3, 7, 0}));
}

TEST_CASE("a partition without records, not live, leaving or with a full ledger is passed over") {
  auto book = book_of({0, 1, 2, 3, 4});
  book.find(0)->more = false;
  book.find(1)->live = false;
  book.find(2)->revoking = true;
  for (std::int64_t offset = 0; offset < offset_ledger::intake_spread_max; ++offset)
    book.find(3)->ledger.receive(offset);
  CHECK_EQ(turns(book, 3), (std::vector<std::int32_t>{4, 4, 4}));
  book.find(4)->more = false;
  CHECK(turns(book, 1).empty());
}

TEST_CASE("the turn goes on behind a partition that was taken away") {
  auto book = book_of({0, 1, 2});
  turns(book, 2);
  book.remove(1);
  CHECK_EQ(turns(book, 2), (std::vector<std::int32_t>{2, 0}));
}

TEST_CASE("a partition is found only in its present epoch") {
  auto book = book_of({5});
  CHECK(book.find(5, 1) != nullptr);
  CHECK(book.find(5, 2) == nullptr);
  CHECK(book.find(6, 1) == nullptr);
  book.add(5, 2);
  CHECK(book.find(5, 1) == nullptr);
  CHECK(book.find(5, 2) != nullptr);
}

TEST_CASE("a new assignment of a partition starts with a ledger that knows nothing") {
  auto book = book_of({5});
  book.find(5)->ledger.receive(0);
  book.add(5, 2);
  CHECK_EQ(book.in_flight({5}), 0u);
  CHECK(!book.find(5)->live);
}

TEST_CASE("only live partitions with something new are committed") {
  auto book = book_of({0, 1, 2});
  for (auto partition : {0, 1, 2})
    book.find(partition)->ledger.receive(0);
  book.find(0)->ledger.finish(0);
  book.find(2)->ledger.finish(0);
  book.find(2)->live = false;
  auto positions = book.to_commit();
  REQUIRE_EQ(partitions_of(positions), std::vector<std::int32_t>{0});
  CHECK_EQ(positions[0].offset, 1);
}

TEST_CASE("a partition of which nothing is known is not committed, even when an older commit of it has failed") {
  partition_book book;
  book.add(0, 1);
  book.find(0)->live = true;
  book.find(0)->ledger.load({0, position::none, {}});
  book.find(0)->ledger.commit_failed();
  CHECK(book.to_commit().empty());
}

TEST_CASE("work in flight is counted over the partitions asked for") {
  auto book = book_of({0, 1, 2});
  for (auto partition : {0, 1, 2})
    for (std::int64_t offset = 0; offset <= partition; ++offset)
      book.find(partition)->ledger.receive(offset);
  CHECK_EQ(book.in_flight({0, 2, 9}), 4u);
  book.find(2)->ledger.finish(1);
  book.find(2)->ledger.hand_back(0);
  CHECK_EQ(book.in_flight({0, 2}), 2u);
}

TEST_CASE("partitions that are not live are not counted as held") {
  auto book = book_of({0, 1});
  book.add(2, 3);
  CHECK_EQ(book.live_count(), 2u);
}
