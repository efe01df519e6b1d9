#pragma once
// Puts one question at a time to a model host.

#include "actors/actor_directory.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/ollama_worker/model_port.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace mp {

/// How long a model call may take. Ollama sends nothing before the first token, so the first limit covers queueing,
/// loading and reading the prompt [ollama 1].
struct call_limits {
  std::chrono::milliseconds first_byte{60'000};
  std::chrono::milliseconds idle{15'000};      ///< between two pieces of the answer
  std::chrono::milliseconds whole{60'000};
  std::chrono::milliseconds cancel_wait{
    5'000}; ///< a cancelled call that has not ended by then: the worker crashes, its port goes
};

struct worker_config {
  std::string host;
  model_factory make_port;
  call_limits limits;
  std::shared_ptr<actor_directory> directory;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp
};

/// Started by workers, one per slot of each host. Owns its model_port, which does the blocking call elsewhere, so the
/// worker can always hear cancel and exit. Crashes when a cancelled call does not end; the port's call is left to end
/// by itself.
caf::strong_actor_ptr spawn_ollama_worker(caf::local_actor* parent, worker_config config);

} // namespace mp
