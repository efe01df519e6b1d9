#define CAF_SUITE rd_consumer_rewind
#include "tests/support/test.hpp"

#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <map>
#include <optional>
#include <random>

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("while a revoke waits for its answer a rewind is kept, and the kept partitions go on from there after it") {
  kafka_world world;
  world.fill(400);
  member first{world.options_for_two()};
  REQUIRE(first.run_until([&] { return first.got.size() == 400; }));
  first.answer_revokes = false;
  member second{world.options_for_two()};
  REQUIRE(first.run_until([&] { return first.revoked.size() == 1; }, 30s));
  first.got.clear();
  for (std::int32_t p = 0; p < 4; ++p)
    first.port->rewind(p, 40);
  first.give_back();
  REQUIRE(first.run_until([&] { return first.got.size() >= 120; }));
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& each : first.got)
    CHECK_EQ(each.offset, 40 + next[each.partition]++);
  CHECK_EQ(next.size(), 2u);
}

TEST_CASE("a rewind brings exactly the records from there on again") {
  kafka_world world{1};
  world.fill(1000, 1);
  member m{world.options()};
  m.credit = 300;
  REQUIRE(m.run_until([&] { return m.got.size() == 300; })); // more of them wait in the queue
  m.got.clear();
  m.port->rewind(0, 120);
  m.demand(5000);
  REQUIRE(m.run_until([&] { return m.got.size() == 880; }));
  for (std::size_t i = 0; i < m.got.size(); ++i)
    REQUIRE_EQ(m.got[i].offset, static_cast<std::int64_t>(i) + 120);
}

TEST_CASE("rewinds again and again, each brings its own records and no stale one") {
  kafka_world world;
  constexpr std::int64_t per_partition = 500;
  world.fill(4 * per_partition);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 4 * per_partition; }));
  std::mt19937 random{11};
  std::uniform_int_distribution<std::int64_t> where{0, per_partition - 1};
  for (int round = 0; round < 200; ++round) {
    m.got.clear();
    std::map<std::int32_t, std::int64_t> next;
    std::size_t expected = 0;
    for (std::int32_t p = 0; p < 4; ++p) {
      next[p] = where(random);
      expected += static_cast<std::size_t>(per_partition - next[p]);
      m.port->rewind(p, next[p]);
    }
    if (round % 2 == 0) { // stop in the middle, so that the next rewind finds full queues
      expected /= 3;
      m.credit = expected;
    } else {
      m.credit = SIZE_MAX / 2;
    }
    for (std::int32_t p = 0; p < 4; ++p)
      m.drain(p);
    REQUIRE(m.run_until([&] { return m.got.size() >= expected; }));
    for (const auto& each : m.got)
      REQUIRE_EQ(each.offset, next[each.partition]++);
  }
}

TEST_CASE("a rewind drops the word of a batch that could not be read, which was found before it") {
  kafka_world world{1};
  world.fill(1, 1);
  world.fill(1, [](int) { return std::string(1'000'000, 'x'); }, 1, {{"compression.type", "gzip"}});
  auto options = world.options();
  options.properties.emplace_back("fetch.unpack.max.bytes", "100000");
  member m{options};
  REQUIRE(m.run_until([&] { return m.unreadable.size() == 1; }));
  auto fetch_once_more = [&] { // what it finds waits for serve_group()
    std::optional<std::int32_t> ready;
    do
      ready = m.notifications.next(std::chrono::steady_clock::now() + 20s);
    while (ready == consumer_port::group_queue);
    REQUIRE_EQ(ready, std::optional{0});
    m.drain(0);
  };
  fetch_once_more();
  m.serve_group();
  REQUIRE_EQ(m.unreadable.size(), 2u);
  fetch_once_more();
  m.port->rewind(0, 0);
  m.serve_group();
  CHECK_EQ(m.unreadable.size(), 2u);
  REQUIRE(m.run_until([&] { return m.unreadable.size() == 3; }));
  CHECK_EQ(places(m.got), (std::vector<place>{{0, 0}, {0, 0}}));
}

TEST_CASE("a rewind right after the assignment counts, whether or not fetching has begun") {
  kafka_world world;
  world.fill(400);
  for (int round = 0; round < 10; ++round) {
    member m{world.options("group " + std::to_string(round))};
    m.credit = 0;
    REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
    for (std::int32_t p = 0; p < 4; ++p) {
      m.port->rewind(p, 90);
      m.port->rewind(p, p == 0 ? 0 : 50);
    }
    m.demand(5000);
    std::map<std::int32_t, std::int64_t> next{{0, 0}, {1, 50}, {2, 50}, {3, 50}};
    REQUIRE(m.run_until([&] { return m.got.size() >= 250; }));
    CHECK_EQ(m.got.size(), 250u);
    for (const auto& each : m.got)
      REQUIRE_EQ(each.offset, next[each.partition]++);
  }
}

TEST_CASE("a rewind to where there is nothing any more goes to the first record behind it") {
  kafka_world world{1};
  world.fill(8, [](int) { return std::string(1'000'000, 'x'); }, 1); // the broker keeps 5 MiB
  member m{world.options()};
  REQUIRE(m.run_until([&] { return !m.got.empty() && m.got.back().offset == 7; }));
  const auto first = m.got.front().offset;
  REQUIRE_GT(first, 0);
  m.got.clear();
  m.port->rewind(0, 0);
  REQUIRE(m.run_until([&] { return !m.got.empty() && m.got.back().offset == 7; }));
  for (std::size_t i = 0; i < m.got.size(); ++i)
    CHECK_EQ(m.got[i].offset, first + static_cast<std::int64_t>(i));
}

TEST_CASE("a rewind of a partition that is not held does nothing") {
  kafka_world world;
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  m.port->rewind(77, 3);
  std::vector<fetched_record> none;
  CHECK(m.port->fetch(77, 10, 1000, none) == consumer_port::fetch_end::drained);
  CHECK(none.empty());
}
