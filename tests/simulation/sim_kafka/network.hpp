#pragma once
// Messages between clients and the broker.

#include "tests/simulation/sim_context.hpp"

#include <deque>
#include <memory>
#include <vector>

namespace mp::sim {

/// A client's connection. Messages of one direction keep their order.
struct connection {
  std::shared_ptr<process> owner;
  bool open = true; ///< false: the client is gone; what it has sent may still arrive

  struct direction {
    std::deque<timeline::job> queue;
    std::size_t stalled = 0; ///< messages that should have arrived while nothing could
    time_point last{};
  };
  direction up{}, down{};
};
using connection_ptr = std::shared_ptr<connection>;

/// Carries messages with some latency. Nothing is lost between the living: what cannot arrive waits, as the client
/// library's repetitions make it. Of what a killed program has sent a part arrives.
class network {
public:
  network(sim_context& world, duration latency) : world_(world), latency_(latency) {}

  /// Drops what has not arrived: messages hold their clients, and those their connections.
  ~network();
  network(const network&) = delete;
  network& operator=(const network&) = delete;

  /// A new connection of a client of `owner`.
  connection_ptr connect(std::shared_ptr<process> owner);

  void to_broker(const connection_ptr& from, timeline::job at_broker) {
    send(from, from->up, &connection::up, std::move(at_broker));
  }

  void to_client(const connection_ptr& to, timeline::job at_client) {
    send(to, to->down, &connection::down, std::move(at_client));
  }

  bool broker_is_away() const { return away_; }
  void broker_goes() { away_ = true; }
  void broker_returns() {
    away_ = false;
    reconnect();
  }

  bool carries(const connection& line) const { return !away_ && !line.owner->cut_off; }

  /// Lets go on what was stopped by an absence that has ended.
  void reconnect();

private:
  void send(const connection_ptr& line, connection::direction& way, connection::direction connection::* which,
            timeline::job what);
  void arrive(const connection_ptr& line, connection::direction connection::* which);
  duration latency();

  sim_context& world_;
  duration latency_;
  bool away_ = false;
  std::vector<connection_ptr> stalled_;
  std::vector<std::weak_ptr<connection>> lines_;
};

} // namespace mp::sim
