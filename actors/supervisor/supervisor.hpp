#pragma once
// Starts, watches, restarts and stops children.

#include "actors/supervisor/child_spec.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>
#include <caf/typed_actor.hpp>

namespace mp {

/// A supervisor handles exit messages, the ends of its children, and what is listed here.
using supervisor_actor = caf::typed_actor<
  /// Answered at once; no answer means that the supervisor hangs.
  caf::result<pong>(ping),
  /// Crash, or have a descendant crash: see names_in. Unknown names and those that are not running are passed over.
  caf::result<void>(crash_order)>;

/// Starts a supervisor, which starts its children in order. It monitors them and never links: a killed child would take
/// it along.
///
/// On an exit message it stops its children in reverse order (exit message, after the grace time a kill) and ends with
/// the same reason. A child that survives even the kill is reported as abandoned and left behind. When restarts come
/// too fast it stops its children and ends with an error that says which child, how often and why, which its own
/// supervisor sees as a crash.
supervisor_actor spawn_supervisor(caf::actor_system& system, supervisor_spec spec);
supervisor_actor spawn_supervisor(caf::local_actor* parent, supervisor_spec spec);

/// Sends an exit message that overtakes the receiver's backlog: ordinary ones wait behind it [caf 1].
void order_exit(const caf::strong_actor_ptr& actor, caf::exit_reason why);

} // namespace mp
