#pragma once
// Where worker nodes ask to join a reader.

#include "actors/actor_directory.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <memory>

namespace mp {

/// What a reader publishes in the network. Never restarted, so that a node finds the present worker_nodes at the same
/// place for as long as the process lives. While worker_nodes is being restarted a hello waits for it, so long as its
/// node does.
node_entrance_actor spawn_node_entrance(caf::actor_system& system, const std::shared_ptr<actor_directory>& directory);

} // namespace mp
