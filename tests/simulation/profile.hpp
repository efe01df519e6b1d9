#pragma once
// What a seed makes of its world: sizes, limits, and which faults there are at all.

#include "tests/simulation/sim_kafka/broker.hpp"
#include "tests/simulation/sim_ollama/sim_host.hpp"
#include "tests/simulation/sim_service/stage.hpp"

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace mp::sim {

/// Faults of the world as a whole, injected now and then during the fault phase.
enum class world_fault : std::uint8_t {
  kill_instance,      ///< SIGKILL, started again after a while
  stop_instance,      ///< SIGTERM
  crash_actor,        ///< killed between two messages
  crash_supervisor,
  throw_in_port,      ///< its next port call throws
  broker_away,
  cut_off,            ///< one instance cannot reach the broker
  consumer_error,
  producer_breaks,
  host_mode,
  all_hosts_mode,
  host_unloads,
  rebalance,
  put_out,            ///< the group forgets a member
  hold_actor,         ///< an actor gets no time for a while
  freeze_instance,    ///< SIGSTOP, and SIGCONT later
  topic_refuses,      ///< a topic of replies or dead letters takes nothing for a while
  topic_made_anew,    ///< the requests topic is deleted and created again
  log_elected,        ///< a partition gets another leader, which may lack the log's end
  log_trimmed,        ///< retention removes a log's beginning, read or not
  position_set,       ///< while all instances are down a foreign tool commits a position or a bitmap of another log
  // Of worker nodes.
  kill_node,
  stop_node,          ///< SIGTERM
  crash_node_actor,
  freeze_node,
  link_reset,
  link_silent,        ///< nothing arrives, in one direction or in both, and nobody is told
  link_slow,
};
inline constexpr std::size_t world_fault_count = static_cast<std::size_t>(world_fault::position_set) + 1;
inline constexpr std::size_t world_fault_count_with_nodes = static_cast<std::size_t>(world_fault::link_slow) + 1;

struct profile {
  std::size_t instances = 2;
  bool static_members = false;
  std::size_t hosts = 2;
  std::size_t slots = 1;          ///< per host and instance
  bool has_local_hosts = true;    ///< false: only worker nodes have models
  std::size_t nodes = 0;
  std::size_t node_slots = 1;     ///< per node
  std::size_t ahead = 4;
  std::size_t bytes_max = 32 * 1024;
  std::uint32_t producer_window = 16;
  bool patient_restarts = false;  ///< the service's own backoff, up to 30 s; otherwise up to 2 s
  duration commit_interval{};
  duration rebalance_grace{};
  duration drain_timeout{};
  duration first_byte{}, idle{}, whole{}, cancel_wait{};
  bool lasting_transactional_ids = false; ///< an instance that is started again fences its dead self
  duration transaction_interval{};
  std::size_t transaction_records = 100;
  bool order_by_key = false;
  unsigned rate_limit = 0;        ///< requests a minute and user
  unsigned dead_letter_stop = 100;
  unsigned reask_rounds = 0;
  std::optional<std::chrono::milliseconds> request_age_max;
  unsigned breaker_failures = 5;
  std::size_t parked_max = 100;
  stage::order order = stage::order::any;
  duration message_time{};        ///< that an actor needs for a message, at most
  broker_limits kafka{};
  host_pace pace{};

  duration fault_phase{};               ///< how long there are faults, and requests come
  double unreadable = 0;          ///< how often a batch that cannot be read comes instead of a request
  double burst = 0;               ///< share of the requests that is there from the beginning
  duration between_faults{};
  std::vector<world_fault> world_faults;        ///< that there are
  fault_rates rates{};

  std::size_t local_slots() const { return has_local_hosts ? hosts * slots : 0; }
  std::size_t node_slots_in_all() const { return nodes * node_slots; }
};

profile profile_of(chance& rng);

/// One with worker nodes, and with what can become of them.
profile profile_with_nodes(chance& rng);

/// A small world without faults, for scripts.
profile quiet_profile();

} // namespace mp::sim
