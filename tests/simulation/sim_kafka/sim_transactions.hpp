#pragma once
// A transaction_port over the simulated broker.

#include "actors/producer/transaction_port.hpp"
#include "tests/simulation/sim_kafka/broker.hpp"

#include <memory>
#include <string>

namespace mp::sim {

class sim_transactions final : public transaction_port {
public:
  sim_transactions(broker& kafka, std::shared_ptr<process> owner, std::string transactional_id);
  ~sim_transactions() override;

  void open(event_callback on_event) override;
  void run(transaction what) override;

  /// What outlives the port: the transaction under way.
  struct client;

private:
  std::shared_ptr<client> client_;
};

} // namespace mp::sim
