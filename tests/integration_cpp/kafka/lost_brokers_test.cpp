#define CAF_SUITE lost_brokers
#include "tests/support/test.hpp"

#include "runtime/kafka/lost_brokers.hpp"

#include <string>

using namespace mp;

namespace {

/// The part of a client's statistics that counts, as librdkafka 2.14.2 writes it.
std::string statistics_with(const std::string& source) {
  return R"({ "name": "models-processor#consumer-1", "brokers":{ "x": { "name":"x", "nodeid":1, "nodename":"x", "source":")"
         + source + R"(", "state":"DOWN", "stateage":3} }, "topics":{} })";
}

} // namespace

TEST_CASE("a client is without brokers when its statistics name none but those of coordinators") {
  CHECK(kafka::names_a_broker(statistics_with("learned")));
  CHECK(kafka::names_a_broker(statistics_with("configured")));
  CHECK(!kafka::names_a_broker(statistics_with("logical")));
  CHECK(!kafka::names_a_broker(statistics_with("internal")));
  CHECK(!kafka::names_a_broker(R"({ "name": "models-processor#consumer-1", "brokers":{ }, "topics":{} })"));
}

TEST_CASE("the statistics of a client whose brokers are away name them") {
  auto* conf = rd_kafka_conf_new();
  rd_kafka_conf_set(conf, "bootstrap.servers", "127.0.0.1:1", nullptr, 0);
  rd_kafka_conf_set(conf, "statistics.interval.ms", "10", nullptr, 0);
  rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_STATS | RD_KAFKA_EVENT_ERROR);
  const kafka::blocking_handle_ptr client{rd_kafka_new(RD_KAFKA_PRODUCER, conf, nullptr, 0)};
  REQUIRE(client != nullptr);
  const kafka::queue_ptr events{rd_kafka_queue_get_main(client.get())};
  for (int looked = 0; looked < 3;) {
    const kafka::event_ptr event{rd_kafka_queue_poll(events.get(), 5000)};
    REQUIRE(event != nullptr);
    if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_STATS)
      continue;
    CHECK(kafka::names_a_broker(rd_kafka_event_stats(event.get())));
    ++looked;
  }
}
