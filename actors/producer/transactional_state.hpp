#pragma once
// The actor behind spawn_transactional_producer. Transactions and the dispatcher stand in transactional_producer.cpp,
// the port and how transactions end in transaction_outcomes.cpp.

#include "actors/producer/producer.hpp"
#include "actors/producer/refused_publications.hpp"
#include "actors/producer/transaction_queue.hpp"

#include <caf/actor_addr.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace mp {

/// One transaction after the other: the reader says what the offsets would be with these requests finished, the port
/// commits both. Only the outcome `committed` finishes anything, at the reader and at the dispatcher.
struct transactional_state {
  using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

  /// A port that cannot be opened is tried again after this time, which doubles.
  static constexpr std::chrono::seconds reopen_first{1};

  enum class phase : std::uint8_t {
    opening, ///< the port may not be used yet
    idle,
    awaiting_offsets,  ///< the reader computes the offsets
    running, ///< the port works
  };

  static inline const char* name = "producer";

  producer_actor::pointer self;
  producer_config config;
  std::unique_ptr<transaction_port> port;
  std::uint32_t port_number = 0;
  dispatcher_actor dispatcher;
  phase at = phase::opening;
  bool announced = false;           ///< the present dispatcher has received our producer_started
  bool read_back = true;             ///< what the broker has committed is not known for sure
  bool offsets_only = false; ///< the reader has offsets to commit, whether there is something to publish or not
  transaction_queue queue;
  std::vector<request_publication> batch; ///< of the transaction under way
  std::size_t records_max = 0; ///< in the next transaction; lowered to find a record that is refused
  std::size_t suspected = 0; ///< publications that may still hold it
  std::chrono::seconds reopen_pause{reopen_first};
  std::string trouble; ///< reported to the dispatcher: what keeps everything from being published
  unsigned failures = 0; ///< transactions that were not committed, in a row
  std::vector<time_point> fencings; ///< of the last fencings_period
  std::uint64_t serial = 0;
  caf::actor_addr asked_reader; ///< the reader that the request went to
  time_point next_start{}; ///< not before, unless a transaction would be full
  time_point back_off_until{}; ///< not before in any case: the last attempt failed
  bool waking = false;

  transactional_state(producer_actor::pointer ptr, producer_config given)
    : self(ptr), config(std::move(given)), records_max(config.transaction_records_max) {}

  producer_actor::behavior_type make_behavior();

  time_point now() const { return self->clock().now(); }

  // ---- the port ----

  /// The old one's destructor does not wait, and the new one's open() fences it.
  void open_port();

  /// From the present port; events of a replaced one are dropped.
  void on_port_event(const transaction_port_event& event);

  /// Settles the batch with the reader and, where it was committed, with the dispatcher; replaces the port after an
  /// unclear outcome.
  void ended(const transaction_outcome& outcome);

  /// For the log, and for the dispatcher when it goes on.
  void note_failure(const transaction_outcome& outcome);

  /// The producer is fenced, or has no right to its id, or a setting does not suit the broker: an operator has to mend
  /// that.
  void reopen_later(const std::string& reason);

  /// Told again although it is the same: the dispatcher forgets it after a while.
  void tell_trouble(std::string what);

  /// Kafka refuses batches. What is certain is told to the dispatcher; among the others the one that is to blame is
  /// searched by halving the transactions, and those that have nothing to do with it go on behind.
  void find_refused(std::vector<request_publication> publications, const std::vector<refused_record>& refused);

  // ---- dispatcher ----

  /// A dispatcher has started: what is queued or under way is of its predecessor, orphaned.
  void on_dispatcher_started(const dispatcher_actor& present);

  /// Not before the port may be used: what cannot be published is better kept by the dispatcher.
  void announce();

  /// Records to be published with the next transactions.
  void take(const publication& more);

  /// Sends receipts to a dispatcher that has received our producer_started; a later one needs none.
  void report(receipts what);

  /// Receipts for publications that are visible in Kafka.
  void acknowledge(const std::vector<request_publication>& publications);

  // ---- transactions ----

  bool has_work() const { return read_back || offsets_only || queue.records() > 0; }

  /// Starts a transaction when there is something to do and the last one began long enough ago, or it would be full.
  void start_transaction_if_due();

  void back_off() { back_off_until = now() + config.transaction_interval; }

  void wake_at(time_point due);

  /// Takes a batch from the queue and sends the reader an offsets_request.
  void request_offsets();

  /// Gives the port what the response does not call finished or stale.
  void on_offsets_response(const offsets_response& response);

  /// To the reader first: what it has heard of is safe from a crash of the dispatcher.
  void settle_with_reader(const std::vector<request_publication>& publications, bool committed);
  void forget_reader();

  /// The reader that was to answer has ended: the batch goes back into the queue.
  void reader_down(const caf::actor_addr& source);
};

} // namespace mp
