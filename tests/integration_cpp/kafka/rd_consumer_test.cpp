#define CAF_SUITE rd_consumer
#include "tests/support/test.hpp"

#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <random>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("every record comes once under small random demand with nothing but bells to wake the reader") {
  kafka_world world;
  constexpr int count = 20000;
  world.fill(count);
  member m{world.options()};
  m.credit = 0;
  std::mt19937 random{7};
  std::uniform_int_distribution<std::size_t> step{1, 40};
  while (m.got.size() < count) {
    const auto goal = std::min<std::size_t>(m.got.size() + step(random), count);
    m.demand(goal - m.got.size());
    REQUIRE(m.run_until([&] { return m.got.size() >= goal; }));
    REQUIRE_EQ(m.got.size(), goal);
  }
  CHECK_EQ(distinct_places(m.got).size(), static_cast<std::size_t>(count));
}

TEST_CASE("records that come one by one each ring") {
  kafka_world world;
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  for (std::size_t i = 1; i <= 20; ++i) {
    world.fill(1);
    REQUIRE(m.run_until([&] { return m.got.size() == i; }));
  }
}

TEST_CASE("no fetch brings more than was asked for, by number and by bytes") {
  kafka_world world{1};
  world.fill(40, [](int) { return std::string(1000, 'x'); }, 1);
  member m{world.options()};
  m.credit = 0;
  REQUIRE(m.run_until([&] { return m.more.size() == 1; })); // rang, and nothing was taken
  CHECK_EQ(m.got.size(), 0u);
  m.demand(3);
  REQUIRE(m.run_until([&] { return m.got.size() == 3; }));
  CHECK_EQ(m.got.size(), 3u);
  m.bytes_max = 2500; // the record that reaches it is the last
  m.credit = 0;
  const auto before = m.got.size();
  m.demand(40);
  CHECK_EQ(m.got.size() - before, 3u);
}

TEST_CASE("key, body, headers, partition and offset arrive as they were sent") {
  kafka_world world;
  const rd::blocking_handle_ptr sender{rd::make_handle(RD_KAFKA_PRODUCER, rd::make_conf({{"bootstrap.servers", world.broker.bootstrap()}}, {}, 0))};
  const std::string zeros("a\0b", 3);
  rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(2), RD_KAFKA_V_KEY(zeros.data(), zeros.size()),
                    RD_KAFKA_V_VALUE(const_cast<char*>(zeros.data()), zeros.size()), RD_KAFKA_V_HEADER("traceparent", "00-1", 4),
                    RD_KAFKA_V_HEADER("empty", nullptr, 0), RD_KAFKA_V_HEADER("traceparent", "00-2", 4),
                    RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
  rd_kafka_producev(sender.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(2), RD_KAFKA_V_END);
  REQUIRE(rd_kafka_flush(sender.get(), 10000) == RD_KAFKA_RESP_ERR_NO_ERROR);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 2; }));
  CHECK_EQ(m.got[0].partition, 2);
  CHECK_EQ(m.got[0].offset, 0);
  CHECK(m.got[0].key == zeros);
  CHECK(*m.got[0].body == zeros);
  const std::vector<name_and_text> headers{{"traceparent", "00-1"}, {"empty", ""}, {"traceparent", "00-2"}};
  CHECK(m.got[0].headers == headers);
  CHECK_EQ(m.got[1].offset, 1);
  CHECK(m.got[1].key.empty());
  REQUIRE(m.got[1].body != nullptr);
  CHECK(m.got[1].body->empty());
  CHECK(m.got[1].headers.empty());
}

TEST_CASE("a record larger than a fetch comes whole, beside small ones") {
  kafka_world world;
  world.fill(4, [](int i) { return i == 1 ? std::string(4'000'000, 'p') : std::string("small"); });
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 4; }));
  std::size_t largest = 0;
  for (const auto& each : m.got)
    largest = std::max(largest, each.body->size());
  CHECK_EQ(largest, 4'000'000u);
}

