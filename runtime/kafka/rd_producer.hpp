#pragma once
// producer_port over librdkafka: idempotent, event driven, without a thread of its own and without a blocking call.

#include "actors/producer/producer_port.hpp"
#include "runtime/kafka/belled_queue.hpp"
#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_produce.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace mp {

class rd_producer final : public producer_port {
public:
  explicit rd_producer(producer_options options);
  ~rd_producer() override;

  void open(bell ring) override;
  send_result send(const outgoing& record, std::uint64_t token) override;
  bool poll(std::vector<delivery>& deliveries, std::string& reason) override;

private:
  void take_deliveries(rd_kafka_event_t* event, std::vector<delivery>& deliveries);
  void take_error(rd_kafka_event_t* event);

  producer_options options_;
  rd::handle_ptr handle_; ///< first, so that all that belongs to it is freed before it
  rd::topic_array topics_;
  std::unique_ptr<rd::belled_queue> queue_;
  std::vector<delivery> refused_; ///< accepted here, but then refused by librdkafka for a reason that may pass
  std::size_t in_queue_ = 0;      ///< accepted by librdkafka and not delivered
  std::string broken_;            ///< why this client can do nothing any more
};

} // namespace mp
