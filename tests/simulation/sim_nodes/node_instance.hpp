#pragma once
// One worker node in a simulated world.

#include "tests/simulation/sim_service/service_instance.hpp"

#include <memory>
#include <string>

namespace mp::sim {

/// As service_instance, for the process that has a model host and no Kafka.
class node_instance {
public:
  node_instance(instance_context around, int number, std::shared_ptr<sim_host> host)
    : around_(around), number_(first_node + number), name_("n" + std::to_string(number)), host_(std::move(host)) {}

  bool running() const { return program_ && program_->alive; }
  bool is_life(std::uint64_t life) const { return running() && static_cast<std::uint64_t>(lives_) == life; }
  int number() const { return number_; }
  const std::string& name() const { return name_; }
  int owner() const { return owner_; }
  process& program() { return *program_; }

  void start();
  void kill();
  void stop();
  void crash_actor();

private:
  service_config configure();
  void ended(const std::shared_ptr<process>& which);

  instance_context around_;
  int number_;
  std::string name_;
  std::shared_ptr<sim_host> host_;
  int lives_ = 0;
  int owner_ = -1;
  std::shared_ptr<process> program_;
  std::shared_ptr<actor_directory> directory_;
  supervisor_actor root_;
};

} // namespace mp::sim
