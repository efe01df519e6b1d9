#pragma once
// Owns the state of every request until its end is acknowledged by the broker.

#include "actors/dispatcher/answer_keep.hpp"
#include "actors/dispatcher/dead_letter_breaker.hpp"
#include "actors/dispatcher/host_breaker.hpp"
#include "actors/dispatcher/intake_budget.hpp"
#include "actors/dispatcher/model_routes.hpp"
#include "actors/dispatcher/retry_policy.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

namespace mp {

struct dispatcher_config {
  model_routes routes;         ///< which model answers which request
  std::string requests_topic;  ///< dead letters name it as their source
  std::array<std::string, 3> output_topics; ///< in the order of `destination`
  intake_limits intake;
  retry_limits retry;
  unsigned reask_rounds = 0;  ///< REPAIR_ROUNDS: further calls in which a model is shown its unusable answer
  std::chrono::milliseconds idle_max{
    20'000}; ///< OLLAMA_IDLE_TIMEOUT: so long a model that was speaking has said nothing at an idle_timeout
  breaker_limits breaker;
  dead_letter_limits dead_letters;
  answer_keep_limits keep;
  unsigned rate_limit = 0;     ///< RATE_LIMIT_PER_USER: requests a minute; 0 is no limit
  bool takes_nodes = false;    ///< NODE_PORT: nothing is begun before worker nodes have said what they hold
  bool order_by_key = false;   ///< ORDER=key: replies of one record key in the order of its requests
  std::function<double()> random;                                  ///< values in [0, 1)
  std::function<std::chrono::system_clock::time_point()> wall_clock; ///< for time stamps of dead letters
  std::shared_ptr<mp::metrics> metrics;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp
  bool rows_checked = true; ///< crashes at a row that check_consistent() objects to, looked for after each message
};

/// Started by intake; the caller announces it through `actor_directory`. Owns the in-flight table and is the only actor
/// whose death costs state: the reader then goes back to its lowest unfinished offset, so requests are repeated and
/// none is lost.
///
/// Only one, because two would have to agree on every partition's commit point.
dispatcher_actor spawn_dispatcher(caf::local_actor* parent, dispatcher_config config);

} // namespace mp
