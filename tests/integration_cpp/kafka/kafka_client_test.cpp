#define CAF_SUITE kafka_client
#include "tests/support/test.hpp"

#include "runtime/kafka/kafka_client.hpp"
#include "tests/integration_cpp/kafka/world.hpp"

using namespace mp;
using namespace std::chrono_literals;

namespace {

kafka::client_options options_for(const kafka_world& world) {
  return {world.broker.bootstrap(), "requests", {"replies", "other-replies"}, {}};
}

/// Stores a reply as the service would.
void answer(const kafka_world& world, const std::string& topic, const std::string& key, const std::string& body) {
  kafka::kafka_client service{{world.broker.bootstrap(), topic, {}, {}}, 10s};
  CHECK(!service.publish({key, body, {{"model", "m"}}}, 10s));
}

} // namespace

TEST_CASE("the reply with the same key is found, whatever else is stored and whichever topic it comes on") {
  kafka_world world;
  answer(world, "replies", "a", "old reply of an earlier question");
  kafka::kafka_client client{options_for(world), 10s};
  REQUIRE(!client.publish({"a", "question", {}}, 10s));
  answer(world, "replies", "b", "of somebody else");
  answer(world, "other-replies", "a", "the reply");
  const auto outcome = client.wait_for("a", 10s);
  const auto* reply = std::get_if<kafka::client_reply>(&outcome);
  REQUIRE(reply != nullptr);
  CHECK_EQ(reply->topic, "other-replies");
  CHECK_EQ(reply->body, "the reply");
  const std::vector<name_and_text> headers{{"model", "m"}};
  CHECK(reply->headers == headers);
}

TEST_CASE("replies to several questions are kept for their turn") {
  kafka_world world;
  kafka::kafka_client client{options_for(world), 10s};
  for (const auto* key : {"a", "b", "c"})
    REQUIRE(!client.publish({key, "question", {}}, 10s));
  for (const auto* key : {"c", "a", "b"})
    answer(world, "replies", key, std::string{"to "} + key);
  for (const auto* key : {"a", "b", "c"}) {
    const auto outcome = client.wait_for(key, 10s);
    const auto* reply = std::get_if<kafka::client_reply>(&outcome);
    REQUIRE(reply != nullptr);
    CHECK_EQ(reply->body, std::string{"to "} + key);
  }
}

TEST_CASE("a question without a reply ends in time and says that it timed out") {
  kafka_world world;
  kafka::kafka_client client{options_for(world), 10s};
  const auto outcome = client.ask({"a", "question", {}}, 500ms);
  const auto* failure = std::get_if<kafka::client_failure>(&outcome);
  REQUIRE(failure != nullptr);
  CHECK(failure->timed_out);
  CHECK_EQ(failure->reason, "no reply in time");
}

TEST_CASE("a question that is too large is refused at once") {
  kafka_world world;
  kafka::kafka_client client{options_for(world), 10s};
  const auto failure = client.publish({"a", std::string(17 << 20, 'x'), {}}, 10s);
  REQUIRE(failure.has_value());
  CHECK(!failure->timed_out);
}

TEST_CASE("a reply topic that does not exist is named, although another is read already") {
  kafka_world world;
  rd_kafka_mock_topic_set_error(world.broker.cluster(), "other-replies", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  try {
    kafka::kafka_client client{options_for(world), 10s};
    FAIL("reads what does not exist");
  } catch (const std::runtime_error& error) {
    CHECK(std::string{error.what()}.find("other-replies") != std::string::npos);
    CHECK(std::string{error.what()}.find("Unknown topic") != std::string::npos);
  }
}

TEST_CASE("a broker that refuses connections is named as the reason") {
  kafka_world world; // its end waits for the background threads
  try {
    kafka::kafka_client client{{"127.0.0.1:1", "requests", {"replies"}, {}}, 1500ms};
    FAIL("connected to nothing");
  } catch (const std::runtime_error& error) {
    CHECK(std::string{error.what()}.find("Connection refused") != std::string::npos);
  }
}
