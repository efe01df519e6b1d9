#pragma once
// Probes the model hosts, answers how the node is.

#include "actors/actor_directory.hpp"
#include "actors/health_monitor/host_port.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace mp {

struct monitored_host {
  std::string name; ///< as configured; the same name that its workers give
  host_factory make_port;
};

struct monitor_config {
  std::vector<std::string> models; ///< that every host has to have; never empty
  std::vector<monitored_host> hosts;
  std::chrono::milliseconds probe_interval{10'000};       ///< of a usable host
  std::chrono::milliseconds unusable_interval{
    300};       ///< of one that is not: within a second of its return it has work again
  std::chrono::milliseconds dispatcher_timeout{2'000};   ///< the dispatcher has to answer a ping in this time
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<mp::metrics> metrics;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp
};

/// Started by health, before everything else; the caller announces it through `actor_directory`. Owns one host_port per
/// host. When it dies, the dispatcher goes on with what it was told last, and the successor probes all hosts again.
monitor_actor spawn_health_monitor(caf::local_actor* parent, monitor_config config);

} // namespace mp
