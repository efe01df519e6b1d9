#pragma once
// An idempotent producer_port over the simulated reply topics.

#include "actors/producer/producer_port.hpp"
#include "tests/simulation/sim_kafka/broker.hpp"

#include <map>
#include <memory>

namespace mp::sim {

class sim_producer final : public producer_port {
public:
  sim_producer(broker& kafka, std::shared_ptr<process> owner);
  ~sim_producer() override;

  void open(notifier notify) override;
  send_result send(const outgoing& record, std::uint64_t token) override;
  bool poll(std::vector<delivery>& deliveries, std::string& reason) override;

  /// What outlives the port: the records under way.
  struct client;

private:
  std::shared_ptr<client> client_;
};

} // namespace mp::sim
