#pragma once
// Takes worker nodes into a reader's process.

#include "actors/actor_directory.hpp"
#include "actors/node_link/link_watch.hpp"
#include "actors/node_link/piece_window.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

namespace mp {

struct worker_nodes_config {
  std::string name;    ///< of this reader, for the nodes' logs
  std::string version; ///< of the program
  std::string topic;   ///< of the requests
  node_protocols protocols = our_protocols; ///< other values are for tests
  std::size_t slots_max = 1'024; ///< NODE_SLOTS_MAX: of all nodes together
  std::size_t bytes_max = 64 * 1024 * 1024; ///< of results that are not whole yet, of each node
  /// So long after a start the dispatcher begins nothing: nodes whose reader was killed join its successor meanwhile
  /// and say which calls they hold. They dial a lost reader every quarter of a second.
  std::chrono::milliseconds join_wait{1'000};
  /// So long for nodes that are there already, after the dispatcher was restarted.
  std::chrono::milliseconds answer_wait{500};
  heartbeat_limits heartbeats;
  piece_limits pieces;
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<mp::metrics> metrics;
};

/// Started by workers; the caller announces it through `actor_directory`. Owns the sessions of all worker nodes and
/// their remote_workers. When it dies the nodes' calls go on, and its successor is told of them.
worker_nodes_actor spawn_worker_nodes(caf::local_actor* parent, worker_nodes_config config);

} // namespace mp
