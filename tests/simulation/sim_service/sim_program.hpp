#pragma once
// A process in a simulated world: a service instance or a worker node.

#include "actors/service_tree.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/profile.hpp"
#include "tests/simulation/sim_nodes/links.hpp"
#include "tests/simulation/sim_service/stage.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mp::sim {

/// Processes have room for this many lives; owners of actors are numbered through.
inline constexpr int lives_max = 100'000;

/// The parts of the world that its processes share.
struct instance_context {
  sim_context& world;
  oracle& judge;
  stage& actors;
  broker& kafka;
  std::vector<std::shared_ptr<sim_host>>& hosts;
  std::shared_ptr<mp::metrics> metrics;
  const profile& plan;
  bool exactly_once = false;
  links& network;
};

/// For the service's settings, which know no shorter time.
std::chrono::milliseconds ms(duration time);

/// It is started, stopped and killed over and over. Each life has its own process, directory and tree.
class sim_program {
public:
  /// `number`: as the oracle knows it; `label`: for traces; `name`: in the network of worker nodes.
  sim_program(instance_context around, int number, std::string label, std::string name)
    : around_(around), number_(number), label_(std::move(label)), name_(std::move(name)) {}
  virtual ~sim_program() = default;
  sim_program(const sim_program&) = delete;
  sim_program& operator=(const sim_program&) = delete;

  bool running() const { return program_ && program_->alive; }
  process& program() { return *program_; }
  int number() const { return number_; }
  int owner() const { return owner_; }
  const std::string& name() const { return name_; }

  void start();

  /// As by SIGKILL: from now on it does nothing more, to the world or in itself.
  void kill();

  /// As by SIGTERM (runtime/node/service.cpp): drains, ends, or ends when the time for it is over.
  void stop();

protected:
  /// What a life begins with, when program_ and directory_ are new.
  virtual supervisor_spec tree() = 0;
  virtual void started() {}
  virtual void gone() {}
  /// What drains, or null.
  virtual caf::actor drained() const = 0;

  /// Kills some actor that fits. False: there is none.
  bool crash_some(const std::function<bool(const stage::member&)>& fits);

  /// What both kinds are configured alike.
  service_config configure_alike() const;
  worker_config configure_worker(const sim_host& host) const;

  instance_context around_;
  int number_;
  int lives_ = 0;
  int owner_ = -1;
  std::shared_ptr<process> program_;
  std::shared_ptr<actor_directory> directory_;

private:
  void ended(const std::shared_ptr<process>& which);

  std::string label_;
  std::string name_;
  supervisor_actor root_;
};

} // namespace mp::sim
