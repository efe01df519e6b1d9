#pragma once
// One worker node in a simulated world.

#include "tests/simulation/sim_service/sim_program.hpp"

#include <memory>
#include <string>

namespace mp::sim {

/// The process that has a model host and no Kafka.
class node_instance final : public sim_program {
public:
  node_instance(instance_context around, int number, std::shared_ptr<sim_host> host)
    : sim_program(around, first_node + number, "node n" + std::to_string(number), "n" + std::to_string(number)),
      host_(std::move(host)) {}

  bool is_life(std::uint64_t life) const { return running() && static_cast<std::uint64_t>(lives_) == life; }

  void crash_actor();

private:
  supervisor_spec tree() override { return worker_tree(configure()); }
  caf::actor drained() const override;
  service_config configure() const;

  std::shared_ptr<sim_host> host_;
};

} // namespace mp::sim
