#pragma once
// Stands for one slot of a worker node.

#include "actors/actor_directory.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <memory>
#include <string>

namespace mp {

struct remote_worker_config {
  std::string host; ///< as the dispatcher shall know it: the node's name and the host's address
  worker_nodes_actor nodes;
  std::shared_ptr<actor_directory> directory;
};

/// Started by worker_nodes for each slot of a node that joins, and ends with either. To the dispatcher it is a worker
/// like any other: it requests work when the node has offered the slot to this reader.
remote_worker_actor spawn_remote_worker(caf::local_actor* parent, remote_worker_config config);

} // namespace mp
