#define CAF_SUITE rd_producer
#include "tests/support/test.hpp"

#include "runtime/kafka/rd_producer.hpp"
#include "tests/integration_cpp/kafka/member.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace mp;
using namespace std::chrono_literals;

namespace {

/// Drives a producer_port as the producer does, woken by nothing but its notifications.
struct sender {
  sender(const kafka_world& world, kafka::property_list properties = {})
    : port(std::make_unique<kafka::rd_producer>(
        kafka::producer_options{world.broker.bootstrap(), "requests", "replies", "replies", std::move(properties)})) {
    port->open([this] { notifications.notify(0); });
  }

  /// Waits for a notification, then polls.
  bool wait(std::chrono::milliseconds limit = 20s) {
    if (!notifications.next(std::chrono::steady_clock::now() + limit))
      return false;
    usable = port->poll(delivered, reason);
    return true;
  }

  bool wait_for(std::size_t deliveries, std::chrono::milliseconds limit = 20s) {
    while (delivered.size() < deliveries && wait(limit)) {
    }
    return delivered.size() >= deliveries;
  }

  notification_queue notifications; // before the port: it outlives it
  std::unique_ptr<kafka::rd_producer> port;
  std::vector<delivery> delivered;
  std::string reason;
  bool usable = true;
};

outgoing reply(std::string body) { return {destination::text_reply, "k", std::move(body), {}}; }

} // namespace

TEST_CASE(
  "a producer notifies when it is opened, for an event that came before its callback and would silence it for good") {
  kafka_world world;
  sender s{world};
  CHECK(s.wait(0ms));
}

TEST_CASE("a full queue is gone on with after the next deliveries, and each token comes back exactly once") {
  kafka_world world;
  sender s{world, {{"queue.buffering.max.messages", "100"}}};
  constexpr std::uint64_t count = 5000;
  std::size_t full = 0;
  for (std::uint64_t token = 0; token < count;) {
    switch (s.port->send(reply("body " + std::to_string(token)), token)) {
      case send_result::accepted: ++token; break;
      case send_result::full:
        ++full;
        REQUIRE(s.wait());
        break;
      default: FAIL("refused");
    }
  }
  REQUIRE(s.wait_for(count));
  CHECK_GT(full, 0u);
  CHECK_EQ(s.delivered.size(), count);
  std::set<std::uint64_t> tokens;
  for (const auto& each : s.delivered) {
    CHECK(each.result == delivery_result::acknowledged);
    tokens.insert(each.token);
  }
  CHECK_EQ(tokens.size(), count);
}

TEST_CASE("key, body and headers are stored as given, each destination in its topic") {
  kafka_world world;
  sender s{world};
  const std::vector<name_and_text> headers{{"traceparent", "1"}, {"tracestate", ""}, {"traceparent", "2"}};
  const std::string zeros("a\0b", 3);
  REQUIRE(s.port->send({destination::photo_reply, zeros, zeros, headers}, 1) == send_result::accepted);
  REQUIRE(s.port->send({destination::dead_letter, "", "", {}}, 2) == send_result::accepted);
  REQUIRE(s.wait_for(2));
  member requests{world.options()};
  REQUIRE(requests.run_ticking_until([&] { return requests.got.size() == 1; }));
  CHECK(requests.got[0].key == zeros);
  CHECK(*requests.got[0].body == zeros);
  CHECK(requests.got[0].headers == headers);
  auto options = world.options();
  options.topic = "replies";
  member replies{options};
  REQUIRE(replies.run_ticking_until([&] { return replies.got.size() == 1; }));
  CHECK(replies.got[0].key.empty());
  CHECK(replies.got[0].body->empty());
}

TEST_CASE("keys land in the partitions where the Java clients put them") {
  kafka_world world;
  sender s{world};
  // The hashes are those of Kafka's own UtilsTest.
  const std::map<std::string, std::int32_t> hashes{{"21", -973932308},
                                                   {"foobar", -790332482},
                                                   {"a-little-bit-long-string", -985981536},
                                                   {"a-little-bit-longer-string", -1486304829}};
  std::uint64_t token = 0;
  for (const auto& [key, hash] : hashes)
    REQUIRE(s.port->send({destination::photo_reply, key, "x", {}}, ++token) == send_result::accepted);
  REQUIRE(s.wait_for(hashes.size()));
  member m{world.options()};
  REQUIRE(m.run_ticking_until([&] { return m.got.size() == hashes.size(); }));
  for (const auto& each : m.got)
    CHECK_EQ(each.partition, (hashes.at(each.key) & 0x7fffffff) % 4);
}

