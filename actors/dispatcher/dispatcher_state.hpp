#pragma once
// The dispatcher's state and everything it does; see dispatcher.hpp for what it is. What can be decided without actors
// is decided by the classes of its first fields; the rest acts on it. Only the .cpp files of this actor include this,
// one for each section below.

#include "actors/dispatcher/dispatcher.hpp"
#include "actors/dispatcher/ends.hpp"
#include "actors/dispatcher/held_calls.hpp"
#include "actors/dispatcher/hosts.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/intake.hpp"
#include "actors/dispatcher/publishing.hpp"
#include "actors/dispatcher/request_order.hpp"
#include "actors/dispatcher/uncommitted_ends.hpp"

#include <caf/disposable.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

namespace mp {

struct dispatcher_state {
  using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

  static inline const char* name = "dispatcher";

  dispatcher_actor::pointer self;
  dispatcher_config config;
  in_flight_table table;
  mp::intake intake;
  request_order order;
  mp::hosts hosts;
  mp::publishing publishing;

  reader_actor reader;
  producer_actor producer;
  std::array<sanitizer_actor, 2> sanitizers; // one for each cleaning_lane
  monitor_actor monitor;
  struct {
    std::unordered_map<worker_pool::worker_id, worker_actor> by_id;
    std::map<caf::actor_addr, worker_pool::worker_id> ids;
    worker_pool::worker_id next_id = 1;
    std::set<std::string> remote_hosts{}; ///< of other nodes
  } workers;

  struct {
    worker_nodes_actor actor; ///< takes them; null where none are taken
    bool awaited = false;     ///< they may hold calls of which they have not spoken yet: nothing is begun
    std::optional<time_point> awaited_until{}; ///< not longer than this
    held_calls held;
    std::vector<record_key> settled{}; ///< to be settled with the reader at the end of the handler
    uncommitted_ends uncommitted{};    ///< settled; the nodes hold their answers until the group knows of them
    std::vector<record_key> committed{}; ///< to be told at the end of the handler
    std::vector<record_key> released{};  ///< likewise
    std::size_t backlog_told = 0;
    std::set<std::string> usable_hosts{};
  } nodes;

  group_state group; ///< as the reader has reported
  struct {
    caf::disposable pending;
    std::optional<time_point> due;
  } timer;
  struct {
    bool begun = false;
    bool leaving_group = false;
    bool over = false;
    std::vector<caf::typed_response_promise<void>> askers;
  } draining;

  dispatcher_state(dispatcher_actor::pointer ptr, dispatcher_config given)
    : self(ptr), config(std::move(given)), intake(config.intake, config.dead_letters, config.rate_limit),
      order(config.order_by_key), hosts(config.breaker, config.idle_max, routed_models(config.routes)),
      publishing(config.keep, now()) {
    nodes.awaited = config.takes_nodes;
  }

  dispatcher_actor::behavior_type make_behavior();
  time_point now() const;

  // neighbours that start and end (dispatcher.cpp)
  void on_reader_started(const reader_started& started);
  void on_worker_started(const worker_started& started);
  void on_sanitizer_started(const sanitizer_started& started);
  void on_producer_started(const producer_started& started);
  void on_monitor_started(const monitor_started& started);
  void stage_down(const caf::actor_addr& source);
  void worker_failed(std::uint64_t ticket);

  // at the end of every handler (dispatcher.cpp)
  void after();
  void check_rows() const;
  void set_timer(std::optional<time_point> due);
  void pause_or_resume();
  void tell_monitor();
  void ask_for_more();

  // drain (dispatcher.cpp)
  caf::result<void> start_drain();
  void continue_drain();
  void reader_left();

  // in (request_intake.cpp)
  void take_in(const record_batch& batch);
  void arrived(std::size_t bytes);
  /// Null: it is held already, or had its end before its reader's successor read it again.
  in_flight_request* accept(const origin& from, std::size_t bytes);
  void accept(const shared_request& question);
  void accept(const shared_value<bad_record>& bad);
  void accept(const skipped_record& skipped);
  /// True if the producer still holds this request's records from an earlier dispatcher: its end comes without another
  /// model call.
  bool leave_to_producer(in_flight_request& row);
  /// The producer has not got its records after all.
  void take_back(in_flight_request& row);
  /// True if an answer was kept from before the request's partition was taken away: it becomes the end without another
  /// model call.
  bool use_kept_answer(in_flight_request& row);
  std::optional<time_point> deadline_of(const request& question) const;

  // whose the partitions are (partition_changes.cpp)
  /// Whether something new may be begun for the row: a call, a retry, its end without a call. Not while its partition
  /// belongs to another reader, or is about to.
  bool may_begin(const in_flight_request& row) const;
  /// The reader is gone. Who will read its partitions is not known, so nothing is begun for them; what a model works on
  /// goes on and is recognised when it is read again.
  void on_reader_lost();
  /// Drops requests that have had their end elsewhere: those of a reader that is gone, and those of which an unclear
  /// transaction turned out to be committed.
  void catch_up(const partitions_taken& taken);
  void on_revoking(const partitions_leaving& revoking);
  /// What is left of these partitions is read by another member, or here again. Requests without a call are dropped; a
  /// reply on its way to the broker can still be of use; calls go on, unless the service drains, and their ends are
  /// kept.
  void on_revoked(const partitions_gone& revoked);
  void assigned_count(const group_state& state);

