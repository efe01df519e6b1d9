#include "actors/node_link/remote_worker.hpp"

#include "actors/crash.hpp"

#include <caf/local_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace mp {
namespace {

struct remote_worker_state {
  static inline const char* name = "remote_worker";

  enum class slot : std::uint8_t {
    elsewhere, ///< not offered
    offered,   ///< the dispatcher may use it
    in_use,
  };

  remote_worker_actor::pointer self;
  remote_worker_config config;
  dispatcher_actor dispatcher;
  slot state = slot::elsewhere;
  bool is_recalled = false; ///< offered: the node wants it back
  assignment work; ///< in_use

  remote_worker_state(remote_worker_actor::pointer ptr, remote_worker_config given)
    : self(ptr), config(std::move(given)) {}

  remote_worker_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    self->set_down_handler([this](const caf::down_msg& message) { self->quit(message.reason); });
    self->monitor(config.nodes);
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(remote_worker_actor{self}));
    return {
      [this](const dispatcher_started& message) { on_dispatcher_started(message.dispatcher); },
      [this](slot_offered) { on_offered(); },
      [this](slot_recalled) { on_recalled(); },
      [this](const assignment& given) { on_assignment(given); },
      [this](const cancel_call& which) {
        if (state == slot::in_use && work.ticket == which.ticket)
          self->send(config.nodes, which);
      },
      [this](const call_result& result) { on_result(result); },
    };
  }

  /// What it works on is the old dispatcher's: worker_nodes releases it, so that the new one can adopt it.
  void on_dispatcher_started(const dispatcher_actor& present) {
    dispatcher = present;
    if (state == slot::in_use)
      state = slot::elsewhere;
    self->send(dispatcher, worker_started{worker_actor{remote_worker_actor{self}}, config.host, true});
    if (state == slot::offered && is_recalled)
      give_back();
    else if (state == slot::offered)
      self->send(dispatcher, work_demand{});
  }

  void on_offered() {
    state = slot::offered;
    is_recalled = false;
    if (dispatcher)
      self->send(dispatcher, work_demand{});
  }

  /// An assignment may be on its way: then the dispatcher says that it is late, and the assignment comes before that.
  void on_recalled() {
    if (state != slot::offered)
      return;
    is_recalled = true;
    if (!dispatcher) {
      give_back();
      return;
    }
    self->request(dispatcher, caf::infinite, demand_withdrawn{})
      .then(
        [this](bool was_free) {
          if (was_free && state == slot::offered)
            give_back();
        },
        [](const caf::error&) {}); // its successor comes
  }

  void give_back() {
    state = slot::elsewhere;
    self->send(config.nodes, slot_returned{});
  }

  void on_assignment(const assignment& given) {
    require(state == slot::offered, "assignment without demand");
    state = slot::in_use;
    work = {given.ticket, given.call_number, {}, {}};
    self->send(config.nodes, given);
  }

  void on_result(const call_result& result) {
    if (state != slot::in_use || work.ticket != result.ticket || work.call_number != result.call_number)
      return;
    state = slot::elsewhere;
    self->send(dispatcher, result);
  }
};

} // namespace

remote_worker_actor spawn_remote_worker(caf::local_actor* parent, remote_worker_config config) {
  return parent->spawn<remote_worker_actor::stateful_impl<remote_worker_state>>(std::move(config));
}

} // namespace mp
