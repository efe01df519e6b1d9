#define CAF_SUITE log_watch
#include "tests/support/test.hpp"

#include "actors/kafka_reader/log_watch.hpp"

#include <limits>

using namespace mp;

namespace {

const std::string ours = "our-topic", other = "another-topic";
using offsets = std::set<std::int64_t>;

position committed(std::int64_t offset, const std::string& topic_id, std::int32_t leader_epoch = 4,
                   offsets finished = {}) {
  return {0, offset,
          write_commit_metadata(offset, {topic_id, leader_epoch, std::move(finished)}, offset_ledger::spread_max)};
}

log_extent log(std::int64_t begin, std::int64_t end, std::int64_t reached = position::none) {
  return {0, begin, end, reached};
}

offset_ledger ledger_at(std::int64_t offset, const std::string& topic_id, std::int32_t leader_epoch = 4,
                        offsets finished = {}) {
  offset_ledger ledger;
  ledger.begin({.offset = offset, .known = {topic_id, leader_epoch, std::move(finished)}});
  return ledger;
}

} // namespace

TEST_CASE("a position within its log is gone on from") {
  auto start = start_of(committed(10, ours, 4, {12}), ours, log(0, 20));
  CHECK(start.change == log_change::none);
  CHECK_EQ(start.ledger.offset, 10);
  CHECK_EQ(start.ledger.known.finished, (offsets{12}));
  CHECK(!start.ledger.commit_at_once);
  CHECK_EQ(start.read_from, 9); // shows whether the log was written anew
  CHECK(start_of(committed(20, ours), ours, log(0, 20)).change == log_change::none);
  CHECK(start_of(committed(0, ours), ours, log(0, 20)).read_from == position::none);
}

TEST_CASE("without a position nothing is known and nothing has changed") {
  auto start = start_of({0, position::none, {}}, ours, log(5, 20));
  CHECK(start.change == log_change::none);
  CHECK_EQ(start.ledger.offset, position::none);
  CHECK_EQ(start.ledger.known.topic_id, ours);
}

TEST_CASE("the position of another topic counts for nothing, wherever it lies") {
  for (std::int64_t offset : {0, 3, 10, 1000}) {
    auto start = start_of(committed(offset, other, 4, {offset + 1, offset + 2}), ours, log(2, 10));
    CHECK(start.change == log_change::made_anew);
    CHECK_EQ(start.ledger.offset, 2);
    CHECK(start.ledger.known.finished.empty());
    CHECK_EQ(start.ledger.known.topic_id, ours);
    CHECK_EQ(start.ledger.ended_below, position::none);
    CHECK(start.ledger.commit_at_once);
    CHECK_EQ(start.expected, offset);
  }
  CHECK_EQ(start_of(committed(7, other), ours, {}).ledger.offset, 0);
}

TEST_CASE("behind a position beyond the log's end the log is read from its beginning") {
  for (const auto& foreign :
       {position{0, 1000, {}}, position{0, 1000, "1////"}, position{0, 1000, "some other program was here"},
        position{0, std::numeric_limits<std::int64_t>::max(), "1////"}}) {
    auto start = start_of(foreign, ours, log(0, 10));
    CHECK(start.change == log_change::beyond_end);
    CHECK_EQ(start.ledger.offset, 0);
    CHECK(start.ledger.known.finished.empty());
    CHECK_EQ(start.ledger.ended_below, position::none);
    CHECK(start.ledger.commit_at_once);
  }
}

TEST_CASE("of a log that lost its end what was read before is told by leader epochs") {
  auto start = start_of(committed(15, ours, 4, {16, 17}), ours, log(3, 10));
  CHECK(start.change == log_change::truncated);
  CHECK_EQ(start.ledger.offset, 3);
  CHECK_EQ(start.ledger.ended_below, 15);
  CHECK_EQ(start.ledger.known.leader_epoch, 4);
  CHECK(start.ledger.known.finished.empty());
  CHECK(!start.ledger.commit_at_once);
  auto without = start_of(committed(15, ours, -1, {16}), ours, log(3, 10));
  CHECK(without.change == log_change::truncated);
  CHECK_EQ(without.ledger.ended_below, position::none);
}

TEST_CASE("bits at or behind the log's end are not of this log") {
  CHECK_EQ(start_of(position{0, 5, "2.-1.1/w=="}, {}, log(0, 8)).ledger.known.finished, (offsets{5, 6, 7}));
  CHECK_EQ(start_of(committed(5, ours, 4, {6, 7, 8, 9}), ours, log(0, 8)).ledger.known.finished, (offsets{6, 7}));
  CHECK_EQ(start_of(position{0, 5, "2.-1.1/w=="}, {}, {}).ledger.known.finished.size(),
           8u); // nothing is known of the log
}

