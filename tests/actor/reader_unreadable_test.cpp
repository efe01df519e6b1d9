#define CAF_SUITE reader_unreadable
#include "tests/support/test.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "tests/support/reader_fixture.hpp"

#include <algorithm>

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

namespace {

/// The bad records among what a dispatcher was sent.
std::vector<bad_record> bad_ones(const dispatcher_log& heard) {
  std::vector<bad_record> found;
  for (const auto& each : heard.records)
    if (const auto* bad = std::get_if<shared_value<bad_record>>(&each))
      found.push_back(**bad);
  return found;
}

struct unreadable_fixture : reader_fixture {
  /// Records 0 to `records - 1`, without those of the batches that cannot be read.
  void start_with(std::vector<std::pair<std::int64_t, std::int64_t>> batches, int records,
                  std::uint32_t wanted = 1000) {
    topic->unreadable[0] = batches;
    auto& log = topic->partitions[0];
    for (int i = 0; i < records; ++i)
      if (topic->bad_batch_at(0, i) == nullptr)
        log.push_back({i, "k" + std::to_string(i), text_body(), {}, topic->leader_epoch});
    new_dispatcher();
    new_reader();
    topic->assign({0});
    settle();
    demand(wanted);
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(unreadable_fixture)

TEST_CASE("a record that cannot be read is told with its place and reason, and reading goes on behind it") {
  start_with({{2, 2}}, 5);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3, 4}));
  auto bad = bad_ones(*heard);
  REQUIRE_EQ(bad.size(), 1u);
  CHECK(bad[0].why == fault::record_unreadable);
  CHECK_EQ(bad[0].from.offset, 2);
  CHECK_EQ(bad[0].cause, "_BAD_COMPRESSION");
  CHECK(!bad[0].last_offset);
  CHECK(topic->failed_fetches < 10);
}

