#pragma once
// What is on its way to the broker, and what has come of it. No actors.

#include "actors/dispatcher/answer_keep.hpp"
#include "actors/dispatcher/destination_watch.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/outbox.hpp"
#include "actors/dispatcher/recent_ends.hpp"
#include "messages/interfaces.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mp {

/// The ends of requests between the dispatcher and the producer: which records go out next, which wait for a topic or
/// for their request to be read again, which ends are to be reported to the reader, and which answers are kept because
/// their partition was taken away.
class publishing {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using token = outbox::token;
  using topics = std::array<std::string, 3>; ///< names, in the order of `destination`

  /// How long an answer waits for its request to be read again by a new reader. Longer than a session of the group, so
  /// that a partition that comes back at all has come back by then; what came to another member is answered there.
  static constexpr std::chrono::seconds redelivery_wait_max{60};

  publishing(answer_keep_limits keep, time_point now) : kept_(keep), no_producer_since_(now) {}

  // the producer

  /// A producer is there: all rows in stage publishing are sent to it. What an earlier one held of an earlier
  /// dispatcher is void: see rows in stage held_by_producer.
  void on_producer_started(const producer_started& started, in_flight_table& table);
  void producer_lost(time_point now);

  /// The producer has reported why it publishes nothing; empty: it does.
  void reported(const output_state& state, time_point now);

  /// True, once: the producer holds the records of this request, from an earlier dispatcher.
  bool take_held(const record_key& record) { return held_by_producer_.erase(record) > 0; }

  // records

  /// The row's records are to be published, or are to be published again.
  void add(const in_flight_request& row) { to_send_.add(row); }
  void add_again(const in_flight_request& row, std::size_t record) {
    add_again(outbox::token_of(row.ticket, record), generation());
  }
  /// Does nothing if the producer has changed since `generation`.
  void add_again(token which, std::uint64_t generation) { to_send_.add_again(which, generation); }
  std::uint64_t generation() const { return to_send_.generation(); }

  /// What may be sent now.
  publication take(in_flight_table& table, time_point now);

  /// The row that the delivery is of, or null: it is of an earlier producer, and the record was sent again since. To be
  /// called once for each delivery: the producer takes one record more.
  in_flight_request* returned(const delivery& each, in_flight_table& table);

  /// A record of the row needs nothing more. True: it was the last one, the request has had its end.
  bool is_done(in_flight_request& row, std::size_t record);

  // topics that refuse

  /// A topic has refused this record, which waits from now on (see hold). True: it is news.
  bool refused(const in_flight_request& row, std::size_t record, const std::string& code, time_point now);
  void hold(const in_flight_request& row, std::size_t record);

  /// The topic has acknowledged a record; what waited for it is sent. True: it is news.
  bool acknowledged(destination to);

  /// A record was rejected for a reason that may be its own or its topic's. True: for its own, because the topic takes
  /// others all the while.
  bool is_at_fault(in_flight_request& row, std::size_t record) const;

  bool waits_for_topic(const in_flight_request& row) const;
  std::size_t held_back() const { return destinations_.held(); }
  std::optional<time_point> next_trial() const { return destinations_.next_trial(); }

  /// Why records are not published, for people; empty when they are.
  std::string why_not(in_flight_table& table, const topics& names, time_point now) const;

  // redelivery

  /// A record came back because its partition's assignment is over. Gives the row if it can be of no use here: it is to
  /// be kept and dropped. Else it is sent again, or waits for redelivery.
  in_flight_request* stale(const stale_record& which, bool draining, in_flight_table& table, time_point now);

  /// The record of a row that is held has been read again: if the row has waited for that, its records are sent again.
  void redelivered(in_flight_request& row, in_flight_table& table);

  /// After what time drop_unredelivered is to be called, when it was not said yet. Nothing: no row waits for
  /// redelivery.
  std::optional<std::chrono::nanoseconds> redelivery_timer(in_flight_table& table, time_point now);

  /// The rows that have waited too long, to be dropped. Call redelivery_timer() after that.
  std::vector<in_flight_request*> unredelivered(in_flight_table& table, time_point now);

  // ends

  /// The request of this record had its end lately.
  bool has_ended(const origin& from, time_point now) { return ended_.contains(from, now); }

  /// The receipts that follow, until the next call: whether the reader has heard of the ends in them from the producer.
  void reader_told(bool told) { reader_told_ = told; }

  /// The request has had its end; reported to the reader where that has to know and does not yet.
  void ended(const in_flight_request& row, time_point now);

  /// The producer has published what it held of an earlier dispatcher. Gives the row that waited for it, if there is
  /// one: it has had its end.
  in_flight_request* ended_at_producer(const origin& from, in_flight_table& table, time_point now);

  /// The producer has not published it. Gives the row that waited for it, if there is one: it has to be worked on.
  in_flight_request* given_up(const origin& from, in_flight_table& table);

  /// Nothing is due for this record.
  void finished(const origin& from) { settled_.finished.push_back(from); }

  /// Nothing was begun for the row, and nothing will be.
  void handed_back(const in_flight_request& row);

  /// What the reader has to be told.
  std::optional<settlement> take_settlement();

  // kept answers

  /// The row's end is kept for the case that its request is read here again. One that has cost no call is not.
  void keep(const in_flight_request& row, time_point now);
  std::optional<kept_answer> take_kept(const record_key& record, time_point now) { return kept_.take(record, now); }
  void expire_kept(time_point now) { kept_.expire(now); }
  std::size_t kept_bytes() const { return kept_.bytes(); }

private:
  std::string why_no_producer(time_point now) const;

  outbox to_send_;
  destination_watch destinations_;
  std::set<record_key> held_by_producer_; ///< whose records the producer has from an earlier dispatcher
  recent_ends ended_;
  answer_keep kept_;
  settlement settled_; ///< collected in one handler, sent at its end
  bool reader_told_ = false;
  bool redelivery_timed_ = false; ///< a timer runs for rows that await redelivery
  std::string trouble_; ///< reported by the producer
  time_point trouble_at_{};
  std::optional<time_point> no_producer_since_;
};

} // namespace mp
