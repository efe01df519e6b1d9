#define CAF_SUITE dispatcher_demand
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

#include <random>

using namespace mp;
using namespace mp::test;

BEGIN_FIXTURE_SCOPE(dispatcher_fixture)

TEST_CASE("the reader is asked for the free slots and a batch ahead") {
  start(0);
  CHECK_EQ(read->records_wanted, 10);
  new_worker();
  new_worker();
  CHECK_EQ(read->records_wanted, 10); // two more are not worth a message yet
  for (int i = 0; i < 3; ++i)
    new_worker();
  CHECK_EQ(read->records_wanted, 15);
  CHECK_EQ(read->bytes_wanted, 64 * 1024 * 1024);
}

TEST_CASE("nothing is asked for before a host is usable") {
  start_dispatcher();
  new_worker();
  new_producer();
  new_reader();
  CHECK_EQ(read->records_wanted, 0);
  host("alpha", true);
  CHECK_EQ(read->records_wanted, 11); // one free slot
}

TEST_CASE("nothing more is asked for when no host is usable, and again as soon as one is") {
  start(1);
  auto asked = read->records_wanted;
  host("alpha", false);
  for (std::int64_t offset = 0; offset < asked; ++offset)
    ask(bad(offset, fault::not_json));
  for (std::size_t i = 0; i < static_cast<std::size_t>(asked); ++i)
    deliver(i);
  CHECK_EQ(read->records_wanted, asked);
  host("alpha", true);
  CHECK_GT(read->records_wanted, asked);
}

TEST_CASE("a reader that starts later is asked from the beginning") {
  start(5);
  CHECK_EQ(read->records_wanted, 15);
  kill(reader);
  new_reader();
  CHECK_EQ(read->records_wanted, 15);
}

TEST_CASE("requests held bound the demand, whatever the free slots") {
  config.intake.held_max = 12;
  start(0);
  CHECK_EQ(read->records_wanted, 10);
  for (std::int64_t offset = 0; offset < 10; ++offset)
    ask(bad(offset, fault::not_json)); // all wait for the broker
  CHECK_EQ(read->records_wanted, 12);
  deliver(0);
  CHECK_EQ(read->records_wanted, 12); // one more is not worth a message while others are coming
  ask(bad(10, fault::not_json));
  ask(bad(11, fault::not_json));
  CHECK_EQ(read->records_wanted, 13);
}

TEST_CASE("bytes held bound the demand") {
  config.intake.bytes_max = 10'000;
  start(1);
  CHECK_EQ(read->bytes_wanted, 10'000);
  auto large = question(1);
  large.bytes = 9'000;
  ask(large);
  auto second = question(2);
  second.bytes = 9'000;
  ask(second);
  CHECK_EQ(read->bytes_wanted, 10'000);
  answer();
  clean();
  CHECK_GT(read->bytes_wanted, 10'000); // the first question is free, its small reply is held
  CHECK_LE(read->bytes_wanted, 20'000);
}

TEST_CASE("a slow broker takes demand away: the table never holds more than its limit") {
  config.intake.held_max = 30;
  start(4);
  std::int64_t offset = 0;
  for (int round = 0; round < 100; ++round) {
    while (offset < read->records_wanted)
      ask(bad(offset++, fault::not_json));
    REQUIRE_LE(how_much().in_flight, 30u);
  }
  CHECK_EQ(offset, 30);
}

TEST_CASE("over random work the requests held never exceed the limits, and all of them get their end") {
  for (unsigned seed = 1; seed <= 10; ++seed) {
    std::mt19937 random{seed};
    config.intake = {1 + random() % 12, 10 + random() % 60, static_cast<std::int64_t>(20'000 + random() % 100'000)};
    start_dispatcher();
    new_reader();
    new_producer(1 + random() % 20);
    new_sanitizer();
    workers.clear();
    auto slots = 1 + random() % 6;
    for (std::size_t i = 0; i < slots; ++i)
      new_worker("alpha");
    host("alpha", true);
    std::int64_t offset = 0, bytes = 0;
    std::size_t cleaned = 0, delivered = 0;
    std::vector<std::size_t> ended(workers.size());
    constexpr std::int64_t records = 300;
    for (int step = 0; step < 100'000 && static_cast<std::int64_t>(finished().size()) < records; ++step) {
      switch (random() % 4) {
        case 0:
          if (offset < records && offset < read->records_wanted && bytes < read->bytes_wanted) {
            auto asked = question(offset++);
            asked.bytes = 1 + random() % 20'000;
            bytes += static_cast<std::int64_t>(asked.bytes);
            ask(asked);
          }
          break;
        case 1: {
          auto worker = random() % workers.size();
          if (ended[worker] < assignments(worker).size()) {
            ++ended[worker];
            if (random() % 10 == 0)
              fail(fault::host_busy, worker);
            else
              answer("x", worker);
          }
          break;
        }
        case 2:
          if (cleaned < cleaning->size()) {
            auto& job = cleaning->at(cleaned++);
            tell(cleaning_result{job.ticket, job.call_number, clean_text{"x", {}, {}}});
          }
          break;
        case 3:
          if (delivered < published->size())
            deliver(delivered++, random() % 20 == 0 ? delivery_result::failed : delivery_result::acknowledged);
          break;
      }
      if (random() % 5 == 0)
        pass(100ms);
      if (how_much().in_flight > config.intake.held_max
          || (step % 16 == 0
              && sample("models_processor_held_bytes") > static_cast<double>(config.intake.bytes_max) + 20'000))
        CAF_FAIL("seed " << seed << " step " << step);
    }
    auto all = finished();
    std::set<std::int64_t> distinct(all.begin(), all.end());
    if (static_cast<std::int64_t>(distinct.size()) != records || all.size() != distinct.size())
      CAF_FAIL("seed " << seed << ": " << distinct.size() << " of " << all.size());
    kill(dispatcher);
  }
  CHECK_EQ(sample("models_processor_requests_total{kind=\"text\",outcome=\"ok\"}"), 3000);
}

END_FIXTURE_SCOPE()
