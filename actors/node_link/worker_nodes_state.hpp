#pragma once
// The state of worker_nodes and everything it does; see worker_nodes.hpp for what it is. Only the .cpp files of this
// actor include this, one for each section below.

#include "actors/node_link/link_watch.hpp"
#include "actors/node_link/pieces.hpp"
#include "actors/node_link/worker_nodes.hpp"
#include "messages/model_name.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace mp {

enum class slot_use : std::uint8_t { idle, offered, busy };

/// One worker node that has joined.
struct node_session {
  struct slot {
    remote_worker_actor worker;
    slot_use use = slot_use::idle;
    std::uint64_t call = 0; ///< busy
  };
  struct host {
    std::string name; ///< as the dispatcher knows it
    std::vector<slot> slots;
    bool is_usable = false;
    double gpu_share = 1;
    std::vector<model_in_memory> loaded{};
    bool has_room = true;

    /// What the node says of it. Of models as many as is allowed, and only those that one can be called.
    void hear(const remote_host_state& said) {
      is_usable = said.usable;
      gpu_share = said.gpu_share;
      has_room = said.has_room;
      loaded.clear();
      for (const auto& each : said.loaded)
        if (loaded.size() < loaded_models_max && each.name.size() <= model_name_bytes_max
            && each.digest.size() <= model_name_bytes_max)
          loaded.push_back(each);
    }

    host_state state(std::uint64_t trouble) const { return {name, is_usable, trouble, gpu_share, loaded, has_room}; }
  };

  std::uint64_t id = 0;
  std::string node;
  std::uint64_t incarnation = 0;
  std::string version;
  std::uint32_t protocol = 0;
  node_link_actor link;
  std::size_t slots = 0; ///< of all hosts
  std::vector<host> hosts;
  piece_sender out;
  piece_joiner in;
  link_watch watch;
  bool has_spoken = false; ///< of what it holds, since it was last asked
};

struct worker_nodes_state {
  using time_point = std::chrono::steady_clock::time_point;
  using sessions_map = std::map<caf::actor_addr, node_session>; // by link
  using session_it = sessions_map::iterator;

  static inline const char* name = "worker_nodes";

  /// A call under way at a node.
  struct remote {
    caf::actor_addr link;
    std::uint64_t ticket = 0;
    std::uint32_t call_number = 0;
    call_key key;
    remote_worker_actor worker; ///< null: it was adopted
  };

  worker_nodes_actor::pointer self;
  worker_nodes_config config;
  dispatcher_actor dispatcher;
  sessions_map sessions;
  std::map<caf::actor_addr, caf::actor_addr> links; ///< of remote workers
  std::map<std::uint64_t, remote> calls;
  std::map<record_key, caf::actor_addr> keepers;  ///< of requests that a node has worked on: who keeps the answer
  std::map<call_key, caf::actor_addr> holders;    ///< of calls that nodes have offered
  std::map<std::string, host_trouble> troubles;   ///< that no probe has found out about, by host; outlive sessions
  nodes_response counts;                          ///< without nodes
  std::uint64_t next_session = 1;
  std::uint64_t next_call = 1;
  std::uint64_t backlog = 0;
  std::uint64_t heartbeats = 0;
  bool is_awaited = false; ///< the dispatcher begins nothing: it was not told yet that all nodes have spoken
  time_point join_until{}; ///< before that it is not
  time_point answers_until{}; ///< nor before that, unless all have
  std::optional<time_point> refusal_logged;
  time_point next_heartbeat{};
  bool is_ticking = false;

  worker_nodes_state(worker_nodes_actor::pointer ptr, worker_nodes_config given)
    : self(ptr), config(std::move(given)) {}

  worker_nodes_actor::behavior_type make_behavior();
  time_point now() const;

  // sessions (worker_nodes.cpp)
  void on_hello(const node_hello& hello);
  std::string objection_to(const node_hello& hello);
  void refuse(const node_hello& hello, const std::string& why);
  void begin(const node_hello& hello);
  void on_introduction(const node_introduction& node);
  void end(session_it which, const std::string& why, bool is_lost);
  /// The session that the message's sender has, if the message is of it, else the end.
  session_it session_of_sender(std::uint64_t session);
  void on_dispatcher_started(const dispatcher_actor& present);
  void on_host_state(const remote_host_state& state);
  void on_host_trouble(const host_trouble& trouble);
  void tell_trouble(const node_session& session, std::uint32_t host);
  nodes_response on_nodes_request() const;

  // time (worker_nodes.cpp)
  void on_heartbeat(const link_heartbeat& heartbeat);
  void tick();
  void tick_later();
  void check_heard();

  // slots (worker_nodes_calls.cpp)
  void on_offered(const slots_offered& offer);
  void on_recalled(const slots_recalled& recall);
  void on_returned();
  node_session::slot* slot_of(const caf::actor_addr& worker, session_it& session, std::uint32_t& host);

  // calls (worker_nodes_calls.cpp)
  void on_assignment(const assignment& work);
  void on_cancel(const cancel_call& which);
  void on_adopt(const adopt_call& wanted);
  void on_piece(const link_piece& piece);
  void on_result(session_it session, remote_result&& result);
  void on_held(const calls_held& held);
  void on_settled(const requests_settled& settled);
  template <class Message>
  void take_keeper(const record_key& record, std::map<caf::actor_addr, Message>& per_node);
  template <class Message>
  void send_to_keepers(std::map<caf::actor_addr, Message> per_node);
  void on_released(const requests_released& released);
  bool take_back(std::uint64_t number, const remote& call);
  void fail(const remote& call, fault why);
  void free_slot(const remote& call);
  void send_pieces(node_session& session);
};

} // namespace mp