TEST_CASE("bits that were ignored are replaced at once: once the log has grown so far nobody could tell any more") {
  CHECK(start_of(position{0, 5, "2.-1.1/w=="}, {}, log(0, 8)).ledger.commit_at_once);
  CHECK(!start_of(position{0, 5, "2.-1.1/w=="}, {}, log(0, 13)).ledger.commit_at_once);
}

TEST_CASE("what was committed with the topic's id not known counts") {
  auto start = start_of(position{0, 5, "2.3.1Ag=="}, ours, log(0, 20));
  CHECK(start.change == log_change::none);
  CHECK_EQ(start.ledger.known.finished, (offsets{6}));
  CHECK_EQ(start.ledger.known.topic_id, ours);
  CHECK_EQ(start.read_from, position::none);
}

TEST_CASE("of a position with a bitmap alone the position counts, and the bits are ignored with a word") {
  auto start = start_of(position{0, 5, "1////"}, ours, log(0, 20));
  CHECK(start.change == log_change::none);
  CHECK_EQ(start.ledger.offset, 5);
  CHECK(start.ledger.known.finished.empty());
  CHECK(start.foreign_metadata);
}

TEST_CASE("foreign metadata is ignored and said") {
  auto start = start_of(position{0, 5, "{}"}, ours, log(0, 20));
  CHECK(start.foreign_metadata);
  CHECK_EQ(start.ledger.offset, 5);
  CHECK(start.change == log_change::none);
}

TEST_CASE("a log that begins above the position has lost records") {
  auto start = start_of(committed(5, ours, 4, {7, 30}), ours, log(20, 40));
  CHECK(start.change == log_change::trimmed);
  CHECK_EQ(start.ledger.offset, 5);
  CHECK_EQ(start.read_from, position::none);
  CHECK(start.ledger.known.finished.contains(30));
}

TEST_CASE("offsets that grow raise no doubt, whatever is missing between them") {
  log_watch watch;
  watch.begin(position::none);
  CHECK(watch.follows(500));
  CHECK(watch.follows(501));
  CHECK(watch.follows(700));
  watch.passed(710);
  CHECK(watch.follows(710));
  CHECK(!watch.in_doubt());
  CHECK_EQ(watch.expected(), 711);
}

TEST_CASE("an offset below what comes next raises doubt, unless it was rewound to") {
  log_watch watch;
  watch.begin(10);
  CHECK(watch.follows(10));
  watch.rewound(5);
  CHECK(watch.follows(5));
  CHECK(!watch.follows(4));
  CHECK(watch.in_doubt());
  watch.begin(0);
  CHECK(!watch.in_doubt());
}

TEST_CASE("where reading was moved to, a newer record is taken once the last one before was found in its place") {
  log_watch watch;
  watch.begin(0);
  CHECK(watch.came(0, 4).take);
  CHECK(watch.follows(0));
  watch.read(0, 4);
  CHECK(watch.came(1, 5).take); // the client has compared
  watch.rewound(3);
  CHECK(watch.came(3, 4).take); // of the same leader
  auto ordered = watch.came(3, 5);
  CHECK(!ordered.take);
  CHECK_EQ(ordered.read_from, 0);
  CHECK(watch.is_proving());
  ordered = watch.came(0, 4);
  CHECK(!ordered.take);
  CHECK_EQ(ordered.read_from, 1);
  CHECK(!watch.in_doubt());
  watch.rewound(1);
  CHECK(watch.came(3, 5).take);
  CHECK(watch.follows(3));
  watch.read(3, 5);
  watch.rewound(6);
  CHECK(watch.came(6, 5).take);
}

TEST_CASE("where reading was moved to, a newer record raises doubt when the last one before is there no more") {
  struct other {
    std::int64_t offset;
    std::int32_t leader_epoch;
  };
  for (auto [offset, leader_epoch] : {other{0, 5}, other{2, 4}, other{2, 5}}) {
    log_watch watch;
    watch.begin(0);
    CHECK(watch.follows(0));
    watch.read(0, 4);
    watch.rewound(3);
    CHECK(!watch.came(3, 5).take);
    CHECK(!watch.came(offset, leader_epoch).take);
    CHECK(watch.in_doubt());
  }
}