TEST_CASE("committed offsets and their metadata come back to the next member, without a NUL and to the byte") {
  kafka_world world;
  world.fill(40);
  const std::string metadata = "1" + std::string(4000, 'A') + "=";
  {
    member first{world.options()};
    REQUIRE(first.run_until([&] { return first.got.size() == 40; }));
    for (const auto& each : first.loaded)
      CHECK_EQ(each.offset, position::none);
    first.port->commit({{0, 5, metadata}, {1, 7, ""}});
    REQUIRE(first.run_until([&] { return first.commits.size() == 1; }));
    CHECK(first.commits[0].result == commit_result::done);
    const std::set<std::int32_t> committed(first.commits[0].partitions.begin(), first.commits[0].partitions.end());
    CHECK(committed == (std::set<std::int32_t>{0, 1}));
  } // killed without closing
  member second{world.options()};
  REQUIRE(second.run_until([&] { return second.got.size() == 28; }));
  REQUIRE_EQ(second.loaded.size(), 4u);
  for (const auto& each : second.loaded) {
    CHECK_EQ(each.offset, each.partition == 0 ? 5 : each.partition == 1 ? 7 : position::none);
    CHECK(each.metadata == (each.partition == 0 ? metadata : ""));
  }
  CHECK_EQ(distinct_places(second.got).size(), 28u);
}

TEST_CASE("a commit of nothing is answered too") {
  kafka_world world;
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  m.port->commit({});
  REQUIRE(m.run_until([&] { return m.commits.size() == 1; }));
  CHECK(m.commits[0].result == commit_result::done);
}

TEST_CASE("a commit that the group refuses for now is to be tried again") {
  kafka_world world;
  world.fill(8);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 8; }));
  world.refuse(api_key::offset_commit, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  m.port->commit({{0, 1, ""}});
  REQUIRE(m.run_until([&] { return m.commits.size() == 1; }));
  CHECK(m.commits[0].result == commit_result::again);
  CHECK_EQ(m.commits[0].reason, "REBALANCE_IN_PROGRESS");
  m.port->commit({{0, 1, ""}});
  REQUIRE(m.run_until([&] { return m.commits.size() == 2; }));
  CHECK(m.commits[1].result == commit_result::done);
}

TEST_CASE("a commit of somebody put out of the group says so, and what was held is reported as lost") {
  kafka_world world;
  world.fill(8);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 8; }));
  world.refuse(api_key::offset_commit, RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID);
  m.port->commit({{0, 1, ""}});
  REQUIRE(m.run_until([&] { return m.commits.size() == 1 && m.revoked.size() == 1; }));
  CHECK(m.commits[0].result == commit_result::not_member);
  CHECK(m.revoked[0].lost);
  CHECK(m.run_until([&] { return m.held.size() == 4; })); // it joins again by itself
}

TEST_CASE("positions that cannot be read are asked for again") {
  kafka_world world;
  world.fill(8);
  world.refuse(api_key::offset_fetch, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.got.size() == 8; }));
  CHECK_EQ(m.unavailable, 1u);
}

TEST_CASE("a second member takes over partitions and gives them back, and nothing is read twice or left out") {
  kafka_world world;
  world.fill(400);
  member first{world.options_for_two()};
  REQUIRE(first.run_until([&] { return first.got.size() == 400; }));
  std::vector<place> all;
  {
    member second{world.options_for_two()};
    REQUIRE(run_both_until(first, second, [&] { return first.held.size() == 2 && second.held.size() == 2; }));
    REQUIRE_EQ(first.revoked.size(), 1u);
    CHECK(!first.revoked[0].lost);
    world.fill(400);
    REQUIRE(first.run_until([&] { return first.got.size() >= 600; }));
    REQUIRE(second.run_until([&] { return second.got.size() >= 200; }));
    second.port->close();
    REQUIRE(second.run_until([&] { return second.port->closed(); }));
    REQUIRE_EQ(second.revoked.size(), 1u);
    all = places(second.got);
  }
  REQUIRE(first.run_until([&] { return first.held.size() == 4; }, 30s));
  world.fill(400);
  REQUIRE(first.run_until([&] { return first.got.size() >= 1000; }));
  for (const auto& each : places(first.got))
    all.push_back(each);
  CHECK_EQ(all.size(), 1200u);
  CHECK_EQ((std::set<place>(all.begin(), all.end()).size()), 1200u);
}

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

