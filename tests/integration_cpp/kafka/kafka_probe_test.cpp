#define CAF_SUITE kafka_probe
#include "tests/support/test.hpp"

#include "runtime/kafka/kafka_probe.hpp"
#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"
#include "tests/integration_cpp/ollama/scripted_server.hpp"

using namespace mp;
using namespace std::chrono_literals;

TEST_CASE("brokers, topics, partitions and the group's lag are seen without joining the group") {
  kafka_world world;
  world.fill(40);
  { // somebody was here before
    member m{world.options()};
    REQUIRE(m.run_until([&] { return m.got.size() == 40; }));
    m.port->commit({{1, 4, "metadata"}});
    REQUIRE(m.run_until([&] { return m.commits.size() == 1; }));
  }
  const auto report = kafka::probe_kafka(world.options(), {"replies", "nowhere"}, 10s);
  CHECK(report.reachable);
  CHECK(report.fault.empty());
  CHECK_EQ(report.brokers, 1);
  REQUIRE_EQ(report.topics.size(), 3u);
  CHECK_EQ(report.topics[0].name, "requests");
  CHECK_EQ(report.topics[0].partitions, 4);
  CHECK(report.topics[0].fault.empty());
  CHECK_EQ(report.topics[1].partitions, 2);
  CHECK_EQ(report.topics[2].partitions, 0);
  CHECK_EQ(report.topics[2].fault, "the topic does not exist");
  CHECK(report.group_fault.empty());
  REQUIRE_EQ(report.group.size(), 4u);
  for (const auto& each : report.group) {
    CHECK_EQ(each.end, 10);
    CHECK_EQ(each.committed, each.partition == 1 ? 4 : -1);
    CHECK_EQ(each.lag, each.partition == 1 ? 6 : 10);
  }
}

TEST_CASE("a topic to read that does not exist leaves the rest of the report whole") {
  kafka_world world;
  auto options = world.options();
  options.topic = "nowhere";
  const auto report = kafka::probe_kafka(options, {"replies"}, 10s);
  CHECK(report.reachable);
  REQUIRE_EQ(report.topics.size(), 2u);
  CHECK_EQ(report.topics[1].partitions, 2);
  CHECK(report.group.empty());
  CHECK_EQ(report.group_fault, "the topic does not exist");
}

TEST_CASE("why Kafka cannot be reached is said in the words of the client") {
  kafka_world world;
  auto options = world.options();
  options.bootstrap = "127.0.0.1:1";
  auto report = kafka::probe_kafka(options, {}, 1500ms);
  CHECK(!report.reachable);
  CHECK(report.topics.empty());
  CHECK(report.fault.find("Connection refused") != std::string::npos);

  options.bootstrap = "no-such-host.invalid:9092";
  report = kafka::probe_kafka(options, {}, 1500ms);
  CHECK(!report.reachable);
  CHECK(report.fault.find("resolve") != std::string::npos);

  options = world.options(); // speaks no TLS
  options.properties.emplace_back("security.protocol", "ssl");
  report = kafka::probe_kafka(options, {}, 1500ms);
  CHECK(!report.reachable);
  CHECK(!report.fault.empty());
}

TEST_CASE("a listener that closes every connection is told as such before the time is over") {
  mp::test::scripted_server closing{[](mp::test::scripted_connection&) {}};
  kafka::consumer_options options;
  options.topic = "requests";
  options.group = "group";
  options.bootstrap = "127.0.0.1:" + std::to_string(closing.address().port);
  const auto began = std::chrono::steady_clock::now();
  const auto report = kafka::probe_kafka(options, {}, 30s);
  CHECK(!report.reachable);
  CHECK_EQ(report.code, "_TRANSPORT");
  CHECK(!report.fault.empty());
  CHECK_LT(std::chrono::steady_clock::now() - began, 10s);
}

TEST_CASE("a group whose offsets cannot be read has a reason") {
  kafka_world world;
  world.refuse(api_key::offset_fetch, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, 20);
  const auto report = kafka::probe_kafka(world.options(), {}, 2s);
  CHECK(report.reachable);
  CHECK(report.group.empty());
  CHECK(report.group_fault.find("authorization") != std::string::npos);
}