TEST_CASE("a batch of thousands is one dead letter that names its range, found in few fetches") {
  start_with({{0, 9'996}}, 10'001);
  CHECK_EQ(offsets(), (offset_list{0}));
  auto bad = bad_ones(*heard);
  REQUIRE_EQ(bad.size(), 1u);
  CHECK_EQ(bad[0].last_offset, 9'996);
  CHECK(topic->failed_fetches < 40);
  finish({0});
  CHECK_EQ(offsets(), (offset_list{0, 9'997, 9'998, 9'999, 10'000}));
}

TEST_CASE("above what is unfinished a range is told as far as a bitmap reaches, the rest of it later") {
  start_with({{3, 9'999}}, 10'004);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3}));
  CHECK_EQ(bad_ones(*heard).at(0).last_offset, offset_ledger::intake_spread_max);
  finish({0, 1, 2, 3});
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3, 6'145, 10'000, 10'001, 10'002, 10'003}));
  CHECK_EQ(bad_ones(*heard).at(1).last_offset, 9'999);
  finish({6'145, 10'000, 10'001, 10'002, 10'003});
  pass(1s);
  CHECK_EQ(last_committed(), 10'004);
}

TEST_CASE("its offset is committed only when its dead letter has gone out, and then the whole range is") {
  start_with({{1, 3}}, 6);
  finish({0, 4, 5});
  pass(1s);
  CHECK_EQ(last_committed(), 1);
  finish({1});
  pass(1s);
  CHECK_EQ(last_committed(), 6);
}

TEST_CASE("batches one behind the other, at the beginning and at the end of the log") {
  start_with({{0, 1}, {2, 2}, {3, 6}, {8, 9}}, 10);
  CHECK_EQ(offsets(), (offset_list{0, 2, 3, 7, 8}));
  CHECK_EQ(bad_ones(*heard).size(), 4u);
}

TEST_CASE("a batch of which a part was committed is given up from the committed offset on") {
  topic->committed[0] = {0, 4, {}};
  start_with({{2, 6}}, 9);
  CHECK_EQ(offsets(), (offset_list{4, 7, 8}));
  CHECK_EQ(bad_ones(*heard).at(0).last_offset, 6);
}

TEST_CASE("what the commit's bitmap has as finished is passed over, and the commit point with it") {
  topic->committed[0] = {0, 1, write_commit_metadata(1, {{}, -1, {2, 3, 4}}, offset_ledger::spread_max)};
  start_with({{2, 4}}, 2);
  CHECK_EQ(offsets(), (offset_list{1}));
  CHECK(bad_ones(*heard).empty());
  finish({1});
  pass(1s);
  CHECK_EQ(last_committed(), 5);
}

TEST_CASE("a range is told only as far as there is demand, and one record of demand is enough for it") {
  start_with({{1, 3}}, 6, 1);
  pass(10s);
  CHECK_EQ(offsets(), (offset_list{0}));
  demand(1);
  CHECK_EQ(offsets(), (offset_list{0, 1}));
  pass(10s);
  CHECK_EQ(offsets(), (offset_list{0, 1}));
  demand(2);
  CHECK_EQ(offsets(), (offset_list{0, 1, 4, 5}));
}

TEST_CASE("a new dispatcher is told of the range again") {
  start_with({{1, 3}}, 6);
  finish({0, 4});
  kill_dispatcher();
  new_dispatcher();
  demand(1000);
  CHECK_EQ(offsets(), (offset_list{1, 5}));
  CHECK_EQ(bad_ones(*heard).size(), 1u);
}

TEST_CASE("offsets of the range that were read before keep an end of their own") {
  start_with({}, 8);
  CHECK_EQ(offsets().size(), 8u);
  kill_dispatcher();
  topic->partitions[0].clear(); // what has been read is damaged now
  for (std::int64_t i : {0, 7})
    topic->partitions[0].push_back({i, "k", text_body(), {}});
  topic->unreadable[0] = {{1, 6}};
  new_dispatcher();
  demand(1000);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3, 4, 5, 6, 7}));
  finish({0, 1, 2, 3, 4, 5, 6, 7});
  pass(1s);
  CHECK_EQ(last_committed(), 8);
}

TEST_CASE(
  "an error from a log that ends before the place that was to be read gives nothing up there, the log is looked at") {
  topic->topic_id = "first";
  start_with({}, 6);
  topic->topic_id = "second";
  topic->partitions[0].clear();
  topic->unreadable[0] = {{0, 1}};
  topic->next[0] = 0; // the client has gone on at the beginning
  auto looks = topic->looks;
  topic->notify(0);
  settle();
  CHECK_GE(topic->looks, looks + 1);
  REQUIRE_EQ(bad_ones(*heard).size(), 1u);
  CHECK_EQ(bad_ones(*heard)[0].from.offset, 0);
  CHECK_EQ(bad_ones(*heard)[0].last_offset, 1);
}

TEST_CASE("what is written from the log's beginning on, while a batch there is searched of which nothing was read "
          "before, is read") {
  topic->topic_id = "first";
  topic->leader_epoch = 1;
  start_with({{1, 3}}, 0);
  topic->truncate(0, 0, 2);
  topic->unreadable[0].clear();
  for (int i = 0; i < 6; ++i)
    topic->add(0, "anew" + std::to_string(i), text_body());
  topic->next[0] = 4; // behind the batch, where it was made to read on
  topic->notify(0);
  settle();
  pass(10s);
  auto all = offsets();
  for (std::int64_t i = 0; i < 6; ++i)
    CHECK_EQ(std::count(all.begin(), all.end(), i) > 0, true);
}

TEST_CASE("what is written where a log was cut off below a place that failed is read, also when nothing lies at that "
          "place any more") {
  topic->topic_id = "first";
  topic->leader_epoch = 1;
  start_with({}, 3);
  topic->happen(partition_unreadable{0, {3, 10, "_BAD_COMPRESSION"}});
  settle();
  topic->truncate(0, 1, 1);
  topic->add(0, "anew1", text_body());
  topic->add(0, "anew2", text_body());
  topic->add(0, "anew5", text_body(), 2);
  topic->next[0] = 3; // the client does not compare
  topic->notify(0);
  settle();
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 0, 1, 2, 5}));
  CHECK(bad_ones(*heard).empty());
}

