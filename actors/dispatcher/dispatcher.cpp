#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/crash.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/local_actor.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

// So long after the end of a remote worker that of worker_nodes, should it be its cause, has been reported for sure.
constexpr auto nodes_end_max = std::chrono::milliseconds{500};

} // namespace

dispatcher_actor::behavior_type dispatcher_state::make_behavior() {
  crash_with_reason(self);
  self->set_down_handler([this](caf::down_msg& message) { stage_down(message.source); });
  return {
    [this](const reader_started& started) { on_reader_started(started); },
    [this](const record_batch& batch) { take_in(batch); },
    [this](const partitions_taken& taken) { catch_up(taken); },
    [this](const partitions_leaving& revoking) { on_revoking(revoking); },
    [this](const partitions_gone& revoked) { on_revoked(revoked); },
    [this](const group_state& state) { assigned_count(state); },
    [this](group_left) { reader_left(); },
    [this](const worker_started& started) { on_worker_started(started); },
    [this](work_demand) { offer_work(); },
    [this](demand_withdrawn) { return withdraw_demand(); },
    [this](const call_result& result) { call_done(result); },
    [this](const worker_nodes_started& started) { on_worker_nodes_started(started); },
    [this](nodes_heard) { on_nodes_heard(); },
    [this](const held_calls_offered& offer) { on_held_calls(offer); },
    [this](const adoption_failed& which) { on_adoption_failed(which); },
    [this](const settlement_committed& done) { on_settlement_committed(done); },
    [this](const sanitizer_started& started) { on_sanitizer_started(started); },
    [this](const cleaning_result& result) { cleaned(result); },
    [this](const producer_started& started) { on_producer_started(started); },
    [this](const receipts& delivered) { take_receipts(delivered); },
    [this](const output_state& state) { hear(state); },
    [this](const monitor_started& started) { on_monitor_started(started); },
    [this](const host_state& state) { host_changed(state); },
    [this](drain) -> caf::result<void> { return start_drain(); },
    [this](ping) { return pong{table.unbegun_count(), table.size(), why_not_published()}; },
  };
}

dispatcher_state::time_point dispatcher_state::now() const { return self->clock().now(); }

// ---- neighbours that start and end ----

void dispatcher_state::on_reader_started(const reader_started& started) {
  if (reader && reader != started.reader)
    on_reader_lost();
  reader = started.reader;
  self->monitor(reader);
  intake.reset_demand();
  draining.leaving_group = false;
  if (draining.begun)
    self->send(reader, stop_reading{});
  after();
}

void dispatcher_state::on_worker_started(const worker_started& started) {
  auto address = started.worker.address();
  auto [known, fresh] = workers.ids.try_emplace(address, workers.next_id);
  if (fresh) {
    ++workers.next_id;
    self->monitor(started.worker);
  }
  workers.by_id[known->second] = started.worker;
  if (auto ticket = hosts.remove_worker(known->second))
    worker_failed(*ticket);
  hosts.add_worker(known->second, started.host);
  if (started.remote) {
    workers.remote_hosts.insert(started.host);
    hosts.set_remote(started.host);
  }
  after();
}

void dispatcher_state::on_sanitizer_started(const sanitizer_started& started) {
  sanitizers[static_cast<std::size_t>(started.lane)] = started.sanitizer;
  self->monitor(started.sanitizer);
  for (auto* row : table.in_stage(request_stage::cleaning))
    if (lane_of(row->answer.text.size()) == started.lane)
      send_to_cleaning(*row);
}

void dispatcher_state::on_producer_started(const producer_started& started) {
  producer = started.producer;
  self->monitor(producer);
  publishing.on_producer_started(started, table);
  for (auto* row : table.in_stage(request_stage::held_by_producer))
    take_back(*row); // another producer held its records
  after();
}

void dispatcher_state::on_monitor_started(const monitor_started& started) {
  monitor = started.monitor;
  self->monitor(monitor);
  tell_monitor();
  hosts.on_monitor_started();
  act_on_hosts();
}

void dispatcher_state::stage_down(const caf::actor_addr& source) {
  for (auto& each : sanitizers)
    if (each && each.address() == source)
      each = nullptr;
  if (reader && reader.address() == source) {
    reader = nullptr;
    on_reader_lost();
    intake.reset_demand();
    assigned_count({});
    if (draining.leaving_group)
      reader_left();
  } else if (producer && producer.address() == source) {
    producer = nullptr;
    publishing.producer_lost(now());
  } else if (monitor && monitor.address() == source) {
    monitor = nullptr;
    hosts.monitor_lost();
  } else if (nodes.actor && nodes.actor.address() == source) {
    on_worker_nodes_lost();
  } else if (auto i = workers.ids.find(source); i != workers.ids.end()) {
    auto ticket = hosts.remove_worker(i->second);
    workers.by_id.erase(i->second);
    workers.ids.erase(i);
    if (ticket)
      worker_failed(*ticket);
  }
  after();
}

void dispatcher_state::worker_failed(std::uint64_t ticket) {
  auto* row = table.find(ticket);
  if (row == nullptr || row->stage != request_stage::assigned)
    return;
  // A remote worker ends with its node, which is reported as the call's end, or with what takes the nodes, of which the
  // end is reported in a moment. Then the call goes on.
  if (row->called_remotely && !nodes.awaited) {
    nodes.awaited = true;
    nodes.awaited_until = now() + nodes_end_max;
  }
  failed(*row, {row->called_remotely ? fault::node_lost : fault::worker_lost});
}