TEST_CASE("a record above message.max.bytes can never be sent") {
  kafka_world world;
  sender s{world};
  CHECK(s.port->send(reply(std::string(17 << 20, 'x')), 1) == send_result::too_large);
  CHECK(s.port->send(reply(std::string(4 << 20, 'x')), 2) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  CHECK_EQ(s.delivered[0].token, 2u);
}

TEST_CASE("a record above the whole queue is too large and not a reason to wait") {
  kafka_world world;
  sender s{world, {{"queue.buffering.max.kbytes", "1024"}}};
  CHECK(s.port->send(reply(std::string(2 << 20, 'x')), 1) == send_result::too_large);
  CHECK(s.port->send(reply("small"), 2) == send_result::accepted);
  CHECK(s.wait_for(1));
}

TEST_CASE("a record whose size the broker refuses is sent alone, and is too large when it is refused again") {
  kafka_world world;
  sender s{world};
  REQUIRE(s.port->send(reply("first"), 1) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, 2);
  REQUIRE(s.port->send(reply("second"), 2) == send_result::accepted);
  REQUIRE(s.wait_for(2));
  CHECK(s.delivered[1].result == delivery_result::too_large);
  CHECK_EQ(s.delivered[1].code, "MSG_SIZE_TOO_LARGE");
  REQUIRE(s.port->send(reply("third"), 3) == send_result::accepted);
  REQUIRE(s.wait_for(3));
  CHECK(s.delivered[2].result == delivery_result::acknowledged);
  CHECK(s.usable);
}

TEST_CASE("a batch that is refused for what may be one record's fault is sent again record by record") {
  for (auto code :
       {RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, RD_KAFKA_RESP_ERR_INVALID_RECORD, RD_KAFKA_RESP_ERR_POLICY_VIOLATION}) {
    kafka_world world;
    sender s{world, {{"linger.ms", "100"}}};
    world.refuse(api_key::produce, code);
    for (std::uint64_t token = 1; token <= 20; ++token)
      REQUIRE(s.port->send(outgoing{destination::text_reply, "one key", "body", {{"a", "header"}}}, token)
              == send_result::accepted);
    REQUIRE(s.wait_for(20));
    for (const auto& each : s.delivered)
      CHECK(each.result == delivery_result::acknowledged);
    CHECK(s.usable);
  }
}

TEST_CASE("what a topic refuses from everybody is told at once, with Kafka's name for it") {
  kafka_world world;
  sender s{world};
  world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  REQUIRE(s.port->send(reply("x"), 1) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  CHECK(s.delivered[0].result == delivery_result::topic_refuses);
  CHECK_EQ(s.delivered[0].code, "TOPIC_AUTHORIZATION_FAILED");
}

TEST_CASE("a refusal that may pass is sent again by itself") {
  kafka_world world;
  sender s{world};
  world.refuse(api_key::produce, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, 2);
  REQUIRE(s.port->send(reply("x"), 1) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  CHECK(s.delivered[0].result == delivery_result::acknowledged);
}

TEST_CASE("a broker that is away fails deliveries in time, and the same client goes on when it is back") {
  kafka_world world;
  sender s{world, {{"delivery.timeout.ms", "300"}, {"reconnect.backoff.max.ms", "100"}}};
  REQUIRE(s.port->send(reply("x"), 1) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  rd_kafka_mock_broker_set_down(world.broker.cluster(), 1);
  REQUIRE(s.port->send(reply("x"), 2) == send_result::accepted);
  REQUIRE(s.wait_for(2));
  CHECK(s.delivered[1].result == delivery_result::failed);
  CHECK(s.usable);
  rd_kafka_mock_broker_set_up(world.broker.cluster(), 1);
  auto acknowledged = false;
  for (std::uint64_t token = 3; token < 60 && !acknowledged; ++token) { // until it has connected again
    REQUIRE(s.port->send(reply("x"), token) == send_result::accepted);
    REQUIRE(s.wait_for(token));
    acknowledged = s.delivered.back().result == delivery_result::acknowledged;
  }
  CHECK(acknowledged);
}

TEST_CASE("a topic that is not there fails the delivery and not the client") {
  kafka_world world;
  rd_kafka_mock_topic_set_error(world.broker.cluster(), "replies", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  sender s{world, {{"topic.metadata.propagation.max.ms", "0"}}};
  for (std::uint64_t token = 1; token <= 3; ++token) { // the later ones meet a client that knows already
    REQUIRE(s.port->send(reply("x"), token) == send_result::accepted);
    REQUIRE(s.wait_for(token));
    CHECK_EQ(s.delivered.back().token, token);
    CHECK(s.delivered.back().result == delivery_result::topic_refuses);
    CHECK(s.usable);
  }
  CHECK_EQ(s.delivered.size(), 3u);
}

TEST_CASE("a fatal error ends the client, says why, and every accepted record still has its delivery") {
  kafka_world world;
  world.refuse(api_key::init_producer_id, RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED);
  sender s{world};
  REQUIRE(s.port->send(reply("x"), 1) == send_result::accepted);
  while (s.usable || s.delivered.empty())
    REQUIRE(s.wait());
  CHECK_EQ(s.reason, "CLUSTER_AUTHORIZATION_FAILED");
  CHECK_EQ(s.delivered.size(), 1u);
  CHECK(s.delivered[0].result == delivery_result::failed);
  CHECK(s.port->send(reply("x"), 2) == send_result::failed);
}

TEST_CASE("destruction with records that nobody takes is immediate, and no notification comes after it") {
  kafka_world world;
  sender s{world};
  REQUIRE(s.port->send(reply("x"), 1) == send_result::accepted);
  REQUIRE(s.wait_for(1));
  rd_kafka_mock_broker_set_down(world.broker.cluster(), 1);
  for (std::uint64_t token = 2; token < 500; ++token)
    REQUIRE(s.port->send(reply("x"), token) == send_result::accepted);
  const auto began = std::chrono::steady_clock::now();
  s.port.reset();
  CHECK_LT((std::chrono::steady_clock::now() - began) / 1ms, 500);
  const auto before = s.notifications.count();
  REQUIRE(kafka::background()->wait(10s));
  CHECK_EQ(s.notifications.count(), before);
}

TEST_CASE("a topic name that Kafka does not know as a name stops the start") {
  kafka_world world;
  kafka::rd_producer port{
    kafka::producer_options{world.broker.bootstrap(), std::string(600, 't'), "replies", "replies", {}}};
  CHECK_THROWS_AS(port.open([] {}), std::runtime_error);
}
