#pragma once
// What a supervisor needs to know of a child.

#include "actors/supervisor/child_event.hpp"
#include "actors/supervisor/restart_ledger.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mp {

struct supervisor_spec;

/// What CAF calls a supervisor. Every other actor is called there as its child_spec is.
inline constexpr const char* supervisor_name = "supervisor";

struct child_spec {
  std::string name;
  /// Starts the child; may throw, which counts as a crash. The supervisor owns the handle.
  std::function<caf::strong_actor_ptr(caf::local_actor* parent)> start;
  restart_rule rule = restart_rule::always;
  std::chrono::milliseconds grace{5000}; ///< between the exit message and the kill
  std::shared_ptr<const supervisor_spec>
    branch{}; ///< what a child that is a supervisor was started with; null for others
};

struct supervisor_spec {
  std::string name;
  restart_strategy strategy = restart_strategy::one_for_one;
  std::vector<child_spec> children;      ///< in start order; stopped in reverse
  restart_backoff backoff{};
  restart_intensity intensity{};
  std::function<double()> random;                   ///< values in [0, 1)
  std::function<void(const child_event&)> report;   ///< called in the supervisor for every event of a child
};

/// How the children are told apart: by name; where several have the same, with their number among those:
/// "ollama_worker/2".
std::vector<std::string> addresses_of(const std::vector<child_spec>& children);

/// Everybody a crash_order to this supervisor can name: itself, the addresses of all below it and, for the first of
/// several that share it, their name.
std::vector<std::string> names_in(const supervisor_spec& tree);

/// What CAF calls the actors of a tree, each name once.
std::vector<std::string> caf_names_in(const supervisor_spec& tree);

} // namespace mp
