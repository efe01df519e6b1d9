#include "actors/node_link/node_entrance.hpp"

#include "actors/crash.hpp"
#include "actors/node_link/node_link.hpp"

#include <caf/actor_system.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>

namespace mp {
namespace {

using namespace std::chrono_literals;

constexpr auto retry_interval = 20ms;

struct node_entrance_state {
  static inline const char* name = "node_entrance";

  node_entrance_actor::pointer self;
  std::shared_ptr<actor_directory> directory;

  node_entrance_state(node_entrance_actor::pointer ptr, std::shared_ptr<actor_directory> given)
    : self(ptr), directory(std::move(given)) {}

  node_entrance_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    return {
      [this](const node_hello& hello) { pass_on(hello, self->clock().now() + node_welcome_wait); },
    };
  }

  /// After `until` its node says hello again.
  void pass_on(const node_hello& hello, std::chrono::steady_clock::time_point until) {
    if (auto nodes = directory->worker_nodes())
      self->send(nodes, hello);
    else if (self->clock().now() < until)
      self->run_delayed(retry_interval, [this, hello, until] { pass_on(hello, until); });
  }
};

} // namespace

node_entrance_actor spawn_node_entrance(caf::actor_system& system, const std::shared_ptr<actor_directory>& directory) {
  return system.spawn<node_entrance_actor::stateful_impl<node_entrance_state>>(directory);
}

} // namespace mp
