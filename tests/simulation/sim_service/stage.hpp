#pragma once
// The actors of a simulated world on CAF's test scheduler: one message at a time, of an actor chosen by chance.

#include "tests/simulation/sim_context.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace mp::sim {

class stage {
public:
  stage();
  ~stage();

  caf::actor_system& system() { return *system_; }
  caf::detail::test_actor_clock& clock() { return scheduler_->clock(); }

  /// Actors that have been started from outside since the last call are this owner's, and so are all that they start.
  void adopt(int owner) { look_at_new_jobs(0, owner); }

  /// Who comes next of those that have messages.
  enum class order : std::uint8_t {
    any, ///< each may be the next
    ranked, ///< some are always before others, until the ranks change
    queued, ///< in the order in which they became ready, as a single thread would do it
  };
  void set_order(order how) { how_ = how; }

  /// Handles one message of some actor. The order between two actors is kept, every other order is possible.
  /// False: no message waits, or only with actors that stand still.
  bool step(chance& rng);

  /// An actor, or all of an owner, handles nothing until then: its thread is not given any time.
  void hold_actor(caf::actor_id who, time_point until) { held_actors_[who] = until; }
  void hold_owner(int owner, time_point until) { held_owners_[owner] = until; }
  void release_all() { held_actors_.clear(), held_owners_.clear(); }

  /// Called before each message with the actor that gets it.
  std::function<void(caf::scheduled_actor& next, int owner)> before_step;

  std::optional<time_point> next_timer() const;

  struct member {
    std::string name;
    caf::weak_actor_ptr actor;
  };

  /// The living actors of an owner, in the order of their start.
  std::vector<member> living(int owner);

  /// Ends all actors of an owner at once: none of them handles another message.
  void end_all(int owner);

  /// The owner of the actor whose message is being handled; 0: none is.
  int current_owner() const { return current_; }

  std::uint64_t steps() const { return steps_; }

  /// Depends on every message's receiver and time.
  std::uint64_t trace() const { return trace_; }

private:
  void look_at_new_jobs(std::size_t from, int owner);
  int owner_of(caf::actor_id who) const;
  bool is_held(caf::resumable* job) const;
  std::size_t choose(chance& rng);

  struct testing_config : caf::actor_system_config {
    testing_config() { set("caf.scheduler.policy", "testing"); }
  };
  testing_config config_;
  std::unique_ptr<caf::actor_system> system_;
  caf::scheduler::test_coordinator* scheduler_;
  std::unordered_map<caf::actor_id, int> owners_;
  std::unordered_map<int, std::vector<member>> cast_;
  std::unordered_map<caf::actor_id, time_point> held_actors_;
  std::unordered_map<int, time_point> held_owners_;
  order how_ = order::any;
  std::uint64_t ranking_ = 0; ///< makes the ranks
  int current_ = 0;
  std::uint64_t steps_ = 0;
  std::uint64_t trace_ = 0;
};

} // namespace mp::sim
