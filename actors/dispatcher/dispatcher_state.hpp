#pragma once
// The dispatcher's state and everything it does; see dispatcher.hpp for what it is. Only the .cpp files of this actor include it:
// dispatcher.cpp (neighbours, the end of every handler, drain), request_flow.cpp (intake, to the model and back), failed_calls.cpp,
// hosts.cpp (which hosts get work), request_order.cpp (which request waits for which), request_ends.cpp.

#include "actors/dispatcher/break_off_watch.hpp"
#include "actors/dispatcher/destination_watch.hpp"
#include "actors/dispatcher/dispatcher.hpp"
#include "actors/dispatcher/ends.hpp"
#include "actors/dispatcher/failing_users.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/key_lanes.hpp"
#include "actors/dispatcher/model_watch.hpp"
#include "actors/dispatcher/outbox.hpp"
#include "actors/dispatcher/poison_photos.hpp"
#include "actors/dispatcher/rate_limiter.hpp"
#include "actors/dispatcher/recent_ends.hpp"
#include "actors/dispatcher/refusal_pace.hpp"
#include "actors/dispatcher/twins.hpp"
#include "actors/dispatcher/worker_pool.hpp"
#include "actors/telemetry/event_table.hpp"

#include <caf/disposable.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <array>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace mp {

struct dispatcher_state {
  using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

  static inline const char* name = "dispatcher";

  dispatcher_actor::pointer self;
  dispatcher_config config;
  in_flight_table table;
  recent_ends ended;
  answer_keep kept;
  worker_pool pool;
  intake_budget budget;
  rate_limiter limiter;
  key_lanes lanes;
  twins same;
  flood_guard guard;
  poison_photos photos;

  /// A host as its calls show it.
  struct watched_host {
    host_breaker breaker;
    failing_users users{};
    std::uint64_t trouble = 0; ///< number of the last trouble told to the monitor; a probe begun before it says nothing
    std::string reload{};      ///< a model that the monitor was told to load anew with it
    bool looked_at = false;    ///< the monitor was told to probe it, although it goes on
    std::uint64_t well_at = 0; ///< the last event that shows it well: a probe that passed, or the beginning of a call that was answered
    std::optional<time_point> rests_until{}; ///< it gets no work until then, whatever its probes find
  };
  std::map<std::string, watched_host> hosts;
  std::uint64_t troubles = 0;
  std::uint64_t events = 0; ///< numbers assignments, refusals and proofs of a host's health in their order
  break_off_watch broken;
  refusal_pace refusals;
  std::optional<time_point> next_rest; ///< when the next host has rested long enough
  model_watch models;

  reader_actor reader;
  producer_actor producer;
  std::array<sanitizer_actor, 2> sanitizers; // one of each lane
  monitor_actor monitor;
  std::unordered_map<worker_pool::worker_id, worker_actor> workers;
  std::map<caf::actor_addr, worker_pool::worker_id> worker_ids;
  worker_pool::worker_id next_worker_id = 1;

  outbox to_send;
  destination_watch destinations;
  bool output_stuck = false;        // so much waits for topics that refuse that nothing more is read
  std::string output_trouble;       // reported by the producer
  time_point output_trouble_at{};
  std::optional<time_point> no_producer_since;
  std::set<record_key> promised; // requests whose records the producer has of our predecessor
  bool sweeping = false;            // a timer runs that ends rows adrift for too long
  settlement settled;               // collected in one handler, sent at its end
  bool reader_told = false;         // by the producer, of the receipts being handled
  std::uint32_t partitions = 0;
  std::string reader_trouble;
  caf::disposable timer;
  std::optional<time_point> timer_due;
  bool flooded = false;             // as the monitor knows it
  std::string stalled;              // group_state::stalled
  bool trial_coming = false;        // requested from the reader while intake is paused, and not arrived yet
  std::optional<std::uint64_t> trial; // the one that came
  bool draining = false;
  bool leaving = false;
  bool drained = false;
  std::vector<caf::typed_response_promise<void>> drain_askers;

