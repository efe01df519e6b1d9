#pragma once
// The state of node_link and everything it does; see node_link.hpp for what it is. Only the .cpp files of this actor
// include this, one for each section below.

#include "actors/node_link/node_link.hpp"
#include "actors/node_link/pieces.hpp"
#include "actors/node_link/slot_offers.hpp"
#include "actors/node_link/trouble_numbers.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mp {

/// A reader that this node has joined.
struct reader_session {
  std::uint64_t owner = 0; ///< this node's number of the session
  std::uint64_t session = 0; ///< the reader's
  std::string reader;
  std::string version;
  std::string name; ///< under which it was dialled
  worker_nodes_actor nodes;
  node_entrance_actor entrance;
  piece_sender out;
  piece_joiner in;
  link_watch watch;
};

struct node_link_state {
  using time_point = std::chrono::steady_clock::time_point;
  using readers_map = std::map<caf::actor_addr, reader_session>; // by the reader's worker_nodes
  using reader_it = readers_map::iterator;

  static inline const char* name = "node_link";

  /// One of this node's ollama_workers.
  struct local_worker {
    worker_actor worker;
    std::size_t host = 0;
    bool is_idle = false;
    std::uint64_t job = 0;   ///< that it works on, 0: none
    std::uint64_t owner = 0; ///< whose slot it uses, 0: nobody's yet
    bool has_slot = false;   ///< it has requested work before
  };

  /// A call that a worker has, or that waits for a worker to start again.
  struct job {
    call_key key;
    std::uint64_t serial = 0; ///< of held_answers
    std::size_t host = 0;
    std::uint64_t owner = 0; ///< whose slot it uses
    assignment work;
    caf::actor_addr worker{}; ///< empty: it waits
  };

  /// An entrance that was told this node's name and has not answered.
  struct knock {
    std::string name;
    node_entrance_actor entrance;
    std::uint64_t number = 0;
    time_point since;
  };

  node_link_actor::pointer self;
  node_link_config config;
  std::unique_ptr<reader_port> port;
  dial_schedule dials;
  slot_offers offers;
  held_answers held;
  trouble_numbers troubles;
  readers_map readers;
  std::map<caf::actor_addr, knock> knocks; // by entrance
  std::map<caf::actor_addr, local_worker> workers;
  std::map<std::uint64_t, job> jobs;
  std::vector<host_state> hosts; ///< as the monitor has last said, in the order of the configuration
  std::vector<host_trouble> reported; ///< the last of each host
  monitor_actor monitor;
  nodes_response counts;
  std::map<std::string, time_point> told; ///< what is wrong with readers: when it was logged last
  std::uint64_t next_owner = 1;
  std::uint64_t next_knock = 1;
  std::uint64_t next_job = 1;
  std::uint64_t heartbeats = 0;
  time_point next_heartbeat{};
  time_point last_tick{};
  bool is_draining = false;
  std::size_t drain_ticks = 0;
  std::vector<caf::typed_response_promise<void>> drain_askers;

  node_link_state(node_link_actor::pointer ptr, node_link_config given);

  node_link_actor::behavior_type make_behavior();
  time_point now() const;

  // readers (node_link.cpp)
  void dial_due();
  void on_dial_ended(const dial_ended& dial);
  std::uint32_t all_slots() const;
  void on_welcome(const node_welcome& welcome);
  void on_refused(const node_refused& refusal);
  void log_once_a_minute(const std::string& name, const std::string& why);
  bool is_told_again(const std::string& what);
  void end(reader_it which, const std::string& why, bool is_lost);
  reader_it reader_of_sender(std::uint64_t session);
  reader_it reader_of(std::uint64_t owner);
  void on_heartbeat(const link_heartbeat& heartbeat);
  bool end_if_stood_still();
  void tick();
  void tick_later();
  void on_monitor_started(const monitor_started& started);
  void tell_monitor();
  nodes_response on_nodes_request() const;

  // this node's workers and hosts, and its drain (node_link_work.cpp)
  void on_worker_started(const worker_started& started);
  void on_work_demand();
  void on_call_result(const call_result& result);
  void worker_down(const caf::actor_addr& which);
  void start_waiting(std::size_t host);
  void start(std::uint64_t number, job& which, local_worker& on);
  void distribute();
  void on_host_state(const host_state& state);
  void tell_host(reader_session& reader, std::uint32_t host);
  void on_host_trouble(const remote_host_trouble& trouble);
  caf::result<void> on_drain();
  void continue_drain();

  // calls of readers (node_link_calls.cpp)
  void on_piece(const link_piece& piece);
  void begin(reader_it reader, std::uint64_t call, remote_call&& wanted);
  void on_cancel(const remote_cancel& which);
  void on_wanted(const held_call_wanted& wanted);
  void on_settled(const calls_settled& settled);
  void on_released(const calls_released& released);
  void send_result(const std::vector<held_answers::owned_call>& to, const call_result& result);
  void send_result(reader_session& reader, const remote_result& result);
  void send_pieces(reader_session& reader);
  void offer_held(const std::vector<held_call>& offers, std::uint64_t but);
};

} // namespace mp
