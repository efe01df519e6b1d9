#define CAF_SUITE reader_demand
#include "tests/support/test.hpp"

#include "tests/support/reader_fixture.hpp"

#include <random>

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(reader_fixture)

TEST_CASE("nothing is read without demand") {
  start({0}, 5);
  pass(2s);
  CHECK_EQ(topic->fetched, 0u);
  CHECK(heard->records.empty());
}

TEST_CASE("no more records are sent than were asked for, and each demand adds to what is left") {
  start({0}, 10);
  demand(3);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
  pass(1s);
  CHECK_EQ(topic->fetched, 3u);
  demand(1);
  demand(2);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3, 4, 5}));
}

TEST_CASE("demand given ahead of the records is used as they come") {
  start({0}, 0);
  demand(2);
  fill(0, 1);
  CHECK_EQ(offsets(), (offset_list{0}));
  fill(0, 5);
  CHECK_EQ(offsets(), (offset_list{0, 1}));
}

TEST_CASE("reading stops when the bytes are used up; the record that uses them up still comes whole") {
  start({0}, 10);
  auto size = static_cast<std::int64_t>(text_body().size() + 2);
  demand(10, 2 * size + 1);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2}));
  demand(0, size - 1); // pays back what the last one took too much
  CHECK_EQ(offsets().size(), 3u);
  demand(0, 1);
  CHECK_EQ(offsets(), (offset_list{0, 1, 2, 3}));
}

TEST_CASE("a record counts with its key, body and headers") {
  new_dispatcher();
  topic->partitions[0];
  topic->add(0, "key", text_body(), 0, {{"traceparent", "0123456789"}});
  topic->add(0, "key", text_body());
  new_reader();
  topic->assign({0});
  settle();
  auto size = static_cast<std::int64_t>(text_body().size() + 3 + 11 + 10);
  demand(10, size);
  CHECK_EQ(offsets(), (offset_list{0}));
}

TEST_CASE("partitions take turns, so that a full one does not starve its neighbours") {
  start({0, 1, 2}, 300);
  demand(192);
  CHECK_EQ(offsets(0).size(), 64u);
  CHECK_EQ(offsets(1).size(), 64u);
  CHECK_EQ(offsets(2).size(), 64u);
  demand(64);
  demand(64);
  CHECK_EQ(offsets(0).size(), 128u);
  CHECK_EQ(offsets(1).size(), 128u);
  CHECK_EQ(offsets(2).size(), 64u);
}

TEST_CASE("what is read for one demand is sent as one batch") {
  start({0, 1}, 100);
  demand(150);
  CHECK_EQ(heard->batches, std::vector<std::size_t>{150});
}

TEST_CASE("a notification that came while there was no demand is not forgotten") {
  start({0, 1}, 0);
  fill(0, 3);
  fill(1, 3);
  demand(6);
  CHECK_EQ(heard->records.size(), 6u);
}

TEST_CASE("records that were left behind for lack of demand are read although no notification comes for them") {
  start({0}, 5);
  demand(2);
  fill(0, 1); // the queue was not empty, so it did not notify
  demand(10);
  CHECK_EQ(offsets().size(), 6u);
}

TEST_CASE("stop_reading takes back all demand, and what was not read stays unread") {
  start({0}, 0);
  demand(5);
  tell(stop_reading{});
  fill(0, 5);
  pass(1s);
  CHECK(heard->records.empty());
  CHECK_EQ(topic->fetched, 0u);
}

TEST_CASE("a new dispatcher owes nothing to its predecessor's demand") {
  start({0}, 0);
  demand(5);
  kill_dispatcher();
  new_dispatcher();
  fill(0, 5);
  CHECK(heard->records.empty());
  demand(1);
  CHECK_EQ(offsets(), (offset_list{0}));
}

TEST_CASE("records that had their end before cost no demand") {
  topic->committed[0] = {0, 0, "2.-1.1Pw=="}; // offsets 0 to 5
  start({0}, 8);
  demand(2);
  CHECK_EQ(offsets(), (offset_list{6, 7}));
  CHECK_EQ(sample("models_processor_records_skipped_as_finished_total"), 6);
}