TEST_CASE("a rewind of a partition that is not held does nothing") {
  kafka_world world;
  member m{world.options()};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  m.port->rewind(77, 3);
  std::vector<fetched_record> none;
  CHECK(m.port->fetch(77, 10, 1000, none) == consumer_port::fetch_end::drained);
  CHECK(none.empty());
}

TEST_CASE("closing reports what is held as revoked and then ends, with records still waiting") {
  kafka_world world;
  world.fill(400);
  member m{world.options()};
  m.credit = 10;
  REQUIRE(m.run_until([&] { return m.got.size() == 10; }));
  CHECK(!m.port->closed());
  m.port->close();
  REQUIRE(m.run_until([&] { return m.port->closed(); }, 5s));
  REQUIRE_EQ(m.revoked.size(), 1u);
  CHECK_EQ(m.revoked[0].partitions.size(), 4u);
  CHECK(m.held.empty());
  m.port->close(); // once more does no harm
  CHECK(m.port->closed());
}

TEST_CASE("closing before the group has answered, and with an assignment unanswered, ends as well") {
  kafka_world world;
  {
    member early{world.options()};
    early.port->close();
    CHECK(early.run_until([&] { return early.port->closed(); }, 5s));
  }
  member unanswering{world.options("other")};
  unanswering.answer_assignments = false;
  REQUIRE(unanswering.run_until([&] { return !unanswering.assigning.empty(); }));
  unanswering.port->close();
  REQUIRE(unanswering.run_until([&] { return unanswering.port->closed(); }, 5s));
  CHECK_EQ(unanswering.revoked.size(), 1u);
  unanswering.port->assign({{0, 0, ""}}); // overtaken, ignored
}

TEST_CASE("destruction takes no time and hangs at no stage, whatever is open") {
  kafka_world world;
  world.fill(400);
  const auto held = [](member& m) { return m.run_until([&] { return m.held.size() == 4 && m.credit == 0; }); };
  const std::vector<std::pair<std::string, std::function<bool(member&)>>> stages{
    {"just opened", [](member&) { return true; }},
    {"an assignment unanswered", [](member& m) {
       m.answer_assignments = false;
       return m.run_until([&] { return !m.assigning.empty(); });
     }},
    {"nothing taken", [&](member& m) { return held(m); }},
    {"some records taken, more in the queues", [&](member& m) { m.credit = 50; return held(m); }},
    {"a commit on its way", [&](member& m) {
       const auto ok = held(m);
       m.port->commit({{0, 1, "x"}});
       return ok;
     }},
    {"a question about positions on its way", [&](member& m) {
       const auto ok = held(m);
       m.port->load_positions({0, 1});
       return ok;
     }},
    {"a seek on its way", [&](member& m) {
       m.credit = 50;
       const auto ok = held(m);
       m.port->rewind(0, 3);
       return ok;
     }},
    {"just closing", [&](member& m) {
       const auto ok = held(m);
       m.port->close();
       return ok;
     }},
    {"closing, a revoke unanswered", [&](member& m) {
       const auto ok = held(m);
       m.answer_revokes = false;
       m.port->close();
       return m.run_until([&] { return !m.revoked.empty(); }) && ok;
     }},
    {"closing, an assignment unanswered", [](member& m) {
       m.answer_assignments = false;
       const auto ok = m.run_until([&] { return !m.assigning.empty(); });
       m.port->close();
       return ok;
     }},
    {"closed", [&](member& m) {
       const auto ok = held(m);
       m.port->close();
       return m.run_until([&] { return m.port->closed(); }) && ok;
     }},
  };
  for (const auto& [stage, reach] : stages) {
    MESSAGE(stage);
    auto m = std::make_unique<member>(world.options("group " + stage));
    m->credit = 0;
    REQUIRE(reach(*m));
    const auto began = std::chrono::steady_clock::now();
    m.reset();
    CHECK_LT((std::chrono::steady_clock::now() - began) / 1ms, 500);
    REQUIRE(rd::reaper::wait(10s));
  }
}