  // order (request_turns.cpp)
  /// A request that this dispatcher has to end: it takes its place behind those that go before it.
  void enter(in_flight_request& row);
  /// Nobody goes before it any more: its end, if that is known already, or the queue.
  void admit(in_flight_request& row);
  void admit(std::optional<std::uint64_t> ticket);
  void expire(in_flight_request& row);
  std::optional<time_point> expire_late();
  /// Removes the row without an end. Requests that waited for it go on.
  void drop(in_flight_request& row);
  /// Removes the row without an end and cancels its call.
  void call_off(in_flight_request& row);
  /// Removes the row, for which nothing was begun; the reader is told.
  void hand_back(in_flight_request& row);

  // to the model and back (model_calls.cpp)
  void offer_work();
  void assign_waiting();
  bool withdraw_demand();
  void begin_assignment(in_flight_request& row);
  void assign(in_flight_request& row, worker_pool::worker_id worker);
  routed_model model_of(const in_flight_request& row) const;
  void cancel(const in_flight_request& row);
  void remote_worker_done();
  void call_done(const call_result& result);
  void note_answer(const in_flight_request& row, const call_result& result, const raw_answer& answer);
  void refuse(in_flight_request& row, fault why);
  void send_to_cleaning(in_flight_request& row);
  void cleaned(const cleaning_result& result);
  /// The model gets its unusable answer and what is wrong with it, and answers once more. No attempt is charged.
  void ask_again(in_flight_request& row);
  void wait_again(in_flight_request& row);
  void count_reask(const in_flight_request& row, reask_outcome outcome);

  // calls at other nodes (remote_calls.cpp)
  void on_worker_nodes_started(const worker_nodes_started& started);
  void on_nodes_heard();
  void on_worker_nodes_lost();
  void on_held_calls(const held_calls_offered& offer);
  bool adopt(in_flight_request& row);
  void on_adoption_failed(const adoption_failed& failed);
  void on_settlement_committed(const settlement_committed& done);
  void adoption_ended(in_flight_request& row);
  void release(in_flight_request& row);
  bool is_at_node(const in_flight_request& row) const;
  void forget_answer(in_flight_request& row);
  void settle_with_reader();
  void tell_nodes();

  // failed calls and their hosts (failed_calls.cpp)
  void call_failed(in_flight_request& row, const call_failure& failure, std::chrono::nanoseconds duration);
  /// Puts the request back, or gives it its end.
  void failed(in_flight_request& row, const ended_call& call);
  /// It was at a death; calls with the same photo are called back.
  void mark_suspected(in_flight_request& row);
  void judge(const break_off_watch::verdict& of);
  void host_changed(const host_state& state);
  /// Does what hosts has found to be done.
  void act_on_hosts();
  void act_on(const host_action& action);

  // ends (request_ends.cpp)
  end_facts facts(request_kind kind) const;
  bad_record whose_end(const request& question) const;
  void end_well(in_flight_request& row, const clean_text& clean);
  void fail_for_good(in_flight_request& row, fault why, bool dead_letter);
  void end_in_fault(in_flight_request& row, const bad_record& whose, bool dead_letter);
  /// From here on the row holds what is to be published and no longer the question, whose photo may be megabytes.
  void publish(in_flight_request& row, std::vector<shared_outgoing> records);
  /// Its end is kept for the case that it is read here again.
  void keep_answer(const in_flight_request& row);
  /// Rows that have just had their end, of which those of revoked partitions leave.
  void keep_revoked(const std::vector<in_flight_request*>& ended_now);
  void end(in_flight_request& row);

  // to the broker and back (deliveries.cpp)
  void send_records();
  void take_receipts(const receipts& delivered);
  void take_delivery(const delivery& each);
  void await_redelivery();
  void drop_unredelivered();
  void ended_at_producer(const origin& from);
  void send_again_later(std::uint64_t token, const std::string& code);

  // records that are not taken (request_refusals.cpp)
  /// The topic will never take this record. A reply is replaced by an error reply and a dead letter; an error reply by
  /// a dead letter, if there is none; a dead letter by a smaller one. When there is nothing smaller it is the topic's
  /// fault.
  void not_taken(in_flight_request& row, std::size_t which, const delivery& why);
  /// Refused for a reason that may be the record's or the topic's: it is the record's when others are taken all the
  /// while.
  void rejected(in_flight_request& row, std::size_t which, const delivery& why);
  /// The topic takes nothing: the record waits, and its offset with it.
  void wait_for_topic(in_flight_request& row, std::size_t which, const std::string& code);
  void topic_acknowledged(destination to);
  const std::string& topic_of(destination to) const { return config.output_topics[static_cast<std::size_t>(to)]; }
  void hear(const output_state& state);
  void watch_output();
  std::string why_not_published();
};

} // namespace mp
