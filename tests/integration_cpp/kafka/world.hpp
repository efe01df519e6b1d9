#pragma once
// A broker and what tests put into it.

#include "runtime/demo/embedded_broker.hpp"
#include "runtime/kafka/rd_consumer.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mp {

/// Kafka's numbers of requests (protocol guide, "Api Keys").
enum class api_key : std::int16_t {
  produce = 0,
  metadata = 3,
  offset_commit = 8,
  offset_fetch = 9,
  heartbeat = 12,
  init_producer_id = 22,
  add_offsets_to_txn = 25,
  end_txn = 26,
  txn_offset_commit = 28
};

/// One broker with the topic "requests"; nothing of librdkafka is left when it ends.
struct kafka_world {
  explicit kafka_world(int partitions = 4) : broker({{"requests", partitions}, {"replies", 2}}) {}

  ~kafka_world() {
    if (!kafka::background()->wait(std::chrono::seconds{20}))
      std::abort(); // a handle that hangs
  }

  kafka::consumer_options options(const std::string& group = "group") const {
    kafka::consumer_options o;
    o.bootstrap = broker.bootstrap();
    o.topic = "requests";
    o.group = group;
    o.properties = embedded_broker::consumer_properties();
    return o;
  }

  /// For two members in a group. The broker waits for the others to join for the session time less a second;
  /// librdkafka looks at its heartbeats every 500 ms, so with the usual 1,500 ms somebody is late now and then and is
  /// put out.
  kafka::consumer_options options_for_two() const {
    auto o = options();
    o.properties.emplace_back("session.timeout.ms", "2500");
    return o;
  }

  /// Stores records and waits until they are. Key "k<i>", body `body(i)`, partition i modulo the number of partitions.
  /// `more`: further properties of the producer.
  void fill(int count, const std::function<std::string(int)>& body, int partitions = 4,
            const kafka::property_list& more = {}) {
    kafka::property_list properties{
      {"bootstrap.servers", broker.bootstrap()}, {"linger.ms", "1"}, {"message.max.bytes", "8000000"}};
    properties.insert(properties.end(), more.begin(), more.end());
    const kafka::blocking_handle_ptr handle{kafka::make_handle(RD_KAFKA_PRODUCER, kafka::make_conf(properties, {}, 0))};
    for (int i = 0; i < count; ++i) {
      const auto key = "k" + std::to_string(i);
      auto text = body(i);
      const auto code =
        rd_kafka_producev(handle.get(), RD_KAFKA_V_TOPIC("requests"), RD_KAFKA_V_PARTITION(i % partitions),
                          RD_KAFKA_V_KEY(key.data(), key.size()), RD_KAFKA_V_VALUE(text.data(), text.size()),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_BLOCK), RD_KAFKA_V_END);
      if (code)
        throw std::runtime_error(rd_kafka_err2str(code));
    }
    if (rd_kafka_flush(handle.get(), 20000))
      throw std::runtime_error("the embedded broker does not store");
  }

  void fill(int count, int partitions = 4) {
    fill(count, [](int i) { return "body " + std::to_string(i); }, partitions);
  }

  /// The next request of this kind is answered with an error, and so are `more` after it.
  void refuse(api_key request, rd_kafka_resp_err_t code, int more = 0) {
    for (int i = 0; i <= more; ++i)
      rd_kafka_mock_push_request_errors(broker.cluster(), static_cast<std::int16_t>(request), 1, code);
  }

  /// The next request of this kind is answered so much later. Comes before what refuse() has left for it.
  void delay(api_key request, std::chrono::milliseconds by, rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR_NO_ERROR) {
    rd_kafka_mock_broker_push_request_error_rtts(broker.cluster(), 1, static_cast<std::int16_t>(request), 1, code,
                                                 static_cast<int>(by.count()));
  }

  embedded_broker broker;
};

using place = std::pair<std::int32_t, std::int64_t>;

/// Partition and offset of each record.
template <class Records>
std::vector<place> places(const Records& records) {
  std::vector<place> all;
  for (const auto& each : records)
    all.emplace_back(each.partition, each.offset);
  return all;
}

template <class Records>
std::set<place> distinct_places(const Records& records) {
  const auto all = places(records);
  return {all.begin(), all.end()};
}

} // namespace mp
