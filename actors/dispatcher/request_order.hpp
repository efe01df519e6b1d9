#pragma once
// Which request waits for which other one. No actors.

#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/key_order.hpp"
#include "actors/dispatcher/request_coalescing.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// A request first looks for an equal one (the same question under the same key, worked on already) whose answer will
/// be its own too. With ORDER=key it then takes its place in the lane of its key; only the one in front goes on. A
/// follower stands in no lane: its end comes with that of its leader, so it may follow only while nothing else of its
/// key has come in between.
class request_order {
public:
  using ticket = std::uint64_t;

  /// `by_key`: ORDER=key.
  explicit request_order(bool by_key) : by_key_(by_key) {}

  enum class turn : std::uint8_t {
    now,     ///< nobody goes before it
    later,   ///< when leave() names it
    follows, ///< it gets the end of an equal one: the table has it as following
  };

  /// A waiting request has come. One that has its end already (a kept answer, a record that is no request) follows no
  /// other.
  turn enter(in_flight_request& row, in_flight_table& table);

  /// It waits for nobody, but with ORDER=key those behind it wait for its end.
  void enter_in_front(const in_flight_request& row);

  /// Whether nobody goes before it. Always, except with ORDER=key.
  bool has_turn(const in_flight_request& row) const;

  /// Takes the followers of a request that has its end: they share it. In the order in which they came; their stage is
  /// the caller's to change.
  std::vector<in_flight_request*> take_followers(const in_flight_request& leader, in_flight_table& table);

  /// The request shares its end with nobody any more. Gives its first follower, which waits from now on, when that goes
  /// on at once: with ORDER=key it takes the place behind the one that led.
  std::optional<ticket> stop_leading(const std::string& id, ticket leader, in_flight_table& table);

  /// Who may go on when a request has left: its first follower, and the next of its key.
  struct successors {
    std::optional<ticket> follower;
    std::optional<ticket> next;
  };

  /// A request was removed from the table, wherever it stood.
  successors leave(const std::string& id, ticket request, in_flight_table& table);

private:
  bool by_key_;
  key_order queues_;
  request_coalescing coalescing_;
};

} // namespace mp