TEST_CASE(
  "a log that is cut off below a batch while its end is searched is read at once, and nothing of it is thrown away") {
  topic->topic_id = "first";
  topic->leader_epoch = 1;
  start_with({}, 3);
  for (unsigned i = 0; i < unreadable_search::errors_max; ++i) {
    topic->happen(partition_unreadable{0, {3, 20, "_BAD_COMPRESSION"}});
    settle();
  }
  REQUIRE_EQ(topic->rewinds.back(), std::pair(0, std::int64_t{4}));
  auto looks = topic->looks;
  topic->truncate(0, 0, 2);
  topic->add(0, "anew0", text_body());
  topic->add(0, "anew1", text_body());
  topic->next[0] = 0; // nothing is left at the place that was to be read
  topic->notify(0);
  settle();
  CHECK_GT(topic->looks, looks);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 0, 1}));
  CHECK(bad_ones(*heard).empty());
}

TEST_CASE(
  "a log that begins with a batch that cannot be read is looked at once more from its beginning, not again and again") {
  topic->topic_id = "first";
  topic->leader_epoch = 1;
  start_with({{0, 2}, {4, 5}}, 8);
  pass(10s);
  CHECK_EQ(offsets(), (offset_list{0, 3, 4, 6, 7}));
  CHECK_EQ(bad_ones(*heard).size(), 2u);
  CHECK_EQ(std::count(topic->rewinds.begin(), topic->rewinds.end(), std::pair{0, std::int64_t{0}}), 1);
  CHECK(topic->failed_fetches < 30);
  CHECK_EQ(topic->looks, 0);
}

TEST_CASE("a partition that is taken away in the middle of the search is forgotten") {
  start_with({{1, 30}}, 40, 1);
  topic->revoke({0});
  settle();
  demand(100);
  pass(10s);
  CHECK_EQ(offsets(), (offset_list{0}));
}

TEST_CASE("a partition from which nothing comes without a word is told after half a minute, and again when it moves") {
  topic->stuck = {{0, 2}};
  start_with({}, 5);
  finish({0, 1});
  pass(29s);
  CHECK(heard->stalled.empty());
  pass(10s);
  REQUIRE(!heard->stalled.empty());
  CHECK(heard->stalled.back().find("partition 0") != std::string::npos);
  topic->stuck.clear();
  topic->notify(0);
  settle();
  pass(1s);
  CHECK_EQ(heard->stalled.back(), "");
  CHECK_EQ(offsets().size(), 5u);
}

TEST_CASE("a partition does not stand still when nothing waits in it, or nothing is wanted from it") {
  start_with({}, 5);
  pass(5min);
  topic->stuck = {{0, 5}};
  demand(0, -plenty);
  fill(0, 3);
  pass(5min);
  CHECK(heard->stalled.empty());
}

TEST_CASE("brokers that do not say where the partitions end are told, and so is their return") {
  topic->tells_ends = false;
  start_with({}, 1);
  pass(29s);
  CHECK(heard->stalled.empty());
  pass(3s);
  REQUIRE(!heard->stalled.empty());
  CHECK(heard->stalled.back().find("where the partitions end") != std::string::npos);
  topic->tells_ends = true;
  pass(10s);
  CHECK_EQ(heard->stalled.back(), "");
}

TEST_CASE("a client that brings nothing is replaced in the end") {
  topic->stuck = {{0, 2}};
  start_with({}, 5);
  pass(100s);
  CHECK(subject_alive());
  pass(60s);
  CHECK(!subject_alive());
}

END_FIXTURE_SCOPE()
