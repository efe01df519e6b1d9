#pragma once
// One instance of the service in a simulated world.

#include "tests/simulation/sim_service/sim_program.hpp"

#include <string>
#include <string_view>

namespace mp::sim {

class service_instance final : public sim_program {
public:
  service_instance(instance_context around, int number)
    : sim_program(around, number, "instance " + std::to_string(number), name_of(number)) {}

  /// Kills some actor. False: there is none of that kind.
  bool crash_actor();
  bool crash_supervisor();
  bool crash_actor(std::string_view name);

  /// Lets some actor stand still for a while.
  void hold_actor(duration time);

  /// One of its actors is about to handle a message.
  void look_at(caf::scheduled_actor& next);

  /// In the network of worker nodes.
  static std::string name_of(int number) { return "r" + std::to_string(number); }

  /// Where worker nodes ask to join; null while it is down, or takes none.
  caf::strong_actor_ptr entrance() const { return running() ? entrance_ : nullptr; }

private:
  supervisor_spec tree() override { return service_tree(configure()); }
  void started() override;
  void gone() override;
  caf::actor drained() const override;
  service_config configure() const;
  caller caller_for(const origin& from) const;
  bool crash(bool supervisors);

  caf::strong_actor_ptr entrance_;
};

} // namespace mp::sim
