#define CAF_SUITE uncommitted_ends
#include "tests/support/test.hpp"

#include "actors/dispatcher/uncommitted_ends.hpp"

using namespace mp;

namespace {

using records = std::vector<record_key>;

record_key record(std::int32_t partition, std::int64_t offset) { return {partition, offset, 1}; }

} // namespace

TEST_CASE("ends are given when the settlement that reports them, or a later one, is committed") {
  uncommitted_ends ends;
  auto first = ends.add({record(0, 1), record(0, 2)});
  auto second = ends.add({record(1, 7)});
  auto third = ends.add({record(0, 3)});
  CHECK(first < second && second < third);
  CHECK_EQ(ends.committed(second), (records{record(0, 1), record(0, 2), record(1, 7)}));
  CHECK(ends.committed(second).empty());
  CHECK_EQ(ends.committed(third), records{record(0, 3)});
}

TEST_CASE("without a reader no commit comes") {
  uncommitted_ends ends;
  auto last = ends.add({record(0, 1), record(1, 7)});
  CHECK_EQ(ends.take_all(), (records{record(0, 1), record(1, 7)}));
  CHECK(ends.committed(last).empty());
}

TEST_CASE("of a partition that was taken away no commit is waited for") {
  uncommitted_ends ends;
  ends.add({record(0, 1), record(1, 7)});
  auto last = ends.add({record(1, 8)});
  CHECK_EQ(ends.take_partition(1), (records{record(1, 7), record(1, 8)}));
  CHECK(ends.take_partition(1).empty());
  CHECK_EQ(ends.committed(last), records{record(0, 1)});
}
