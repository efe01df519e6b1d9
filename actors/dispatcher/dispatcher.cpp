#include "actors/dispatcher/dispatcher.hpp"

#include "actors/crash.hpp"
#include "actors/dispatcher/ends.hpp"
#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/dispatcher/outbox.hpp"
#include "actors/dispatcher/recent_ends.hpp"
#include "actors/dispatcher/worker_pool.hpp"
#include "actors/instruments/log.hpp"

#include <caf/disposable.hpp>
#include <caf/local_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <optional>
#include <unordered_map>

namespace mp {
namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

// A record that the broker did not acknowledge is sent again after this time; the client library has by then tried for two minutes.
constexpr auto redelivery_delay = 1s;

double milliseconds_of(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

struct dispatcher_state {
  static inline const char* name = "dispatcher";

  dispatcher_actor::pointer self;
  dispatcher_config config;
  in_flight_table table;
  recent_ends ended;
  worker_pool pool;
  intake_budget budget;

  reader_actor reader;
  producer_actor producer;
  sanitizer_actor sanitizer;
  monitor_actor monitor;
  std::unordered_map<worker_pool::worker_id, worker_actor> workers;
  std::map<caf::actor_addr, worker_pool::worker_id> worker_ids;
  worker_pool::worker_id next_worker_id = 1;

  outbox to_send;
  settlement settled;               // collected in one handler, sent at its end
  std::uint32_t partitions = 0;
  caf::disposable unpark_timer;
  std::optional<time_point> unpark_due;
  bool draining = false;
  bool leaving = false;
  bool drained = false;
  std::vector<caf::typed_response_promise<void>> drain_askers;

  dispatcher_state(dispatcher_actor::pointer ptr, dispatcher_config given)
    : self(ptr), config(std::move(given)), budget(config.intake) {}

  dispatcher_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    self->set_down_handler([this](caf::down_msg& message) { stage_down(message.source); });
    return {
      [this](const reader_hello& hello) { meet(hello); },
      [this](const record_batch& batch) { take_in(batch); },
      [this](const partitions_leaving& leaving_ones) { let_go(leaving_ones); },
      [this](const partitions_gone& gone) { forget(gone); },
      [this](const group_state& state) { holdings(state.partitions); },
      [this](group_left) { reader_left(); },
      [this](const worker_hello& hello) { meet(hello); },
      [this](work_demand) { offer_work(); },
      [this](const call_result& result) { call_done(result); },
      [this](const sanitizer_hello& hello) { meet(hello); },
      [this](const cleaning_result& result) { cleaned(result); },
      [this](const producer_hello& hello) { meet(hello); },
      [this](const receipts& delivered) { take_receipts(delivered); },
      [this](const monitor_hello& hello) { meet(hello); },
      [this](const host_state& state) { host_changed(state); },
      [this](drain) -> caf::result<void> { return start_drain(); },
      [this](ping) { return pong{table.count(request_stage::waiting) + table.count(request_stage::parked), table.size()}; },
    };
  }

  time_point now() const { return self->clock().now(); }
  double random() const { return config.random(); }

  // ---- who is there ------------------------------------------------------------------------------------------------------

  void meet(const reader_hello& hello) {
    reader = hello.reader;
    self->monitor(reader);
    budget.reset();
    leaving = false;
    if (draining)
      self->send(reader, stop_reading{});
    after();
  }

  void meet(const worker_hello& hello) {
    auto address = hello.worker.address();
    auto [known, fresh] = worker_ids.try_emplace(address, next_worker_id);
    if (fresh) {
      ++next_worker_id;
      self->monitor(hello.worker);
    }
    workers[known->second] = hello.worker;
    if (auto ticket = pool.remove(known->second))
      worker_failed(*ticket);
    pool.add(known->second, hello.host);
    after();
  }

  void meet(const sanitizer_hello& hello) {
    sanitizer = hello.sanitizer;
    self->monitor(sanitizer);
    for (auto* row : table.in_stage(request_stage::cleaning))
      send_to_cleaning(*row);
  }

  void meet(const producer_hello& hello) {
    producer = hello.producer;
    self->monitor(producer);
    to_send.open(hello.window);
    for (auto* row : table.in_stage(request_stage::publishing))
      to_send.add(*row);
    after();
  }

  void meet(const monitor_hello& hello) {
    monitor = hello.monitor;
    self->monitor(monitor);
    tell_monitor();
  }

  void stage_down(const caf::actor_addr& source) {
    if (reader && reader.address() == source) {
      reader = nullptr;
      budget.reset();
      holdings(0);
      if (leaving)
        reader_left();
    } else if (producer && producer.address() == source) {
      producer = nullptr;
      to_send.close();
    } else if (sanitizer && sanitizer.address() == source) {
      sanitizer = nullptr;
    } else if (monitor && monitor.address() == source) {
      monitor = nullptr;
    } else if (auto i = worker_ids.find(source); i != worker_ids.end()) {
      auto ticket = pool.remove(i->second);
      workers.erase(i->second);
      worker_ids.erase(i);
      if (ticket)
        worker_failed(*ticket);
    }
    after();
  }

  void worker_failed(std::uint64_t ticket) {
    if (auto* row = table.find(ticket); row != nullptr && row->stage == request_stage::assigned)
      failed(*row, fault::worker_lost);
  }

  // ---- in ----------------------------------------------------------------------------------------------------------------

  void take_in(const record_batch& batch) {
    for (const auto& each : batch.records)
      std::visit([this](const auto& record) { accept(record); }, each);
    after();
  }

  void arrived(std::size_t bytes) {
    if (!budget.received(bytes) && !draining)
      log::error("demand_exceeded");
  }

  /// Null: it is held already, or had its end before its reader's successor read it again.
  in_flight_request* accept(const origin& from, std::size_t bytes) {
    arrived(bytes);
    if (!ended.contains(from, now()))
      return table.accept(from, bytes, now());
    config.instruments->records_skipped_as_finished(1);
    settled.finished.push_back(from);
    return nullptr;
  }

  void accept(const shared_request& question) {
    auto* row = accept(question->from, question->bytes);
    if (row == nullptr)
      return;
    row->kind = question->kind;
    row->id = question->id;
    row->question = question;
    if (draining)
      hand_back(*row);
  }

  void accept(const shared_value<bad_record>& bad) {
    auto* row = accept(bad->from, bad->bytes);
    if (row == nullptr)
      return;
    row->kind = bad->kind;
    row->id = bad->id;
    end_in_fault(*row, *bad, mp::row(bad->why).cure == remedy::dead_letter);
  }

  void accept(const skipped_record& skipped) {
    arrived(skipped.bytes);
    config.instruments->request_skipped();
    settled.finished.push_back(skipped.from);
  }

  void let_go(const partitions_leaving& leaving_ones) {
    for (const auto& each : leaving_ones.partitions) {
      for (auto& from : table.hand_back(each.partition, each.epoch))
        settled.handed_back.push_back(from);
      for (auto* row : table.of_partition(each.partition, each.epoch))
        row->leaving = true;
    }
    after();
  }

  /// What is left of these partitions is read by another member. A reply on its way to the broker can still be of use; calls are
  /// cancelled.
  void forget(const partitions_gone& gone) {
    for (const auto& each : gone.partitions)
      for (auto* row : table.of_partition(each.partition, each.epoch)) {
        if (row->stage == request_stage::publishing) {
          row->gone = true;
          continue;
        }
        if (row->stage == request_stage::assigned)
          cancel(*row);
        table.remove(row->ticket);
      }
    after();
  }

  void cancel(const in_flight_request& row) {
    if (auto worker = pool.worker_of(row.ticket))
      self->send(workers.at(*worker), cancel_call{row.ticket});
  }

  void holdings(std::uint32_t count) {
    partitions = count;
    tell_monitor();
  }

  void tell_monitor() {
    if (monitor)
      self->send(monitor, intake_state{partitions, draining});
  }

  // ---- to the model and back -----------------------------------------------------------------------------------------------

  void offer_work() {
    auto i = worker_ids.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
    if (i == worker_ids.end())
      return;
    if (auto lost = pool.set_free(i->second); !lost)
      return;
    after();
  }

  void assign_waiting() {
    while (auto* row = table.next_waiting()) {
      auto worker = pool.choose(row->ticket, row->avoid);
      if (!worker)
        return;
      ++row->assignments;
      row->host = pool.host_of(*worker);
      if (row->assignments == 1) {
        row->first_assigned = now();
        config.instruments->queue_time(row->first_assigned - row->received);
      }
      table.move(*row, request_stage::assigned);
      self->send(workers.at(*worker), assignment{row->ticket, row->assignments, row->question, model_for(*row->question)});
    }
  }

  const std::string& model_for(const request& question) const {
    return question.model.empty() ? config.model : question.model;
  }

  void call_done(const call_result& result) {
    auto* row = table.find(result.ticket, request_stage::assigned, result.attempt);
    if (row == nullptr)
      return; // of an older assignment, or its partition is gone
    row->model_time = result.duration;
    if (auto* answer = std::get_if<raw_answer>(&result.outcome)) {
      config.instruments->model_time(row->kind, result.duration);
      config.instruments->tokens(answer->prompt_tokens, answer->answer_tokens);
      row->answer = *answer;
      table.move(*row, request_stage::cleaning);
      send_to_cleaning(*row);
    } else {
      auto& failure = std::get<call_failure>(result.outcome);
      log::info("call_failed", {{"id", row->id}, {"fault", code_of(failure.why)}, {"host", row->host},
                                {"status", failure.http_status}, {"attempt", row->attempts + 1}});
      failed(*row, failure.why);
    }
    after();
  }

  void send_to_cleaning(in_flight_request& row) {
    if (sanitizer)
      self->send(sanitizer, cleaning_job{row.ticket, row.assignments, row.kind, row.answer.finish, row.answer.text});
  }

  void cleaned(const cleaning_result& result) {
    auto* row = table.find(result.ticket, request_stage::cleaning, result.attempt);
    if (row == nullptr)
      return;
    if (auto* clean = std::get_if<clean_text>(&result.outcome))
      end_well(*row, *clean);
    else
      failed(*row, std::get<fault>(result.outcome));
    after();
  }

  void failed(in_flight_request& row, fault why) {
    if (why == fault::runner_died)
      ++row.runner_deaths;
    auto decision = decide_retry({why, row.kind, !row.question->model.empty(), row.attempts, row.runner_deaths, row.waits},
                                 config.retry, random());
    if (auto* end = std::get_if<end_in_error>(&decision)) {
      ++row.attempts;
      auto whose = identity_of(*row.question);
      whose.why = end->why;
      end_in_fault(row, whose, end->dead_letter);
      return;
    }
    auto& again = std::get<try_again>(decision);
    again.charged ? ++row.attempts : ++row.waits;
    row.avoid = row.host;
    row.answer = {};
    config.instruments->retried(why);
    if (again.host_suspect && pool.usable(row.host)) {
      host_changed({row.host, false});
      if (monitor)
        self->send(monitor, host_trouble{row.host});
    }
    if (draining || row.leaving)
      hand_back(row);
    else
      table.park(row, now() + again.delay);
  }

  void host_changed(const host_state& state) {
    if (pool.usable(state.host) != state.usable)
      log::info(state.usable ? "host_usable" : "host_unusable", {{"host", state.host}});
    pool.set_usable(state.host, state.usable);
    config.instruments->host_usable(state.host, state.usable);
    if (state.usable) // what was put back for the host's sake need not wait any longer
      for (auto* row : table.in_stage(request_stage::parked))
        if (row->waits > 0)
          table.park_again(*row, now());
    after();
  }

  void hand_back(in_flight_request& row) {
    if (!row.gone)
      settled.handed_back.push_back(row.from);
    table.remove(row.ticket);
  }

  // ---- ends --------------------------------------------------------------------------------------------------------------

  end_facts facts() const { return {config.model, config.requests_topic, now(), config.wall_clock()}; }

  void end_well(in_flight_request& row, const clean_text& clean) {
    ++row.attempts;
    config.instruments->mended(clean.mends);
    row.identity = shared_value<bad_record>{identity_of(*row.question)};
    publish(row, {records_of_answer(row, clean, facts())});
  }

  void end_in_fault(in_flight_request& row, const bad_record& whose, bool dead_letter) {
    row.ended_by = whose.why;
    row.dead_letter = dead_letter;
    publish(row, records_of_fault(row, whose, dead_letter, facts()));
  }

  /// From here on the row holds what is to be published and no longer the question, whose photo may be megabytes.
  void publish(in_flight_request& row, std::vector<shared_outgoing> records) {
    auto bytes = row.identity->body.size(); // kept whole for a dead letter, should the reply turn out to be too large
    for (const auto& each : records)
      bytes += each->key.size() + each->body.size();
    row.question = {};
    row.answer = {};
    row.records = std::move(records);
    row.undelivered = (1u << row.records.size()) - 1;
    table.resize(row, bytes);
    table.move(row, request_stage::publishing);
    if (row.undelivered == 0)
      end(row); // nobody to tell and no dead letter: cannot happen with the table of faults, but must not hang
    else
      to_send.add(row);
  }

  void send_records() {
    if (!producer)
      return;
    publication batch;
    for (auto& [token, record] : to_send.take(table))
      batch.records.push_back({token, std::move(record)});
    if (!batch.records.empty())
      self->send(producer, std::move(batch));
  }

  void take_receipts(const receipts& delivered) {
    for (const auto& each : delivered.deliveries) {
      to_send.returned();
      auto* row = table.find(outbox::ticket_of(each.token));
      auto bit = 1u << outbox::record_of(each.token);
      if (row == nullptr || row->stage != request_stage::publishing || (row->undelivered & bit) == 0)
        continue; // of an earlier producer; sent again since
      switch (each.result) {
        case delivery_result::acknowledged:
          row->undelivered &= ~bit;
          if (row->undelivered == 0)
            end(*row);
          break;
        case delivery_result::too_large: too_large(*row, outbox::record_of(each.token)); break;
        case delivery_result::failed: send_again_later(each.token); break;
      }
    }
    after();
  }

  /// The broker will never take this record. A reply is replaced by an error reply and a dead letter, a dead letter by one without
  /// its payload; what is even then too large is given up, because nothing smaller could be said.
  void too_large(in_flight_request& row, std::size_t which) {
    log::warning("record_too_large", {{"id", row.id}, {"bytes", row.bytes}});
    auto& record = row.records[which];
    if (record->to == destination::dead_letter && !record->body.empty()) {
      auto shorter = *record;
      shorter.body.clear();
      record = shared_outgoing{std::move(shorter)};
      to_send.add_again(outbox::token_of(row.ticket, which), to_send.generation());
      return;
    }
    if (row.ended_by) {
      row.undelivered &= ~(1u << which);
      if (row.undelivered == 0)
        end(row);
      return;
    }
    auto whose = *row.identity;
    whose.why = fault::reply_too_large;
    end_in_fault(row, whose, true);
  }

  void send_again_later(std::uint64_t token) {
    log::warning("delivery_failed", {{"ticket", outbox::ticket_of(token)}});
    self->run_delayed(redelivery_delay, [this, token, generation = to_send.generation()] {
      to_send.add_again(token, generation);
      after();
    });
  }

  void end(in_flight_request& row) {
    if (!row.gone)
      settled.finished.push_back(row.from);
    ended.add(row.from, now());
    if (row.ended_by)
      config.instruments->request_ended(row.kind, *row.ended_by);
    else
      config.instruments->request_ended_well(row.kind);
    if (row.dead_letter)
      config.instruments->dead_lettered(*row.ended_by);
    log::info("request_done",
              {{"id", row.id}, {"kind", row.kind == request_kind::photo ? "photo" : "text"},
               {"outcome", row.ended_by ? code_of(*row.ended_by) : std::string_view{"ok"}}, {"attempts", row.attempts},
               {"host", row.host}, {"model_ms", milliseconds_of(row.model_time)},
               {"total_ms", milliseconds_of(now() - row.received)}, {"partition", row.from.partition}, {"offset", row.from.offset}});
    table.remove(row.ticket);
  }

  // ---- at the end of every handler -----------------------------------------------------------------------------------------

  void after() {
    if (auto due = table.unpark(now()); due != unpark_due || !due) {
      unpark_timer.dispose();
      unpark_due = due;
      if (due)
        unpark_timer = self->run_delayed(*due - now(), [this] {
          unpark_due.reset();
          after();
        });
    }
    assign_waiting();
    send_records();
    if (!settled.finished.empty() || !settled.handed_back.empty()) {
      if (reader)
        self->send(reader, std::move(settled));
      settled = {};
    }
    ask_for_more();
    auto waiting = table.count(request_stage::waiting) + table.count(request_stage::parked);
    auto publishing = table.count(request_stage::publishing);
    config.instruments->table(waiting, table.size() - waiting - publishing, publishing, table.bytes());
    if (draining)
      continue_drain();
  }

  void ask_for_more() {
    if (!reader)
      return;
    intake_load load{pool.free_count(), pool.any_usable() && !draining, table.count(request_stage::waiting), table.size(),
                     static_cast<std::int64_t>(table.bytes())};
    if (auto grant = budget.next(load))
      self->send(reader, read_demand{grant->records, grant->bytes});
  }

  // ---- drain -------------------------------------------------------------------------------------------------------------

  caf::result<void> start_drain() {
    log::info("drain_started", {{"in_flight", table.size()}});
    draining = true;
    auto promise = self->make_response_promise<void>();
    if (drained) {
      promise.deliver();
      return promise;
    }
    drain_askers.push_back(promise);
    tell_monitor();
    if (reader)
      self->send(reader, stop_reading{});
    for (auto& from : table.hand_back())
      settled.handed_back.push_back(from);
    after();
    return promise;
  }

  void continue_drain() {
    if (!table.empty() || leaving)
      return;
    leaving = true;
    if (reader)
      self->send(reader, leave_group{});
    else
      reader_left();
  }

  void reader_left() {
    if (!leaving)
      return; // it was stopped by its supervisor; what is under way goes on
    drained = true;
    for (auto& each : drain_askers)
      each.deliver();
    drain_askers.clear();
  }
};

using implementation = dispatcher_actor::stateful_impl<dispatcher_state>;

} // namespace

dispatcher_actor spawn_dispatcher(caf::local_actor* parent, dispatcher_config config) {
  return parent->spawn<implementation>(std::move(config));
}

} // namespace mp
