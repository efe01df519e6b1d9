#pragma once
// Connections between worker nodes and readers, as CAF's network layer makes them.

#include "actors/node_link/reader_port.hpp"
#include "tests/simulation/sim_service/stage.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/message.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mp::sim {

enum class heading : std::uint8_t { to_reader, to_node };

/// Each side knows the other's actors as proxies, which end with what they stand for or with the connection. Messages
/// of one direction keep their order. Nothing is lost of a connection that lives: what cannot arrive waits, as TCP's
/// retransmissions make it.
class links {
public:
  using entrance_of = std::function<caf::strong_actor_ptr(const std::string& reader)>; ///< null: the reader is down

  /// `owner`: of the proxies, see stage.
  links(sim_context& world, stage& actors, int owner, entrance_of entrance)
    : world_(world), actors_(actors), owner_(owner), entrance_(std::move(entrance)) {}
  ~links() { break_all(); }
  links(const links&) = delete;
  links& operator=(const links&) = delete;

  /// See reader_port::dial().
  void dial(const std::string& node, const std::string& reader, reader_port::ended tell);

  /// The process of this node or reader is gone: its peers see the end of the connection, where it can reach them.
  void process_ended(const std::string& name);

  bool is_connected(const std::string& node, const std::string& reader) const {
    return lines_.contains({node, reader});
  }

  /// A reset: both sides see it.
  void reset_some();

  /// Nothing arrives any more in some of the directions between two of them, and nobody is told. Heals after `time`;
  /// `resets`: the connection does not survive it.
  void silence_some(bool both_ways, bool resets, duration time);

  /// All messages between two of them take up to `latency` for a while.
  void slow_down_some(duration latency, duration time);

  void heal_all();

private:
  using job = std::function<void()>;
  using pair = std::pair<std::string, std::string>; ///< node, reader

  struct path {
    bool is_silent = false;
    time_point last{};
    std::deque<job> waiting;
    std::size_t stalled = 0;
  };
  struct connection {
    pair ends;
    bool is_open = true;
    std::array<path, 2> paths;
    std::map<caf::actor_id, caf::strong_actor_ptr> proxies{}; ///< by what they stand for
    caf::strong_actor_ptr entrance{};
  };
  using connection_ptr = std::shared_ptr<connection>;
  struct condition {
    std::array<bool, 2> is_silent{};
    bool is_reset_at_return = false;
    duration latency{};
    unsigned changes = 0; ///< a later fault outlives an earlier one's end
  };

  static path& in(connection& line, heading way) { return line.paths[static_cast<std::size_t>(way)]; }
  caf::strong_actor_ptr proxy_of(const connection_ptr& line, const caf::strong_actor_ptr& real, heading way);
  void pass(const connection_ptr& line, heading way, const caf::strong_actor_ptr& real, caf::message content,
            const caf::strong_actor_ptr& sender);
  void with_proxies(const connection_ptr& line, heading way, caf::message& content);
  void send(const connection_ptr& line, heading way, job at_arrival);
  void arrive(const connection_ptr& line, heading way);
  void end(const connection_ptr& line);
  void break_all();
  duration latency_of(const pair& ends);
  condition* some_condition();
  void heal(const pair& ends);

  sim_context& world_;
  stage& actors_;
  int owner_;
  entrance_of entrance_;
  std::map<pair, condition> conditions_; ///< of all pairs that were dialled
  std::map<pair, connection_ptr> lines_;
  std::vector<connection_ptr> ending_; ///< one side is gone, and the other cannot know yet
};

} // namespace mp::sim
