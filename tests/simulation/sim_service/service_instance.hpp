#pragma once
// One instance of the service in a simulated world.

#include "actors/service_tree.hpp"
#include "tests/simulation/profile.hpp"
#include "tests/simulation/sim_nodes/links.hpp"
#include "tests/simulation/sim_service/stage.hpp"

#include <memory>
#include <string>
#include <vector>

namespace mp::sim {

/// Processes have room for this many lives; owners of actors are numbered through.
inline constexpr int lives_max = 100'000;

/// The parts of the world that instances share.
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

/// A program that is started, stopped and killed over and over. Each life has its own process, directory and tree.
class service_instance {
public:
  service_instance(instance_context around, int number) : around_(around), number_(number) {}

  bool running() const { return program_ && program_->alive; }
  process& program() { return *program_; }

  void start();

  /// As by SIGKILL: from now on it does nothing more, to the world or in itself.
  void kill();

  /// As by SIGTERM (runtime/node/service.cpp): drains, ends, or ends when the time for it is over.
  void stop();

  /// Kills some actor. False: there is none of that kind.
  bool crash_actor();
  bool crash_supervisor();
  bool crash_actor(std::string_view name);

  /// Lets some actor stand still for a while.
  void hold_actor(duration time);

  /// One of its actors is about to handle a message.
  void look_at(caf::scheduled_actor& next);

  int owner() const { return owner_; }
  int number() const { return number_; }

  /// In the network of worker nodes.
  static std::string name_of(int number) { return "r" + std::to_string(number); }

  /// Where worker nodes ask to join; null while it is down, or takes none.
  caf::strong_actor_ptr entrance() const { return running() ? entrance_ : nullptr; }

private:
  service_config configure();
  caller caller_for(const origin& from) const;
  void ended(const std::shared_ptr<process>& which);
  bool crash(bool supervisors);

  instance_context around_;
  int number_;
  int lives_ = 0;
  int owner_ = -1;
  std::shared_ptr<process> program_;
  std::shared_ptr<actor_directory> directory_;
  supervisor_actor root_;
  caf::strong_actor_ptr entrance_;
};

} // namespace mp::sim