TEST_CASE("bad records and those of somebody else cost demand like any other") {
  new_dispatcher();
  decode_options options;
  options.expected_user_email = "somebody.else@example.org";
  topic->partitions[0];
  topic->add(0, "a", "this is not JSON");
  topic->add(0, "b", text_body());
  topic->add(0, "c", "neither is this");
  new_reader(options);
  topic->assign({0});
  settle();
  demand(2);
  REQUIRE_EQ(heard->records.size(), 2u);
  REQUIRE(std::holds_alternative<shared_value<bad_record>>(heard->records[0]));
  auto& bad = *std::get<shared_value<bad_record>>(heard->records[0]);
  CHECK(bad.why == fault::not_json);
  CHECK_EQ(bad.id, "a");
  CHECK_EQ(bad.from, (origin{0, 1, 0, bad.from.identity}));
  CHECK(std::holds_alternative<skipped_record>(heard->records[1]));
}

TEST_CASE("a question is sent decoded, with its way home") {
  start({3}, 0);
  topic->add(3, "id-7", text_body("hello"));
  demand(1);
  REQUIRE_EQ(heard->records.size(), 1u);
  REQUIRE(std::holds_alternative<shared_request>(heard->records[0]));
  auto& asked = *std::get<shared_request>(heard->records[0]);
  CHECK_EQ(asked.from, (origin{3, 1, 0, asked.from.identity}));
  CHECK_EQ(asked.id, "id-7");
  CHECK_EQ(asked.prompt_json.view(), "\"hello\"");
  CHECK_EQ(asked.user_email, "someone@example.org");
}

TEST_CASE("a partition is read no further than three quarters of the spread ahead of its lowest unfinished offset") {
  start({0, 1}, 7000);
  demand(20'000);
  CHECK_EQ(offsets(0).size(), 6144u);
  CHECK_EQ(offsets(1).size(), 6144u);
  std::vector<std::int64_t> all_but_first;
  for (std::int64_t offset = 1; offset < 6144; ++offset)
    all_but_first.push_back(offset);
  finish(all_but_first);
  CHECK_EQ(offsets(0).size(), 6144u);
  finish({0});
  CHECK_EQ(offsets(0).size(), 7000u);
  CHECK_EQ(offsets(1).size(), 6144u);
}

TEST_CASE("over random demand, arrivals and ends, the records sent and the bytes never exceed what was asked for") {
  std::mt19937 random{7};
  start({0, 1, 2}, 0);
  std::int64_t asked_records = 0, asked_bytes = 0, largest = 0;
  for (int step = 0; step < 3000; ++step) {
    if (random() % 3 == 0) {
      read_demand more{static_cast<std::uint32_t>(random() % 4), static_cast<std::int64_t>(random() % 400)};
      asked_records += more.records;
      asked_bytes += more.bytes;
      demand(more.records, more.bytes);
    } else if (random() % 2 == 0) {
      topic->add(static_cast<std::int32_t>(random() % 3), "k", text_body(std::string(1 + random() % 300, 'x')),
                 random() % 3);
      settle();
    } else if (!heard->records.empty()) {
      auto& from = origin_of(heard->records[random() % heard->records.size()]);
      finish({from.offset}, from.partition);
    }
    std::int64_t bytes = 0;
    for (const auto& each : heard->records) {
      auto size = static_cast<std::int64_t>(std::get<shared_request>(each)->bytes);
      bytes += size;
      largest = std::max(largest, size);
    }
    auto sent = static_cast<std::int64_t>(heard->records.size());
    if (sent > asked_records || bytes >= asked_bytes + largest)
      CAF_FAIL("step " << step);
    // And nothing is held back that may be sent.
    bool all_read =
      topic->fetched == topic->partitions[0].size() + topic->partitions[1].size() + topic->partitions[2].size();
    if (!all_read && sent < asked_records && bytes < asked_bytes)
      CAF_FAIL("starved at step " << step);
  }
  CHECK_GT(heard->records.size(), 400u);
  CHECK_EQ(heard->records.size(), topic->fetched);
}

END_FIXTURE_SCOPE()
