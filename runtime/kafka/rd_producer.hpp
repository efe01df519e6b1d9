#pragma once
// producer_port over librdkafka: idempotent, event driven, without a thread of its own and without a blocking call.

#include "actors/producer/producer_port.hpp"
#include "runtime/kafka/notifying_queue.hpp"
#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_produce.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace mp::kafka {

/// Kafka takes or refuses whole batches, and does not always say which record is to blame (MESSAGE_TOO_LARGE is about
/// the batch). So a record of a batch that was refused for what may be one record's fault is sent again by a second
/// client that makes batches of one, and its answer counts: neighbours arrive, and nothing is said of a record that was
/// not seen for it alone.
class rd_producer final : public producer_port {
public:
  explicit rd_producer(producer_options options);
  ~rd_producer() override;

  void open(notifier notify) override;
  send_result send(const outgoing& record, std::uint64_t token) override;
  bool poll(std::vector<delivery>& deliveries, std::string& reason) override;

private:
  /// One client of librdkafka.
  struct client {
    handle_ptr handle; ///< first, so that all that belongs to it is freed before it
    topic_array topics;
    std::unique_ptr<notifying_queue> queue;
    std::size_t in_queue = 0; ///< taken by librdkafka and not delivered
  };

  void open(client& which, conf_ptr conf);
  void poll(client& which, std::vector<delivery>& deliveries);
  void take_deliveries(client& which, rd_kafka_event_t* event, std::vector<delivery>& deliveries);
  void take_error(client& which, rd_kafka_event_t* event);
  /// Sends a record that was refused in a batch once more. False: that is not possible now.
  bool send_alone(const rd_kafka_message_t& message);

  producer_options options_;
  notifier notify_;
  client main_;
  client alone_; ///< each batch holds one record; opened when the first batch is refused
  std::vector<delivery> refused_; ///< accepted here, but then not taken by librdkafka
  std::string broken_; ///< why this client can do nothing any more
};

} // namespace mp::kafka
