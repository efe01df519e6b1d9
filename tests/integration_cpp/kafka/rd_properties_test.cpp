#define CAF_SUITE rd_properties
#include "tests/support/test.hpp"

#include "runtime/kafka/consumer_options.hpp"
#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <array>
#include <stdexcept>

using namespace mp;

namespace {

std::string value_of(const kafka::conf_ptr& conf, const char* name) {
  std::array<char, 256> value{};
  auto size = value.size();
  REQUIRE(rd_kafka_conf_get(conf.get(), name, value.data(), &size) == RD_KAFKA_CONF_OK);
  return value.data();
}

kafka::consumer_options reader() {
  kafka::consumer_options options;
  options.bootstrap = "localhost:9092";
  options.topic = "requests";
  options.group = "group";
  return options;
}

} // namespace

TEST_CASE("a property of a user wins over ours") {
  auto options = reader();
  CHECK_EQ(value_of(kafka::consumer_conf(options), "fetch.wait.max.ms"), "50");
  options.properties = {{"fetch.wait.max.ms", "7"}, {"auto.offset.reset", "latest"}};
  const auto conf = kafka::consumer_conf(options);
  CHECK_EQ(value_of(conf, "fetch.wait.max.ms"), "7");
  CHECK_EQ(kafka::start_without_commit(conf.get()), RD_KAFKA_OFFSET_END);
  const auto producer = kafka::producer_conf({"localhost:9092", "a", "b", "c", {{"message.timeout.ms", "5000"}}});
  CHECK_EQ(value_of(producer, "delivery.timeout.ms"), "5000"); // another name for the same
}

TEST_CASE("where reading begins without a commit follows auto.offset.reset") {
  auto options = reader();
  CHECK_EQ(kafka::start_without_commit(kafka::consumer_conf(options).get()), RD_KAFKA_OFFSET_BEGINNING);
  options.properties = {{"auto.offset.reset", "error"}};
  CHECK_EQ(kafka::start_without_commit(kafka::consumer_conf(options).get()), RD_KAFKA_OFFSET_INVALID);
}

TEST_CASE("the prefetch budget is divided by the partitions, half for the queue and half for a fetch") {
  auto options = reader();
  options.prefetch_bytes = 32u << 20;
  options.partitions_expected = 4;
  const auto conf = kafka::consumer_conf(options);
  CHECK_EQ(value_of(conf, "queued.max.messages.kbytes"), "4096");
  CHECK_EQ(value_of(conf, "fetch.message.max.bytes"), "4194304");
  CHECK_EQ(value_of(conf, "fetch.max.bytes"), "16777216");
}

TEST_CASE("a message.max.bytes for the producer does not stop the reader") {
  auto options = reader();
  options.properties = {{"message.max.bytes", "50000000"}};
  const kafka::blocking_handle_ptr handle{kafka::make_handle(RD_KAFKA_CONSUMER, kafka::consumer_conf(options))};
  CHECK(handle != nullptr);
}

TEST_CASE("properties that contradict each other stop the start") {
  auto options = reader();
  options.properties = {{"session.timeout.ms", "90000"}, {"max.poll.interval.ms", "60000"}};
  CHECK_THROWS_AS(kafka::make_handle(RD_KAFKA_CONSUMER, kafka::consumer_conf(options)), std::runtime_error);
}