TEST_CASE("a revoke that is never answered does not keep a member from being destroyed") {
  kafka_world world;
  auto first = std::make_unique<member>(world.options_for_two());
  REQUIRE(first->run_until([&] { return first->held.size() == 4; }));
  first->answer_revokes = false;
  member second{world.options_for_two()};
  REQUIRE(first->run_until([&] { return first->revoked.size() == 1; }, 30s));
  first.reset();
  CHECK(rd::reaper::wait(10s));
  CHECK(second.run_until([&] { return second.held.size() == 4; }, 30s));
}

TEST_CASE("no bell rings after destruction") {
  kafka_world world;
  world.fill(40);
  auto m = std::make_unique<member>(world.options());
  REQUIRE(m->run_until([&] { return m->got.size() == 40; }));
  m->port.reset();
  const auto before = m->bells.count();
  world.fill(40);
  REQUIRE(rd::reaper::wait(10s));
  CHECK_EQ(m->bells.count(), before);
}

TEST_CASE("a member that was destroyed without closing makes room for the next at once") {
  kafka_world world;
  world.fill(4);
  { // leaves the group on the reaper's thread
    member first{world.options()};
    REQUIRE(first.run_until([&] { return first.held.size() == 4; }));
  }
  member second{world.options()};
  CHECK(second.run_until([&] { return second.got.size() == 4; }, 10s));
}

TEST_CASE("the lag counts from the commit, and goes on growing while nothing is read") {
  kafka_world world;
  world.fill(400);
  auto options = world.options();
  options.lag_interval = 50ms;
  member m{options};
  m.credit = 0;
  const auto lag = [&] {
    std::int64_t all = 0;
    if (!m.lags.empty())
      for (const auto& each : m.lags.back().lags)
        all += each.records;
    return all;
  };
  const auto serve = [&](std::int64_t wanted) { // the clock of the reader: next_event() at least every second
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (lag() != wanted && std::chrono::steady_clock::now() < deadline) {
      m.run_until([] { return false; }, 20ms);
      m.serve_group();
    }
    return lag();
  };
  CHECK_EQ(serve(400), 400); // nothing was ever committed: all of the log
  world.fill(8000);          // far more than is fetched ahead
  CHECK_EQ(serve(8400), 8400);
  m.port->commit({{0, 100, ""}, {1, 50, ""}});
  CHECK_EQ(serve(8250), 8250);
}

TEST_CASE("a topic that does not exist is an error that may pass") {
  kafka_world world;
  auto options = world.options();
  options.topic = "nowhere";
  member m{options};
  REQUIRE(m.run_until([&] { return !m.errors.empty(); }));
  CHECK_EQ(m.errors[0].code, "UNKNOWN_TOPIC_OR_PART");
  CHECK(!m.errors[0].fatal);
}

TEST_CASE("a broker that is not there is an error that may pass, and closing does not wait for it") {
  kafka_world world;
  auto options = world.options();
  options.bootstrap = "127.0.0.1:1";
  member m{options};
  REQUIRE(m.run_until([&] { return !m.errors.empty(); }));
  CHECK(!m.errors[0].fatal);
  m.port->close();
  CHECK(m.run_until([&] { return m.port->closed(); }, 5s));
}

TEST_CASE("a member whose instance id was taken over is told that this is the end") {
  kafka_world world;
  auto options = world.options();
  options.instance_id = "one";
  member m{options};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  world.refuse(api_key::heartbeat, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
  REQUIRE(m.run_until([&] { return !m.errors.empty() && m.errors.back().fatal; }));
  CHECK_EQ(m.errors.back().code, "FENCED_INSTANCE_ID");
  m.port->close();
  CHECK(m.run_until([&] { return m.port->closed(); }, 5s));
}

TEST_CASE("a property that librdkafka refuses stops the start") {
  kafka_world world;
  auto options = world.options();
  options.properties.emplace_back("no.such.property", "1");
  rd_consumer consumer{options};
  CHECK_THROWS_AS(consumer.open([](std::int32_t) {}), std::runtime_error);
}
