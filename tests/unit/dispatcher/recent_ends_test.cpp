#define CAF_SUITE recent_ends
#include "tests/support/test.hpp"

#include "actors/dispatcher/recent_ends.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr recent_ends::time_point start{1h};

} // namespace

TEST_CASE("an end is known by partition and offset, whatever the epoch") {
  recent_ends ends;
  ends.add({3, 1, 42}, start);
  CHECK(ends.contains({3, 9, 42}, start));
  CHECK(!ends.contains({4, 1, 42}, start));
  CHECK(!ends.contains({3, 1, 43}, start));
}

TEST_CASE("another record at the same partition and offset is not taken for one that had its end") {
  recent_ends ends;
  ends.add({3, 1, 42, 7}, start);
  CHECK(ends.contains({3, 9, 42, 7}, start));
  CHECK(!ends.contains({3, 1, 42, 8}, start));
  ends.add({3, 9, 42, 8}, start + 1s);
  CHECK(ends.contains({3, 1, 42, 7}, start + 1s));
  CHECK_EQ(ends.size(), 2u);
}

TEST_CASE("an end is forgotten after its time") {
  recent_ends ends;
  ends.add({0, 1, 1}, start);
  ends.add({0, 1, 2}, start + 60s);
  CHECK(ends.contains({0, 1, 1}, start + recent_ends::age_max - 1ns));
  CHECK(!ends.contains({0, 1, 1}, start + recent_ends::age_max));
  CHECK(ends.contains({0, 1, 2}, start + recent_ends::age_max));
  CHECK_EQ(ends.size(), 1u);
}

TEST_CASE("no more ends are remembered than the limit, the oldest go first") {
  recent_ends ends;
  auto many = static_cast<std::int64_t>(recent_ends::count_max);
  for (std::int64_t offset = 0; offset < many + 10; ++offset)
    ends.add({0, 1, offset}, start);
  CHECK_EQ(ends.size(), recent_ends::count_max);
  CHECK(!ends.contains({0, 1, 9}, start));
  CHECK(ends.contains({0, 1, 10}, start));
  CHECK(ends.contains({0, 1, many + 9}, start));
}

TEST_CASE("an end told twice is remembered once") {
  recent_ends ends;
  ends.add({0, 1, 1}, start);
  ends.add({0, 2, 1}, start);
  CHECK_EQ(ends.size(), 1u);
}
