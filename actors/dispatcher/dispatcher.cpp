#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/crash.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/local_actor.hpp>

#include <algorithm>
#include <utility>

namespace mp {

dispatcher_actor::behavior_type dispatcher_state::make_behavior() {
  crash_with_reason(self);
  no_producer_since = now();
  self->set_down_handler([this](caf::down_msg& message) { stage_down(message.source); });
  return {
    [this](const reader_hello& hello) { meet(hello); },
    [this](const record_batch& batch) { take_in(batch); },
    [this](const partitions_taken& taken) { catch_up(taken); },
    [this](const partitions_leaving& leaving_ones) { let_go(leaving_ones); },
    [this](const partitions_gone& gone) { forget(gone); },
    [this](const group_state& state) { holdings(state); },
    [this](group_left) { reader_left(); },
    [this](const worker_hello& hello) { meet(hello); },
    [this](work_demand) { offer_work(); },
    [this](const call_result& result) { call_done(result); },
    [this](const sanitizer_hello& hello) { meet(hello); },
    [this](const cleaning_result& result) { cleaned(result); },
    [this](const producer_hello& hello) { meet(hello); },
    [this](const receipts& delivered) { take_receipts(delivered); },
    [this](const output_state& state) { hear(state); },
    [this](const monitor_hello& hello) { meet(hello); },
    [this](const host_state& state) { host_changed(state); },
    [this](drain) -> caf::result<void> { return start_drain(); },
    [this](ping) {
      return pong{table.count(request_stage::waiting) + table.count(request_stage::parked), table.size(), why_not_published()};
    },
  };
}

dispatcher_state::time_point dispatcher_state::now() const { return self->clock().now(); }

double dispatcher_state::random() const { return config.random(); }

// ---- neighbours that start and end -----------------------------------------------------------------------------------

void dispatcher_state::meet(const reader_hello& hello) {
  if (reader && reader != hello.reader)
    disown();
  reader = hello.reader;
  self->monitor(reader);
  budget.reset();
  leaving = false;
  if (draining)
    self->send(reader, stop_reading{});
  after();
}

void dispatcher_state::meet(const worker_hello& hello) {
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

void dispatcher_state::meet(const sanitizer_hello& hello) {
  sanitizers[static_cast<std::size_t>(hello.lane)] = hello.sanitizer;
  self->monitor(hello.sanitizer);
  for (auto* row : table.in_stage(request_stage::cleaning))
    if (lane_of(row->answer.text.size()) == hello.lane)
      send_to_cleaning(*row);
}

void dispatcher_state::meet(const producer_hello& hello) {
  producer = hello.producer;
  no_producer_since.reset();
  self->monitor(producer);
  to_send.open(hello.window, hello.whole_requests);
  destinations.forget_held();
  promised.clear();
  for (const auto& each : hello.held)
    promised.insert(each.record());
  for (auto* row : table.in_stage(request_stage::publishing)) {
    if (row->at_producer)
      take_back(*row); // it was promised by another one
    else if (!row->adrift)
      to_send.add(*row);
  }
  after();
}

void dispatcher_state::meet(const monitor_hello& hello) {
  monitor = hello.monitor;
  self->monitor(monitor);
  tell_monitor();
  for (auto& [name, each] : hosts)
    if (each.breaker.gives_work())
      each.trouble = 0, each.looked_at = false; // whatever this monitor says it has found after all trouble that is known
    else
      self->send(monitor, host_trouble{name, each.trouble, each.reload}); // its predecessor has not answered, or not well
}

void dispatcher_state::stage_down(const caf::actor_addr& source) {
  for (auto& each : sanitizers)
    if (each && each.address() == source)
      each = nullptr;
  if (reader && reader.address() == source) {
    reader = nullptr;
    disown();
    budget.reset();
    holdings({});
    if (leaving)
      reader_left();
  } else if (producer && producer.address() == source) {
    producer = nullptr;
    no_producer_since = now();
    to_send.close();
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

void dispatcher_state::worker_failed(std::uint64_t ticket) {
  if (auto* row = table.find(ticket); row != nullptr && row->stage == request_stage::assigned)
    failed(*row, {fault::worker_lost});
}

// ---- at the end of every handler -------------------------------------------------------------------------------------

void dispatcher_state::after() {
  check_mailbox(self, config.mailbox_bound);
  auto present = now();
  auto next_deadline = expire_late();
  judge_broken();
  end_rests();
  table.unpark(present);
  assign_waiting();
  auto next_retry = table.unpark(present); // nothing more is due, but what was refused may have been put back for its turn
  send_records();
  if (!settled.finished.empty() || !settled.handed_back.empty()) {
    if (reader)
      self->send(reader, std::move(settled));
    settled = {};
  }
  guard_intake();
  watch_output();
  kept.expire(present);
  ask_for_more();
  std::optional<time_point> due;
  for (auto each : {next_deadline, next_retry, guard.next_trial(), destinations.next_trial(), broken.next(), next_rest})
    if (each && *each > present && (!due || *each < *due)) // a trial that is due waits for whatever hinders it
      due = each;
  set_timer(due);
  auto waiting = table.count(request_stage::waiting) + table.count(request_stage::parked);
  auto publishing = table.count(request_stage::publishing);
  config.metrics->table(waiting, table.size() - waiting - publishing, publishing, table.bytes());
  if (draining)
    continue_drain();
}

/// One timer for everything that is due: disposed ones live until their time, so there is none per request [caf 2].
void dispatcher_state::set_timer(std::optional<time_point> due) {
  if (due == timer_due)
    return;
  timer.dispose();
  timer_due = due;
  if (due)
    timer = self->run_delayed(std::max(*due - now(), std::chrono::nanoseconds{0}), [this] {
      timer_due.reset();
      after();
    });
}

/// A flood of dead letters has begun or is over.
void dispatcher_state::guard_intake() {
  if (flooded == !guard.open())
    return;
  flooded = !guard.open();
  trial_coming = false;
  trial.reset();
  if (flooded) {
    log::error("intake_paused", {{"reason", "too many of the last requests that a model was asked for ended as dead letters"},
                                 {"limit_percent", config.flood.stop_percent}});
    budget.reset();
    if (reader)
      self->send(reader, stop_reading{});
  } else {
    log::info("intake_resumed");
  }
  tell_monitor();
}

/// The record read for a trial needs no model call.
void dispatcher_state::trial_said_nothing() {
  if (std::exchange(trial_coming, false))
    guard.trial_said_nothing(now());
}

void dispatcher_state::ask_for_more() {
  if (!reader || !producer) // a producer that has not reported yet may hold ends whose model calls would be repeated
    return;
  if (output_stuck)
    return;
  // Never all of it, or nothing would be read that what is kept could be used for.
  auto kept_bytes = std::min(static_cast<std::int64_t>(kept.bytes()), config.intake.bytes_max / 4);
  auto failing = failing_count(); // they wait for a trial that another user's request has to pass, which may have to be read first
  intake_load load{pool.free_count(), pool.any_usable() && !draining, table.queued() - failing, table.size() - table.adrift_count(),
                   static_cast<std::int64_t>(table.bytes() - table.adrift_bytes()) + kept_bytes, table.count(request_stage::parked) + failing};
  std::optional<intake_grant> grant;
  if (guard.open())
    grant = budget.next(load);
  else if (guard.trial_due(now()) && (grant = budget.trial(load))) {
    guard.trial_taken(now());
    trial_coming = true;
  }
  if (grant)
    self->send(reader, read_demand{grant->records, grant->bytes});
}

// ---- drain -----------------------------------------------------------------------------------------------------------

caf::result<void> dispatcher_state::start_drain() {
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
  for (auto* row : table.unbegun())
    hand_back(*row);
  for (auto* row : table.all())
    if (row->gone && row->stage != request_stage::publishing)
      call_off(*row); // nothing will read it again here
  for (auto* row : table.in_stage(request_stage::publishing))
    if (row->adrift)
      drop(*row); // while draining nothing is read, so its record is not redelivered
  after();
  return promise;
}

void dispatcher_state::continue_drain() {
  if (!table.empty() || leaving)
    return;
  leaving = true;
  if (reader)
    self->send(reader, leave_group{});
  else
    reader_left();
}

void dispatcher_state::reader_left() {
  if (!leaving)
    return; // it was stopped by its supervisor; what is under way goes on
  drained = true;
  for (auto& each : drain_askers)
    each.deliver();
  drain_askers.clear();
}

dispatcher_actor spawn_dispatcher(caf::local_actor* parent, dispatcher_config config) {
  return parent->spawn<dispatcher_actor::stateful_impl<dispatcher_state>>(std::move(config));
}

} // namespace mp
