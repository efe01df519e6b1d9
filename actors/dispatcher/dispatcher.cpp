#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/crash.hpp"
#include "actors/instruments/log.hpp"

#include <caf/local_actor.hpp>

namespace mp {

dispatcher_actor::behavior_type dispatcher_state::make_behavior() {
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

dispatcher_state::time_point dispatcher_state::now() const { return self->clock().now(); }

double dispatcher_state::random() const { return config.random(); }

// ---- who is there ----------------------------------------------------------------------------------------------------

void dispatcher_state::meet(const reader_hello& hello) {
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
  sanitizer = hello.sanitizer;
  self->monitor(sanitizer);
  for (auto* row : table.in_stage(request_stage::cleaning))
    send_to_cleaning(*row);
}

void dispatcher_state::meet(const producer_hello& hello) {
  producer = hello.producer;
  self->monitor(producer);
  to_send.open(hello.window);
  promised.clear();
  for (const auto& each : hello.held)
    promised.emplace(each.partition, each.offset);
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
}

void dispatcher_state::stage_down(const caf::actor_addr& source) {
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

void dispatcher_state::worker_failed(std::uint64_t ticket) {
  if (auto* row = table.find(ticket); row != nullptr && row->stage == request_stage::assigned)
    failed(*row, fault::worker_lost);
}

// ---- at the end of every handler -------------------------------------------------------------------------------------

void dispatcher_state::after() {
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

void dispatcher_state::ask_for_more() {
  if (!reader || !producer) // a producer that is not there yet may hold ends that would be paid for again
    return;
  intake_load load{pool.free_count(), pool.any_usable() && !draining, table.count(request_stage::waiting), table.size(),
                   static_cast<std::int64_t>(table.bytes())};
  if (auto grant = budget.next(load))
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
  for (auto& from : table.hand_back())
    settled.handed_back.push_back(from);
  for (auto* row : table.in_stage(request_stage::publishing))
    if (row->adrift)
      table.remove(row->ticket); // nothing new is read that could bring it ashore
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
