#pragma once
// The other nodes, as the status page and the metrics show them.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace mp {

/// One peer of this process: of a reader a worker node, of a worker node a reader.
struct node_view {
  std::string name;
  std::string version;
  std::uint32_t slots = 0;
  std::uint32_t offered = 0;
  std::uint32_t in_flight = 0;
  std::chrono::milliseconds heartbeat_age{0};
  std::uint64_t window_bytes = 0; ///< of what may be under way to it at once
};

struct nodes_request {};

/// What /api/status says of worker nodes.
struct nodes_response {
  std::vector<node_view> nodes;
  std::uint64_t lost = 0;    ///< sessions that ended without notice
  std::uint64_t offered = 0; ///< held calls that were offered
  std::uint64_t adopted = 0; ///< held calls that were taken
  std::uint64_t late = 0;    ///< answers that came too late to be of use
  std::uint64_t held = 0;    ///< of a worker node: calls it remembers now
  std::uint64_t held_bytes = 0;
};

} // namespace mp
