#pragma once

namespace mp {

/// Makes all message types known to CAF, once per process. Before the first actor system.
void init_actor_types();

} // namespace mp