  dispatcher_state(dispatcher_actor::pointer ptr, dispatcher_config given)
    : self(ptr), config(std::move(given)), kept(config.keep), budget(config.intake), limiter(config.rate_limit), guard(config.flood) {}

  dispatcher_actor::behavior_type make_behavior();
  time_point now() const;
  double random() const;

  // neighbours that start and end
  void meet(const reader_hello& hello);
  void meet(const worker_hello& hello);
  void meet(const sanitizer_hello& hello);
  void meet(const producer_hello& hello);
  void meet(const monitor_hello& hello);
  void stage_down(const caf::actor_addr& source);
  void worker_failed(std::uint64_t ticket);

  // in
  void take_in(const record_batch& batch);
  void arrived(std::size_t bytes);
  void trial_said_nothing();
  /// Null: it is held already, or had its end before its reader's successor read it again.
  in_flight_request* accept(const origin& from, std::size_t bytes);
  void accept(const shared_request& question);
  void accept(const shared_value<bad_record>& bad);
  void accept(const skipped_record& skipped);
  /// True if the producer still holds this request's records from an earlier dispatcher: its end comes without another model call.
  bool leave_to_producer(in_flight_request& row);
  /// True if an answer was kept from before the request's partition was taken away: it becomes the end without another model call.
  bool use_kept_answer(in_flight_request& row);
  /// Its end is kept for the case that it is read here again.
  void keep_answer(const in_flight_request& row);
  /// Rows that have just had their end, of which those of partitions that are gone leave.
  void keep_gone(const std::vector<in_flight_request*>& ended_now);
  /// Whether something new may be begun for the row: a call, a retry, its end without a call. Not while its partition belongs to another
  /// reader, or is about to.
  bool may_begin(const in_flight_request& row) const;
  /// The producer has not got its records after all.
  void take_back(in_flight_request& row);
  /// The reader is gone. Who will read its partitions is not known, so nothing is begun for them; what a model works on goes on and is
  /// recognised when it is read again.
  void disown();
  /// Drops requests that have had their end elsewhere: those of a reader that is gone, and those of which an unclear transaction turned
  /// out to be committed.
  void catch_up(const partitions_taken& taken);
  void let_go(const partitions_leaving& leaving_ones);
  /// What is left of these partitions is read by another member, or here again. Requests without a call are dropped; a reply on its way
  /// to the broker can still be of use; calls go on, unless the service drains, and their ends are kept.
  void forget(const partitions_gone& gone);
  void cancel(const in_flight_request& row);
  /// Removes the row without an end and cancels its call.
  void call_off(in_flight_request& row);
  /// Removes the row without an end. Requests that waited for it go on.
  void drop(in_flight_request& row);
  void holdings(const group_state& state);
  void tell_monitor();

  // order
  /// A request that this dispatcher has to end: it takes its place behind those that go before it.
  void enter(in_flight_request& row);
  /// Nobody goes before it any more: its end, if that is known already, or the queue.
  void let_go_on(in_flight_request& row);
  void let_go_on(std::optional<std::uint64_t> ticket);
  std::optional<time_point> deadline_of(const request& question) const;
  void promote(std::optional<std::uint64_t> heir, const std::string& id, std::uint64_t leader);
  void expire(in_flight_request& row);
  std::optional<time_point> expire_late();
  std::vector<in_flight_request*> take_followers(const in_flight_request& leader);

  // to the model and back
  void offer_work();
  void assign_waiting();
  /// Whether the request is a suspect: a photo in flight at one runner crash, or a text at two. Sent to its host alone it either ends well
  /// or is the only one to fail, so a poison photo costs two runners and no attempt of another request. (Alone among this service's calls.)
  static bool asked_alone(const in_flight_request& row);
  bool is_being_asked(std::string_view photo);
  routed_model model_of(const in_flight_request& row) const;
  void call_done(const call_result& result);
  void refuse(in_flight_request& row, fault why);
  void send_to_cleaning(in_flight_request& row);
  void cleaned(const cleaning_result& result);
  /// The model gets its unusable answer and what is wrong with it, and answers once more. No attempt is charged.
  void ask_again(in_flight_request& row);
  void count_repair(const in_flight_request& row, repair_outcome outcome);

