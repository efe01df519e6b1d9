#pragma once
// What /api/status says, as JSON. Values in, text out.

#include "actors/supervisor/crash_history.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

struct node_facts {
  std::string_view version;
  std::string_view model;
  std::string_view topic; ///< of the requests
  std::chrono::milliseconds uptime{0};
  std::optional<status_response> said; ///< nothing: the health monitor does not answer
  std::optional<nodes_response> nodes; ///< nothing: there are none, or what knows them does not answer
  table_counts table;
  actor_report actors;
};

/// One JSON object with a line end: nothing in it comes from a request.
std::string status_json(const node_facts& facts);

/// What health is called when the program's own actors do not answer.
inline constexpr std::string_view actors_silent = "the service's actors do not answer";

} // namespace mp
