#define CAF_SUITE rd_consumer_end
#include "tests/support/test.hpp"

#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

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
    {"an assignment unanswered",
     [](member& m) {
       m.answer_assignments = false;
       return m.run_until([&] { return !m.assigning.empty(); });
     }},
    {"nothing taken", [&](member& m) { return held(m); }},
    {"some records taken, more in the queues",
     [&](member& m) {
       m.credit = 50;
       return held(m);
     }},
    {"a commit on its way",
     [&](member& m) {
       const auto ok = held(m);
       m.port->commit({{0, 1, "x"}});
       return ok;
     }},
    {"a question about positions on its way",
     [&](member& m) {
       const auto ok = held(m);
       m.port->load_positions({0, 1});
       return ok;
     }},
    {"a seek on its way",
     [&](member& m) {
       m.credit = 50;
       const auto ok = held(m);
       m.port->rewind(0, 3);
       return ok;
     }},
    {"just closing",
     [&](member& m) {
       const auto ok = held(m);
       m.port->close();
       return ok;
     }},
    {"closing, a revoke unanswered",
     [&](member& m) {
       const auto ok = held(m);
       m.answer_revokes = false;
       m.port->close();
       return m.run_until([&] { return !m.revoked.empty(); }) && ok;
     }},
    {"closing, an assignment unanswered",
     [](member& m) {
       m.answer_assignments = false;
       const auto ok = m.run_until([&] { return !m.assigning.empty(); });
       m.port->close();
       return ok;
     }},
    {"closed",
     [&](member& m) {
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
    REQUIRE(kafka::background()->wait(10s));
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
  CHECK(kafka::background()->wait(10s));
  CHECK(second.run_until([&] { return second.held.size() == 4; }, 30s));
}

TEST_CASE("no notification comes after destruction") {
  kafka_world world;
  world.fill(40);
  auto m = std::make_unique<member>(world.options());
  REQUIRE(m->run_until([&] { return m->got.size() == 40; }));
  m->port.reset();
  const auto before = m->notifications.count();
  world.fill(40);
  REQUIRE(kafka::background()->wait(10s));
  CHECK_EQ(m->notifications.count(), before);
}

TEST_CASE("a member that was destroyed without closing makes room for the next at once") {
  kafka_world world;
  world.fill(4);
  { // leaves the group on a background thread
    member first{world.options()};
    REQUIRE(first.run_until([&] { return first.held.size() == 4; }));
  }
  member second{world.options()};
  CHECK(second.run_until([&] { return second.got.size() == 4; }, 10s));
}

TEST_CASE("a membership is there from joining to leaving the group, and asking for it never waits for the broker") {
  kafka_world world;
  member m{world.options()};
  std::chrono::nanoseconds slowest{0};
  const auto membership = [&] {
    const auto began = std::chrono::steady_clock::now();
    auto bytes = m.port->membership();
    slowest = std::max<std::chrono::nanoseconds>(slowest, std::chrono::steady_clock::now() - began);
    return bytes;
  };
  CHECK(membership().empty());
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  const auto first = membership();
  CHECK(!first.empty());
  rd_kafka_mock_broker_set_down(world.broker.cluster(), 1);
  for (int i = 0; i < 1000; ++i)
    membership();
  rd_kafka_mock_broker_set_up(world.broker.cluster(), 1);
  m.port->close();
  REQUIRE(m.run_until([&] { return m.port->closed(); }));
  CHECK(membership().empty());
  MESSAGE("the slowest of 1,003 calls took " << slowest / 1us << " us");
  CHECK_LT(slowest / 1ms, 200);
}
