#pragma once
// What the status endpoints say.

#include "actors/actor_directory.hpp"
#include "actors/supervisor/supervisor.hpp"
#include "runtime/node/status_json.hpp"
#include "runtime/status/status_server.hpp"

#include <caf/fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace mp {

/// GET /health: 200 "ok" or "degraded"; 503 only when the program's own actors do not answer. It is a liveness probe: a
/// model host that is down must not get this process killed.
status::status_answer health_page(caf::actor_system& system, const actor_directory& directory,
                                  const std::string& model);

/// GET /ready: 200, or 503 with the reason when no partition is assigned, no host is usable, or the service is
/// draining.
status::status_answer ready_page(caf::actor_system& system, const actor_directory& directory, const std::string& topic);

/// GET /metrics: Prometheus text of the registry, with the process's memory and CPU time.
std::string metrics_page(caf::actor_system& system);

/// GET /api/status: `facts`, with what the health monitor says. 200 whatever is wrong: it is for looking into it.
status::status_answer status_page(caf::actor_system& system, const actor_directory& directory, node_facts facts);

/// POST /debug/crash/ACTOR: 202 and the actor crashes, 404 with the known names, 503 when the tree has ended. `root`
/// may be null.
status::status_answer crash_page(const supervisor_actor& root, const std::vector<std::string>& names,
                                 std::string_view actor);

} // namespace mp