  // failed calls
  /// A failure, and what was known of the host then.
  struct ended_call {
    fault why;
    bool refused = false;       ///< an HTTP status said so
    bool host_was_well = false; ///< since the last refusal
    bool server_died = false;
  };
  void call_failed(in_flight_request& row, const call_failure& failure, std::chrono::nanoseconds duration);
  /// Puts the request back, or gives it its end.
  void failed(in_flight_request& row, const ended_call& call);
  void reload_if_broken(const in_flight_request& row, fault why, std::chrono::nanoseconds duration);
  void runner_died(in_flight_request& row);
  /// It was at a death; calls with the same photo are called back, wherever they are.
  void suspect_photo(in_flight_request& row);
  /// True: whether the server died will show in a moment, and the request waits for that.
  bool in_doubt(in_flight_request& row, const ended_call& call);
  void judge_broken();
  void judge(const break_off_watch::verdict& of);
  in_flight_request* broken_row(std::uint64_t ticket);
  /// Whether calls at the host that began before an event are under way, beside one.
  bool goes_on(const std::string& host, std::uint64_t before, const in_flight_request* but = nullptr);

  // hosts
  /// `is_known`: it was refused before, which tells no more of the host.
  void judge_host(const in_flight_request& row, const ended_call& call, bool is_known);
  void host_answered(const in_flight_request& row);
  bool only_trials() const;
  bool fails_there(const in_flight_request& row) const;
  bool fails_alone(const in_flight_request& row) const;
  std::size_t failing_count();
  void look_at(const std::string& host);
  void suspect(const std::string& host, const std::string& reload = {});
  void set_usable(const std::string& host, bool usable);
  void end_rests();
  void note_answer(const in_flight_request& row, const call_result& result, const raw_answer& answer);
  void load_anew(const in_flight_request& row, log::event<log::level::warning> event);
  void host_changed(const host_state& state);
  watched_host& watched(const std::string& host);
  void hand_back(in_flight_request& row);

  // ends
  end_facts facts(request_kind kind) const;
  bad_record whose_end(const request& question) const;
  void end_well(in_flight_request& row, const clean_text& clean);
  void end_in_fault(in_flight_request& row, const bad_record& whose, bool dead_letter);
  /// From here on the row holds what is to be published and no longer the question, whose photo may be megabytes.
  void publish(in_flight_request& row, std::vector<shared_outgoing> records);
  void send_records();
  void take_receipts(const receipts& delivered);
  void take_delivery(const delivery& each);
  void take_stale(const stale_record& stale);
  void sweep_adrift();
  void ended_at_producer(const origin& from);
  void send_again_later(std::uint64_t token, const std::string& code);
  void end(in_flight_request& row);
  void fail_for_good(in_flight_request& row, fault why, bool dead_letter);

  // records that are not taken (request_refusals.cpp)
  /// The topic will never take this record. A reply is replaced by an error reply and a dead letter; an error reply by a dead letter,
  /// if there is none; a dead letter by a smaller one. When there is nothing smaller it is the topic's fault.
  void not_taken(in_flight_request& row, std::size_t which, const delivery& why);
  /// Refused for a reason that may be the record's or the topic's: it is the record's when others are taken all the while.
  void rejected(in_flight_request& row, std::size_t which, const delivery& why);
  /// The topic takes nothing: the record waits, and its offset with it.
  void wait_for_topic(in_flight_request& row, std::size_t which, const std::string& code);
  void topic_acknowledged(destination to);
  bool waits_for_topic(const in_flight_request& row) const;
  const std::string& topic_of(destination to) const { return config.output_topics[static_cast<std::size_t>(to)]; }
  void hear(const output_state& state);
  void watch_output();
  /// Why records are not published, for people; empty when they are.
  std::string why_not_published();

  // at the end of every handler
  void after();
  void set_timer(std::optional<time_point> due);
  void ask_for_more();
  void guard_intake();

  // drain
  caf::result<void> start_drain();
  void continue_drain();
  void reader_left();
};

} // namespace mp
