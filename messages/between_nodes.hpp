#pragma once
// What a reader and a worker node say to each other. Every message between the two names their session: those of an
// older one are dropped. Include interfaces.hpp, never this: some of them carry actors.

#include "messages/answer.hpp"
#include "messages/held_call.hpp"
#include "messages/messages.hpp"
#include "messages/text_slice.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// Which protocols a program speaks between nodes. Each change of what travels gets the next number; the one before is
/// still spoken, so that readers and nodes can be upgraded one after another.
struct node_protocols {
  std::uint32_t oldest = 0;
  std::uint32_t newest = 0;

  bool operator==(const node_protocols&) const = default;
};

inline constexpr node_protocols our_protocols{2, 2}; ///< 1 was never spoken

/// The newest protocol that both speak; nothing if there is none.
constexpr std::optional<std::uint32_t> common_protocol(node_protocols a, node_protocols b) {
  auto newest = std::min(a.newest, b.newest);
  return newest >= std::max(a.oldest, b.oldest) ? std::optional{newest} : std::nullopt;
}

/// "2", or "2 to 3".
inline std::string to_string(node_protocols which) {
  auto newest = std::to_string(which.newest);
  return which.oldest == which.newest ? newest : std::to_string(which.oldest) + " to " + newest;
}

// ---- a session begins and ends ----

/// A model host of a worker node.
struct node_host {
  std::string url;
  std::uint32_t slots = 0;
};

/// A worker node asks to join. This and node_refused are the same in every protocol, with the first type ids, so that
/// two programs can always tell each other why they do not go together.
struct node_hello {
  node_protocols protocols = our_protocols;
  std::string version;           ///< of the program
  std::string node;              ///< its name, the same after a restart
  std::uint64_t incarnation = 0; ///< grows with each start: a newer one replaces an older one at once
  node_link_actor link;
  std::uint64_t knock = 0;       ///< comes back in the answer
  std::uint32_t slots = 0;       ///< of all of its hosts; 0: it only asks, and node_refused says why not, or nothing
};

struct node_welcome {
  std::uint32_t protocol = our_protocols.newest; ///< of the session: the newest that both speak
  std::string version;
  std::string reader; ///< its name
  worker_nodes_actor nodes;
  std::uint64_t session = 0;
  std::uint64_t knock = 0; ///< of the hello
};

/// In place of node_welcome.
struct node_refused {
  std::string why; ///< for the log
};

/// The worker node's answer to node_welcome.
struct node_introduction {
  std::uint64_t session = 0;
  std::vector<node_host> hosts;
  std::vector<held_call> held;
};

/// The sender ends the session.
struct session_over {
  std::uint64_t session = 0;
  std::string why; ///< for the log
};

/// The worker node takes nothing new; what is under way goes on.
struct node_draining {
  std::uint64_t session = 0;
};

// ---- slots, see slot_offers ----

struct slots_offered {
  std::uint64_t session = 0;
  std::uint32_t host = 0; ///< index in node_hello::hosts
  std::uint32_t count = 0;
};

/// The reader is to give back offers that it has not used.
struct slots_recalled {
  std::uint64_t session = 0;
  std::uint32_t host = 0;
  std::uint32_t count = 0;
};

struct slots_returned {
  std::uint64_t session = 0;
  std::uint32_t host = 0;
  std::uint32_t count = 0;
};

// ---- heartbeats ----

/// Sent both ways. Without it the peer counts as lost.
struct link_heartbeat {
  std::uint64_t session = 0;
  std::uint64_t number = 0;
  std::uint64_t backlog = 0; ///< of a reader: requests that wait for a slot
};

/// The reader's backlog has changed.
struct reader_backlog {
  std::uint64_t session = 0;
  std::uint64_t requests = 0;
};

// ---- calls ----

/// A part of a call (a remote_call) or of its end (a remote_result), as CAF's binary format has them. See pieces.hpp.
struct link_piece {
  std::uint64_t session = 0;
  std::uint64_t stream = 0; ///< the reader's number of the call
  bool last = false;
  text_slice bytes;
};

/// All bytes of pieces up to this one have arrived.
struct link_ack {
  std::uint64_t session = 0;
  std::uint64_t bytes = 0;
  bool prompt = false; ///< it was sent as soon as they had
};

/// Uses a slot that was offered.
struct remote_call {
  std::uint32_t host = 0;
  call_key key;
  assignment work;
};

/// A call's pieces will not be completed, or the call is not wanted any more.
struct remote_cancel {
  std::uint64_t session = 0;
  std::uint64_t call = 0;
};

/// The reader wants a call that is held, as its own call `call`: its end comes as remote_result. Uses no slot.
struct held_call_wanted {
  std::uint64_t session = 0;
  std::uint64_t call = 0;
  held_call which;
};

struct remote_result {
  std::uint64_t call = 0;
  bool is_gone = false; ///< of held_call_wanted: it is not held any more
  call_outcome outcome;
  std::chrono::nanoseconds duration{0};
};

/// These requests have had their end: their answers need not be held.
struct calls_settled {
  std::uint64_t session = 0;
  std::vector<call_key> keys;
};

/// The reader has given up these requests, which another reader may have next. Answered with calls_held.
struct calls_released {
  std::uint64_t session = 0;
  bool all = false; ///< everything that it ever asked for
  std::vector<call_key> keys;
};

/// What the worker node has of requests that no reader works on any more.
struct calls_held {
  std::uint64_t session = 0;
  std::vector<held_call> calls;
};

// ---- hosts ----

/// Of one host. Further ones are not told, and not taken.
inline constexpr std::size_t loaded_models_max = 64;

/// A model host of the worker node became usable or unusable.
struct remote_host_state {
  std::uint64_t session = 0;
  std::uint32_t host = 0;
  bool usable = false;
  std::uint64_t trouble = 0; ///< the reader's number, see host_state
  double gpu_share = 1;
  std::vector<model_in_memory> loaded{}; ///< at most loaded_models_max
  bool has_room = true;
};

struct remote_host_trouble {
  std::uint64_t session = 0;
  std::uint32_t host = 0;
  std::uint64_t number = 0;
  std::string reload{};
};

} // namespace mp