// ---- at the end of every handler ----

void dispatcher_state::after() {
  check_mailbox(self, config.mailbox_bound);
  auto present = now();
  auto next_deadline = expire_late();
  for (const auto& each : hosts.judge(table, now()))
    judge(each);
  hosts.end_pauses(now());
  table.unpark(present);
  if (nodes.awaited_until && present >= *nodes.awaited_until) {
    nodes.awaited = false;
    nodes.awaited_until.reset();
  }
  assign_waiting();
  auto next_retry =
    table.unpark(present); // nothing more is due, but what was refused may have been put back for its turn
  act_on_hosts();
  send_records();
  settle_with_reader();
  tell_nodes();
  pause_or_resume();
  watch_output();
  publishing.expire_kept(present);
  ask_for_more();
  std::optional<time_point> due;
  for (auto each :
       {next_deadline, next_retry, intake.next_trial(), publishing.next_trial(), hosts.next(), nodes.awaited_until})
    if (each && *each > present && (!due || *each < *due)) // a trial that is due waits for whatever hinders it
      due = each;
  set_timer(due);
  auto waiting = table.unbegun_count();
  auto ended = table.ended_count();
  config.metrics->table(waiting, table.size() - waiting - ended, ended, table.bytes());
  if (config.rows_checked)
    check_rows();
  if (draining.begun)
    continue_drain();
}

/// A row that means nothing is a broken invariant: a crash repeats requests, going on may lose one.
void dispatcher_state::check_rows() const {
  if (const auto* row = table.inconsistent())
    require(false, check_consistent(*row));
}

/// One timer for everything that is due: disposed ones live until their time, so there is none per request [caf 2].
void dispatcher_state::set_timer(std::optional<time_point> due) {
  if (due == timer.due)
    return;
  timer.pending.dispose();
  timer.due = due;
  if (due)
    timer.pending = self->run_delayed(std::max(*due - now(), std::chrono::nanoseconds{0}), [this] {
      timer.due.reset();
      after();
    });
}

/// Too many requests have begun to end as dead letters, or no longer do.
void dispatcher_state::pause_or_resume() {
  auto is_paused = intake.dead_letters_changed();
  if (!is_paused)
    return;
  if (*is_paused) {
    log::error("intake_paused",
               {{"reason", "too many of the last requests that a model was asked for ended as dead letters"},
                {"limit_percent", config.dead_letters.stop_percent}});
    if (reader)
      self->send(reader, stop_reading{});
  } else {
    log::info("intake_resumed");
  }
  tell_monitor();
}

void dispatcher_state::tell_monitor() {
  if (monitor)
    self->send(monitor, intake_state{group.partitions, draining.begun, intake.is_paused(), group.trouble, group.stalled,
                                     false, static_cast<std::uint32_t>(nodes.usable_hosts.size())});
}

void dispatcher_state::ask_for_more() {
  if (!reader || !producer) // a producer that has not reported yet may hold ends whose model calls would be repeated
    return;
  // Never all of it, or nothing would be read that what is kept could be used for.
  auto kept_bytes = std::min(static_cast<std::int64_t>(publishing.kept_bytes()), config.intake.bytes_max / 4);
  auto failing = hosts.failing_count(
    table, now()); // they wait for a trial that another user's request has to pass, which may have to be read first
  intake_load load{hosts.free_count(),
                   hosts.any_usable() && !draining.begun,
                   table.queued() - failing,
                   table.size() - table.count(request_stage::awaiting_redelivery),
                   static_cast<std::int64_t>(table.bytes() - table.awaiting_redelivery_bytes()) + kept_bytes,
                   table.count(request_stage::parked) + failing};
  if (auto grant = intake.next(load, now()))
    self->send(reader, read_demand{grant->records, grant->bytes});
}

// ---- drain ----

caf::result<void> dispatcher_state::start_drain() {
  log::info("drain_started", {{"in_flight", table.size()}});
  draining.begun = true;
  auto promise = self->make_response_promise<void>();
  if (draining.over) {
    promise.deliver();
    return promise;
  }
  draining.askers.push_back(promise);
  tell_monitor();
  if (reader)
    self->send(reader, stop_reading{});
  for (auto* row : table.unbegun())
    hand_back(*row);
  for (auto* row : table.all())
    if (is_at_node(*row) && row->owner != ownership::revoked) {
      release(*row); // the node goes on, and offers the call to the next reader
      hand_back(*row);
    } else if (row->owner == ownership::revoked && !is_ended(row->stage)) {
      call_off(*row); // nothing will read it again here
    }
  for (auto* row : table.in_stage(request_stage::awaiting_redelivery))
    drop(*row); // while draining nothing is read, so its record is not redelivered
  after();
  return promise;
}

void dispatcher_state::continue_drain() {
  if (!table.empty() || draining.leaving_group)
    return;
  draining.leaving_group = true;
  if (reader)
    self->send(reader, leave_group{});
  else
    reader_left();
}

void dispatcher_state::reader_left() {
  if (!draining.leaving_group)
    return; // it was stopped by its supervisor; what is under way goes on
  draining.over = true;
  for (auto& each : draining.askers)
    each.deliver();
  draining.askers.clear();
}

dispatcher_actor spawn_dispatcher(caf::local_actor* parent, dispatcher_config config) {
  return parent->spawn<dispatcher_actor::stateful_impl<dispatcher_state>>(std::move(config));
}

} // namespace mp