TEST_CASE(
  "where the last record cannot be read any more that raises doubt, after errors that may be of another place") {
  log_watch watch;
  watch.begin(0);
  watch.unreadable();
  CHECK(watch.follows(0));
  watch.read(0, 4);
  watch.rewound(3);
  CHECK(!watch.came(3, 5).take);
  for (unsigned i = 1; i < unreadable_search::errors_max; ++i)
    watch.unreadable();
  CHECK(!watch.in_doubt());
  watch.unreadable();
  CHECK(watch.in_doubt());
  CHECK(!watch.is_proving());
}

TEST_CASE("where nothing was read before, a newer record that reading was moved to is taken once the place where it "
          "began was looked at") {
  auto moved_to_newer = [] {
    log_watch watch;
    watch.begin(2);
    watch.rewound(5);
    auto ordered = watch.came(6, 5, 4);
    CHECK(!ordered.take);
    CHECK_EQ(ordered.read_from, 2);
    CHECK(watch.is_proving());
    return watch;
  };
  auto nothing_before = moved_to_newer();
  CHECK(nothing_before.came(6, 5, 4).take);
  CHECK(nothing_before.follows(6));

  auto unreadable_as_before = moved_to_newer();
  for (unsigned i = 1; i < unreadable_search::errors_max; ++i)
    CHECK(!unreadable_as_before.unreadable());
  CHECK_EQ(unreadable_as_before.unreadable(), 5);
  CHECK(!unreadable_as_before.in_doubt());
  CHECK(unreadable_as_before.came(6, 5, 4).take);

  auto as_old_as_the_commit = moved_to_newer();
  auto ordered = as_old_as_the_commit.came(3, 4, 4);
  CHECK(!ordered.take);
  CHECK_EQ(ordered.read_from, 4);
  CHECK(!as_old_as_the_commit.in_doubt());

  auto written_anew = moved_to_newer();
  CHECK(!written_anew.came(3, 5, 4).take);
  CHECK(written_anew.in_doubt());
}

TEST_CASE("where reading began a newer record is only new") {
  log_watch watch;
  watch.begin(2);
  watch.rewound(2);
  CHECK(watch.came(3, 5, 4).take);
}

TEST_CASE("another topic's id begins anew, doubt or not") {
  log_watch watch;
  watch.begin(10);
  CHECK(!watch.look_again(ours, log(0, 100), ledger_at(10, ours)));
  CHECK(!watch.look_again({}, log(0, 100), ledger_at(10, ours)));
  CHECK(!watch.look_again(other, log(0, 100), ledger_at(10, {})));
  auto start = watch.look_again(other, log(2, 100), ledger_at(10, ours, 4, {12}));
  REQUIRE(start);
  CHECK(start->change == log_change::made_anew);
  CHECK_EQ(start->ledger.offset, 2);
  CHECK_EQ(start->expected, 10);
  CHECK(start->ledger.known == (commit_metadata{other, -1, {}}));
}

TEST_CASE("in doubt a log of the same topic was cut off, and what was read before is told by leader epochs") {
  log_watch watch;
  watch.begin(10);
  CHECK(!watch.follows(6));
  auto start = watch.look_again(ours, log(0, 8), ledger_at(10, ours, 4, {12}));
  REQUIRE(start);
  CHECK(start->change == log_change::truncated);
  CHECK_EQ(start->ledger.offset, 0);
  CHECK_EQ(start->ledger.ended_below, 10);
  CHECK_EQ(start->ledger.known.leader_epoch, 4);
  auto nothing_known = watch.look_again({}, log(0, 8), ledger_at(10, {}));
  REQUIRE(nothing_known);
  CHECK(nothing_known->change == log_change::made_anew);
  CHECK_EQ(nothing_known->ledger.ended_below, position::none);
}

TEST_CASE("an end below what was reached when it was asked for is a log that was cut off") {
  log_watch watch;
  watch.begin(10);
  CHECK(!watch.look_again(ours, log(0, 10, 10), ledger_at(10, ours)));
  CHECK(!watch.look_again(ours, log(0, 9), ledger_at(10, ours)));  // read on since
  CHECK(watch.look_again(ours, log(0, 9, 10), ledger_at(10, ours)));
}

TEST_CASE("a gap is told when the log begins within it") {
  log_watch watch;
  watch.begin(10);
  CHECK(watch.follows(30));
  CHECK(!watch.look_again(ours, log(0, 40), ledger_at(10, ours))); // markers, or compaction
  CHECK(watch.follows(50));
  auto start = watch.look_again(ours, log(45, 60), ledger_at(10, ours));
  REQUIRE(start);
  CHECK(start->change == log_change::trimmed);
  CHECK_EQ(start->expected, 31);
  CHECK_EQ(start->ledger.offset, 45);
  CHECK(!watch.look_again(ours, log(45, 60), ledger_at(10, ours)));
}
