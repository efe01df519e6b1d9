#pragma once
// Joins readers and distributes the slots of a worker node among them.

#include "actors/actor_directory.hpp"
#include "actors/node_link/dial_schedule.hpp"
#include "actors/node_link/held_answers.hpp"
#include "actors/node_link/link_watch.hpp"
#include "actors/node_link/piece_window.hpp"
#include "actors/node_link/reader_port.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mp {

/// A reader that has not answered a hello by then gets another one.
inline constexpr std::chrono::milliseconds node_welcome_wait{2'000};

struct node_link_config {
  std::string node;                ///< NODE_NAME
  std::uint64_t incarnation = 0;   ///< grows with each start of the program, not with a restart of the actor
  node_protocols protocols = our_protocols; ///< other values are for tests
  std::string version;             ///< of the program
  std::vector<node_host> hosts;
  std::vector<std::string> join;   ///< names of readers, host:port
  std::function<std::unique_ptr<reader_port>()> make_port;
  std::function<double()> random;  ///< values in [0, 1)
  dial_limits dial;
  heartbeat_limits heartbeats;
  piece_limits pieces;
  held_answer_limits held;
  std::size_t bytes_max = 64 * 1024 * 1024; ///< MAX_IN_FLIGHT_BYTES: of calls that are not whole yet, of each reader
  std::chrono::milliseconds welcome_wait = node_welcome_wait;
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<mp::metrics> metrics;
};

/// Started by the root of a worker node's tree; the caller announces it through `actor_directory`. To the node's
/// workers and health monitor it is what the dispatcher is elsewhere. Owns the sessions with all readers and what is
/// held of their calls; when it dies, calls under way are repeated.
node_link_actor spawn_node_link(caf::local_actor* parent, node_link_config config);

} // namespace mp
