#pragma once
// What is said of worker nodes inside one process. Include interfaces.hpp, never this: some of them carry actors.

#include "messages/held_call.hpp"
#include "messages/node_view.hpp"
#include "messages/origin.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace mp {

// ---- dispatcher <-> worker nodes ----

struct worker_nodes_started {
  worker_nodes_actor nodes;
};
struct nodes_heard {};

struct held_calls_offered {
  std::vector<held_call> calls;
};

struct adopt_call {
  std::uint64_t ticket = 0; ///< as of an assignment
  std::uint32_t call_number = 0;
  held_call which;
};

struct adoption_failed {
  std::uint64_t ticket = 0;
  std::uint32_t call_number = 0;
};

struct work_backlog {
  std::uint64_t requests = 0;
};

/// They have had their end.
struct requests_settled {
  std::vector<record_key> records;
};

/// They belong to another reader now, or nobody knows to which.
struct requests_released {
  std::vector<record_key> records;
};

// ---- worker node <-> its port ----

/// One address of a reader.
struct dialled_address {
  std::string address; ///< with its port
  node_entrance_actor entrance; ///< null: nobody is there
  std::string why{}; ///< then: for the log
};

struct dial_ended {
  std::string name; ///< as it was given
  std::vector<dialled_address> addresses;
  std::string why{}; ///< without addresses: what is known about the name
};

// ---- worker nodes <-> remote worker ----

struct slot_offered {};
struct slot_recalled {};
struct slot_returned {};

} // namespace mp
