#include "runtime/demo/embedded_broker.hpp"

#include <chrono>
#include <stdexcept>
#include <thread>

namespace mp {

namespace {

/// The cluster's thread reads its wake-up pipe after it has served an order, so the wake-up for an order that comes
/// in between is lost and that order waits for a second (seen with librdkafka 2.14.2 nearly every time;
/// rd_kafka_mock_cluster_io_poll). A moment between two orders lets it read first.
void let_the_order_end() { std::this_thread::sleep_for(std::chrono::milliseconds{2}); }

rd_kafka_t* make_host() {
  // log_level 4: the handle itself connects to nothing and would say so.
  const kafka::property_list properties{{"client.id", "embedded-broker"}, {"log_level", "4"}};
  return kafka::make_handle(RD_KAFKA_PRODUCER, kafka::make_conf(properties, {}, 0));
}

} // namespace

embedded_broker::embedded_broker(const std::vector<topic>& topics)
  : host_(make_host()), cluster_(rd_kafka_mock_cluster_new(host_.get(), 1)) {
  if (!cluster_)
    throw std::runtime_error("the embedded Kafka broker cannot be started: no loopback port");
  for (const auto& each : topics) {
    const auto code = rd_kafka_mock_topic_create(cluster_.get(), each.name.c_str(), each.partitions, 1);
    let_the_order_end();
    if (code)
      throw std::runtime_error("embedded Kafka broker, topic " + each.name + ": " + rd_kafka_err2str(code));
  }
  rd_kafka_mock_group_initial_rebalance_delay_ms(cluster_.get(), 0); // by default the first member waits 3 s
  let_the_order_end();
}

std::string embedded_broker::bootstrap() const { return rd_kafka_mock_cluster_bootstraps(cluster_.get()); }

kafka::property_list embedded_broker::consumer_properties() {
  return {{"session.timeout.ms", "1500"}, {"heartbeat.interval.ms", "300"}, {"fetch.wait.max.ms", "20"}};
}

} // namespace mp
