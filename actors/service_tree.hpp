#pragma once
// The supervision tree as one list, in start order.

#include "actors/dispatcher/dispatcher.hpp"
#include "actors/health_monitor/health_monitor.hpp"
#include "actors/kafka_reader/kafka_reader.hpp"
#include "actors/node_link/node_link.hpp"
#include "actors/node_link/worker_nodes.hpp"
#include "actors/ollama_worker/ollama_worker.hpp"
#include "actors/producer/producer.hpp"
#include "actors/sanitizer/sanitizer.hpp"
#include "actors/supervisor/actor_journal.hpp"
#include "actors/supervisor/supervisor.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// The workers of one host.
struct worker_group {
  worker_config each;
  std::size_t slots = 1;
};

struct service_config {
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<mp::metrics> metrics;
  std::shared_ptr<actor_journal> journal = std::make_shared<actor_journal>();
  std::function<double()> random; ///< values in [0, 1); called from several actors
  monitor_config health;
  producer_config producer;
  sanitizer_config sanitizer; ///< of both
  dispatcher_config dispatcher;
  reader_config reader;
  std::optional<worker_nodes_config> nodes{}; ///< a reader that takes worker nodes
  node_link_config link;                      ///< of a worker node
  std::vector<worker_group> workers;
  restart_backoff backoff{};
  restart_intensity intensity{};
  bool invariants_checked = true; ///< actors crash with more messages waiting than mailbox_bound.hpp says, or with a
                                  ///< row of the dispatcher that means nothing; off in the Release program
};

/// The tree:
///
///   root  rest_for_one
///   |- health     one_for_one   health_monitor
///   |- outbound   one_for_one   producer, sanitizer, sanitizer/long
///   |- intake     one_for_one   dispatcher, kafka_reader
///   '- workers    one_for_one   worker_nodes (with NODE_PORT; it starts the remote_workers), one ollama_worker per
///   slot
///                               of every host
supervisor_spec service_tree(const service_config& config);

/// The tree of a worker node:
///
///   root  rest_for_one
///   |- health     one_for_one   health_monitor
///   |- links      one_for_one   node_link
///   '- workers    one_for_one   one ollama_worker per slot of every host
supervisor_spec worker_tree(const service_config& config);

/// What the mailbox bounds follow from, which the tree gives to its actors.
service_size size_of(const service_config& config);

} // namespace mp
