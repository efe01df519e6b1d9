#define CAF_SUITE rd_consumer_group
#include "tests/support/test.hpp"

#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <string>

using namespace mp;
using namespace std::chrono_literals;

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

TEST_CASE("the lag counts from the commit, and goes on growing while nothing is read") {
  kafka_world world;
  world.fill(400);
  auto options = world.options();
  options.lag_interval = 50ms;
  member m{options};
  m.credit = 0;
  const auto reaches = [&](std::int64_t records) {
    return m.run_ticking_until([&] {
      std::int64_t all = 0;
      if (!m.lags.empty())
        for (const auto& each : m.lags.back().lags)
          all += each.records;
      return all == records;
    });
  };
  CHECK(reaches(400)); // nothing was ever committed: all of the log
  world.fill(8000);    // far more than is fetched ahead
  CHECK(reaches(8400));
  m.port->commit({{0, 100, ""}, {1, 50, ""}});
  CHECK(reaches(8250));
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

TEST_CASE("a member whose instance id was made leaves its group in order and is closed") {
  kafka_world world;
  auto options = world.options();
  options.instance_id = "host-5000";
  options.instance_id_is_made = true;
  member m{options};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  m.port->close();
  CHECK(m.run_ticking_until([&] { return m.port->closed(); }));
  CHECK(m.held.empty());
}

TEST_CASE("a member that has not joined yet is closed at once although its instance id was made") {
  kafka_world world;
  auto options = world.options();
  options.bootstrap = "127.0.0.1:1";
  options.instance_id = "host-5000";
  options.instance_id_is_made = true;
  member m{options};
  m.port->close();
  CHECK(m.run_ticking_until([&] { return m.port->closed(); }));
}

TEST_CASE("a member whose instance id was taken over is told that this is the end") {
  kafka_world world;
  auto options = world.options();
  options.instance_id = "one";
  int fenced = 0;
  options.fenced = [&] { ++fenced; };
  member m{options};
  REQUIRE(m.run_until([&] { return m.held.size() == 4; }));
  CHECK_EQ(fenced, 0);
  world.refuse(api_key::heartbeat, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID);
  REQUIRE(m.run_until([&] { return !m.errors.empty() && m.errors.back().fatal; }));
  CHECK_EQ(m.errors.back().code, "FENCED_INSTANCE_ID");
  CHECK_EQ(fenced, 1);
  m.port->close();
  CHECK(m.run_until([&] { return m.port->closed(); }, 5s));
}
