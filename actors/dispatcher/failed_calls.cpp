#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/dispatcher/retry_policy.hpp"
#include "actors/telemetry/log.hpp"

namespace mp {

void dispatcher_state::call_failed(in_flight_request& row, const call_failure& failure,
                                   std::chrono::nanoseconds duration) {
  auto call = hosts.failed(row, failure, model_of(row), duration, table, now());
  if (failure.why == fault::runner_died) {
    hosts.runner_died(row, table, now());
    if (row.kind == request_kind::photo)
      mark_suspected(row);
  }
  // Whether its server died will show in a moment, and the request waits for that.
  if (auto due = may_begin(row) ? hosts.in_doubt(row, call, table, now()) : std::nullopt)
    table.park(row, *due);
  else
    failed(row, call);
}

void dispatcher_state::failed(in_flight_request& row, const ended_call& call) {
  config.metrics->call_failed(call.why);
  failed_call known{call.why,          row.kind,  model_of(row).of_its_own, row.attempts,
                    row.runner_deaths, row.waits, row.beside_photo};
  known.refused = call.refused;
  known.host_was_well = call.host_was_well;
  known.server_died = call.server_died;
  auto decision = decide_retry(known, config.retry, config.random());
  if (auto* end = std::get_if<end_in_error>(&decision)) {
    if (end->why == fault::poison)
      hosts.mark_poison(row, now());
    fail_for_good(row, end->why, end->dead_letter);
    return;
  }
  auto& again = std::get<try_again>(decision);
  again.charged ? ++row.attempts : ++row.waits;
  row.avoid = row.host;
  row.answer = {};
  config.metrics->retried(call.why);
  if (!may_begin(row))
    hand_back(row);
  else if (row.deadline && *row.deadline <= now())
    expire(row);
  else
    table.park(row, now() + again.delay);
}

void dispatcher_state::mark_suspected(in_flight_request& row) {
  for (auto* other : hosts.mark_suspected(row, table, now())) {
    cancel(*other);
    failed(*other, {fault::cancelled}); // the worker says nothing more about it
  }
}

/// What it was beside a photo, or a photo itself, decides whether its call is charged: see retry_policy.
void dispatcher_state::judge(const break_off_watch::verdict& of) {
  std::size_t photo_count = 0;
  for (auto ticket : of.calls)
    if (auto* row = broken_row(table, ticket))
      photo_count += row->kind == request_kind::photo ? 1 : 0;
  if (of.died && !of.runner)
    log::warning("server_died", {{"host", of.host}, {"calls", of.calls.size()}, {"photos", photo_count}});
  for (auto ticket : of.calls) {
    auto* row = broken_row(table, ticket);
    if (row == nullptr)
      continue;
    auto was = *row->broke_off;
    row->broke_off.reset();
    bool is_photo = row->kind == request_kind::photo;
    if (of.died) {
      ++row->runner_deaths;
      row->beside_photo |= of.beside_photo || photo_count > (is_photo ? 1u : 0u);
      if (is_photo)
        mark_suspected(*row);
    }
    failed(*row, {was.why, was.refused, was.host_was_well, of.died});
  }
  for (auto ticket : of.late)
    if (auto* row = broken_row(table, ticket)) {
      auto was = *row->broke_off;
      row->broke_off.reset();
      of.died ? failed(*row, {fault::host_unreachable}) : failed(*row, {was.why, was.refused, was.host_was_well});
    }
}

void dispatcher_state::host_changed(const host_state& state) {
  hosts.probed(state, now());
  if (nodes.actor && self->current_sender() == nodes.actor) {
    auto changed =
      state.usable ? nodes.usable_hosts.insert(state.host).second : nodes.usable_hosts.erase(state.host) > 0;
    if (changed)
      tell_monitor();
  }
  after();
}

void dispatcher_state::act_on_hosts() {
  for (const auto& each : hosts.take_actions())
    act_on(each);
}

void dispatcher_state::act_on(const host_action& action) {
  using kind = host_action::kind;
  switch (action.what) {
    case kind::suspected: log::warning("host_suspected", {{"host", action.host}}); [[fallthrough]];
    case kind::probe:
      if (workers.remote_hosts.contains(action.host)) {
        if (nodes.actor)
          self->send(nodes.actor, host_trouble{action.host, action.trouble, action.model});
      } else if (monitor) {
        self->send(monitor, host_trouble{action.host, action.trouble, action.model});
      }
      return;
    case kind::unload:
      log::warning(action.cause == reload_cause::silent ? log::event<log::level::warning>{"model_silent"}
                                                        : "model_degenerate",
                   {{"host", action.host}, {"model", action.model}, {"remedy", "it is unloaded and loaded anew"}});
      config.metrics->model_reload_ordered(action.host, action.model);
      return;
    case kind::usable:
    case kind::unusable:
      bool is_usable = action.what == kind::usable;
      if (action.is_news)
        log::info(is_usable ? log::event<log::level::info>{"host_usable"} : "host_unusable", {{"host", action.host}});
      config.metrics->host_usable(action.host, is_usable);
      return;
  }
}

} // namespace mp
