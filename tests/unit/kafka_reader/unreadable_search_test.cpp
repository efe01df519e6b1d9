#define CAF_SUITE unreadable_search
#include "tests/support/test.hpp"

#include "actors/kafka_reader/unreadable_search.hpp"

#include <cstdint>

using namespace mp;
using namespace std::chrono_literals;

namespace {

constexpr unreadable_search::time_point start{};

unreadable_error error_at(std::int64_t base, std::int64_t end) { return {base, end, "_BAD_COMPRESSION"}; }

/// As many errors as it takes, less one.
void nearly_give_up(unreadable_search& search, const unreadable_error& error, std::int64_t position) {
  for (unsigned i = 1; i < unreadable_search::errors_max; ++i) {
    auto ordered = search.failed(error, position, start);
    CHECK(!ordered.read_from);
    CHECK(!ordered.found);
  }
}

} // namespace

TEST_CASE("a single record at the end of the log is given up after a bounded number of errors, without a probe") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 8), 7);
  auto ordered = search.failed(error_at(7, 8), 7, start);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->first, 7);
  CHECK_EQ(ordered.found->last, 7);
  CHECK_EQ(ordered.found->code, "_BAD_COMPRESSION");
  CHECK(search.idle());
}

TEST_CASE("errors that change their place are not counted together") {
  unreadable_search search;
  for (std::int64_t base = 0; base < 100; ++base)
    CHECK(!search.failed(error_at(base, 200), base, start).found);
}

TEST_CASE("a record that comes in between ends the count, when it is the one that failed") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 100), 7);
  CHECK(search.came(7, start).take);
  CHECK(search.idle());
  nearly_give_up(search, error_at(8, 100), 8);
}

TEST_CASE(
  "behind a place that failed nothing is taken before the place was read once more: retention may have removed it") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 100), 7);
  auto ordered = search.came(900, start);
  CHECK(!ordered.take);
  CHECK(!ordered.found);
  CHECK_EQ(ordered.read_from, 7);
  CHECK(search.came(900, start).take);
  CHECK(search.idle());
}

TEST_CASE("a client that goes on by itself behind each error makes nobody lose what it passes over") {
  unreadable_search search;
  for (unsigned i = 1; i < unreadable_search::errors_max; ++i) {
    CHECK(!search.failed(error_at(7, 9), 7, start).found);
    CHECK_EQ(search.came(9, start).read_from, 7);
  }
  CHECK_EQ(search.failed(error_at(7, 10), 7, start).read_from, 8);
  CHECK_EQ(search.failed(error_at(7, 10), 7, start).read_from, 9);
  auto ordered = search.came(9, start);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->first, 7);
  CHECK_EQ(ordered.found->last, 8);
}

TEST_CASE("when nothing follows an error the place is read once more, and then forgotten") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 8), 7);
  auto quiet = unreadable_search::probe_wait;
  CHECK(!search.look(true, start + quiet - 1ms).read_from);
  CHECK_EQ(search.look(true, start + quiet).read_from, 7);
  CHECK(!search.idle());
  CHECK(!search.look(true, start + 2 * quiet - 1ms).read_from);
  CHECK(!search.look(true, start + 2 * quiet).read_from);
  CHECK(search.idle());
}

TEST_CASE("the error may name an offset before the position: the batch is given up from the position on") {
  unreadable_search search;
  nearly_give_up(search, error_at(5, 9), 8);
  auto ordered = search.failed(error_at(5, 9), 8, start);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->first, 8);
  CHECK_EQ(ordered.found->last, 8);
}

TEST_CASE("a probe that brings a record ends the search before it, and the record is not taken yet") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 20), 7);
  auto probe = search.failed(error_at(7, 20), 7, start);
  CHECK_EQ(probe.read_from, 8);
  auto ordered = search.came(8, start);
  CHECK(!ordered.take);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->last, 7);
}

TEST_CASE("a record that comes from below a probe is not taken, and shows that the log has become shorter") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 20), 7);
  REQUIRE_EQ(search.failed(error_at(7, 20), 7, start).read_from, 8);
  auto ordered = search.came(2, start);
  CHECK(!ordered.take);
  CHECK(!ordered.read_from);
  CHECK(ordered.log_is_shorter);
  CHECK(!search.came(8, start).log_is_shorter);
}

TEST_CASE("a probe without any answer counts as one behind the batch, but only while the partition is read") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 20), 7);
  CHECK_EQ(search.failed(error_at(7, 20), 7, start).read_from, 8);
  CHECK(!search.look(true, start + unreadable_search::probe_wait - 1ms).found);
  CHECK(!search.look(false, start + 1h).found);
  CHECK(!search.look(true, start + 1h + unreadable_search::probe_wait - 1ms).found);
  auto ordered = search.look(true, start + 1h + unreadable_search::probe_wait);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->last, 7);
}

TEST_CASE("another batch that cannot be read either is not given up with the first one") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 20), 7);
  CHECK_EQ(search.failed(error_at(7, 20), 7, start).read_from, 8);
  auto ordered = search.failed(error_at(8, 20), 7, start);
  REQUIRE(ordered.found.has_value());
  CHECK_EQ(ordered.found->last, 7);
}

TEST_CASE("a log that became shorter during the search is read from the first place again") {
  unreadable_search search;
  nearly_give_up(search, error_at(7, 20), 7);
  CHECK_EQ(search.failed(error_at(7, 20), 7, start).read_from, 8);
  auto ordered = search.failed(error_at(2, 4), 7, start);
  CHECK(!ordered.found);
  CHECK_EQ(ordered.read_from, 7);
  CHECK(search.idle());
}
