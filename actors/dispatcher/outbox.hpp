#pragma once
// Which records go to the producer next. No actors.

#include "actors/dispatcher/destination_watch.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "messages/outgoing.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

namespace mp {

/// The records of requests in stage publishing that are to be sent, within what the producer takes.
/// A record is named by a token: a request has at most two, its reply and its dead letter.
class outbox {
public:
  using token = std::uint64_t;

  static constexpr token token_of(std::uint64_t ticket, std::size_t record) { return ticket << 1 | record; }
  static constexpr std::uint64_t ticket_of(token t) { return t >> 1; }
  static constexpr std::size_t record_of(token t) { return t & 1; }

  /// A new producer takes `window` records. Resends scheduled for the previous producer are cancelled: the caller adds
  /// every unacknowledged record again. `whole_requests`: all records of a request are published together or not at
  /// all.
  void open(std::size_t window, bool whole_requests = false);

  /// There is no producer.
  void close() { window_ = 0; }

  /// Adds the unacknowledged records of a row.
  void add(const in_flight_request& row);

  /// Adds a record once more, unless the producer has changed since `generation`.
  void add_again(token t, std::uint64_t generation);

  /// Adds what waited for a topic, before everything else.
  void add_released(const std::vector<token>& tokens) { queue_.insert(queue_.begin(), tokens.begin(), tokens.end()); }
  std::uint64_t generation() const { return generation_; }

  /// A record came back, delivered or not: the producer takes one more.
  void returned() { ++window_; }

  struct entry {
    token which = 0;
    shared_outgoing record;
    origin from;
    std::uint8_t undelivered = 0; ///< bits of all records that the request still needs
    bool trial = false; ///< a topic of the request refuses, this is to show whether it still does
  };

  /// Takes what may be sent now, oldest first. Records of requests that have ended meanwhile are passed over. The
  /// records of a request that stand one behind the other are taken together or not at all: a transaction cannot
  /// publish half an end. What cannot be published now is given to `watch` to hold.
  std::vector<entry> take(in_flight_table& table, destination_watch& watch, in_flight_table::time_point now);

private:
  void take_queued(in_flight_table& table, destination_watch& watch, std::vector<entry>& taken);
  /// Of a record that is still to be published, or nullptr.
  static in_flight_request* row_of(token which, in_flight_table& table);
  bool call_sibling();
  /// The refusing topic for which this record has to wait, or nothing.
  std::optional<destination> waits_for(const in_flight_request& row, std::size_t record,
                                       const destination_watch& watch) const;

  std::deque<token> queue_;
  std::size_t window_ = 0;
  bool whole_requests_ = false;
  std::uint64_t generation_ = 0;
};

} // namespace mp
