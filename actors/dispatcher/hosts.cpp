#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"

#include <algorithm>

namespace mp {

dispatcher_state::watched_host& dispatcher_state::watched(const std::string& host) {
  return hosts.try_emplace(host, watched_host{host_breaker{config.breaker}}).first->second;
}

void dispatcher_state::judge_host(const in_flight_request& row, const ended_call& call, bool is_known) {
  auto& host = watched(row.host);
  const auto& user = row.question->user_email;
  host.users.failed(user, now());
  bool is_there = call.why != fault::host_unreachable || call.refused;
  if (is_there && host.users.fails_alone(user, now()))
    is_known = true; // it says nothing of a host that answers the others
  if (!is_known && host.breaker.call_failed(call.why, row.ticket, model_of(row).of_its_own, call.refused)) {
    if (auto rest = host.breaker.rest(); rest.count() > 0)
      host.rests_until = now() + rest;
    suspect(row.host);
  } else if (call.refused && call.why != fault::host_busy && !goes_on(row.host, events, &row)) {
    look_at(row.host); // without calls of other users only a probe shows whether the host answers them
  }
}

void dispatcher_state::host_answered(const in_flight_request& row) {
  auto& host = watched(row.host);
  if (host.breaker.on_trial())
    pool.set_trial(row.host, !host.breaker.gives_work());
  host.breaker.call_succeeded();
  host.users.answered(row.question->user_email, now());
  host.well_at = std::max(host.well_at, row.assigned_at);
  broken.answered(row.host, row.assigned_at);
  if (row.refusals > 0)
    refusals.answered(++events);
}

/// Has it probed without taking its work away.
void dispatcher_state::look_at(const std::string& host) {
  auto& each = watched(host);
  if (!monitor || each.looked_at || !each.breaker.gives_work())
    return;
  each.looked_at = true;
  each.trouble = ++troubles;
  self->send(monitor, host_trouble{host, troubles, {}});
}

/// No work for it until a probe begun from now on has shown that its model answers.
void dispatcher_state::suspect(const std::string& host, const std::string& reload) {
  log::warning("host_suspected", {{"host", host}});
  watched(host).trouble = ++troubles;
  watched(host).reload = reload;
  set_usable(host, false);
  if (monitor)
    self->send(monitor, host_trouble{host, troubles, reload});
}

void dispatcher_state::set_usable(const std::string& host, bool usable) {
  pool.set_usable(host, usable);
  pool.set_trial(host, watched(host).breaker.on_trial());
  config.metrics->host_usable(host, usable);
}

void dispatcher_state::note_answer(const in_flight_request& row, const call_result& result, const raw_answer& answer) {
  auto model = model_of(row).label;
  config.metrics->model_time(row.kind, result.duration);
  config.metrics->tokens(model, answer.prompt_tokens, answer.answer_tokens);
  config.metrics->answer_speed(model, answer.answer_tokens, answer.answer_time);
  models.spoke(row.host, model_of(row).name, now());
  auto found = models.answered(row.host, now() - result.duration, answer.load_time);
  if (found.reloaded)
    config.metrics->model_reloaded(row.host, model);
  if (found.often && *found.often)
    log::warning("model_reloads_often", {{"host", row.host}, {"model", model},
                                         {"advice", "other users of the host, OLLAMA_MAX_LOADED_MODELS or its memory make it load models again and again"}});
  else if (found.often)
    log::info("model_reloads_over", {{"host", row.host}});
}

/// A model that writes the same sign again and again, or nothing, does so until it is loaded anew [ollama 10] [ollama 11].
/// Not given work until then, the host does not spoil other requests meanwhile.
void dispatcher_state::load_anew(const in_flight_request& row, log::event<log::level::warning> event) {
  auto model = model_of(row);
  if (!models.may_reload(row.host, model.label, now()))
    return;
  log::warning(event, {{"host", row.host}, {"model", model.label}, {"remedy", "it is unloaded and loaded anew"}});
  config.metrics->model_reload_ordered(row.host, model.label);
  watched(row.host).breaker.trip();
  suspect(row.host, model.name);
}

void dispatcher_state::host_changed(const host_state& state) {
  auto& host = watched(state.host);
  if (state.trouble >= host.trouble) {
    host.breaker.probe_started();
    host.reload.clear();
    host.looked_at = false;
    if (state.usable)
      host.well_at = ++events;
  }
  if (!state.usable)
    broken.found_dead(state.host);
  host.breaker.probed(state.usable);
  auto usable = host.breaker.gives_work() && (!host.rests_until || *host.rests_until <= now());
  if (pool.usable(state.host) != usable)
    log::info(usable ? log::event<log::level::info>{"host_usable"} : "host_unusable", {{"host", state.host}});
  set_usable(state.host, usable);
  pool.set_speed(state.host, state.gpu_share);
  after();
}

/// Only hosts on trial may be given work, which gets one call at a time.
bool dispatcher_state::only_trials() const {
  auto is_on_trial = [](const auto& each) { return each.second.breaker.on_trial(); };
  if (std::none_of(hosts.begin(), hosts.end(), is_on_trial)) // nearly always
    return false;
  return pool.any_usable() && std::all_of(hosts.begin(), hosts.end(), [&](const auto& each) {
           return is_on_trial(each) || !pool.usable(each.first);
         });
}

/// The calls of its user fail at all hosts that may be given work.
bool dispatcher_state::fails_there(const in_flight_request& row) const {
  return std::all_of(hosts.begin(), hosts.end(), [&](const auto& each) {
    return !pool.usable(each.first) || each.second.users.fails(row.question->user_email, now());
  });
}

/// Its host answers others than its user.
bool dispatcher_state::fails_alone(const in_flight_request& row) const {
  auto host = hosts.find(row.host);
  return host != hosts.end() && host->second.users.fails_alone(row.question->user_email, now());
}

/// How many of those that wait for a worker do so while others of their users fail on trial.
std::size_t dispatcher_state::failing_count() {
  if (!only_trials())
    return 0;
  auto waiting = table.in_stage(request_stage::waiting);
  return static_cast<std::size_t>(std::count_if(waiting.begin(), waiting.end(), [this](const auto* each) {
    return table.is_queued(*each) && fails_there(*each);
  }));
}

/// Gives hosts work again that have passed a probe before their rest was over.
void dispatcher_state::end_rests() {
  next_rest.reset();
  for (auto& [name, each] : hosts) {
    if (!each.rests_until)
      continue;
    if (*each.rests_until > now()) {
      next_rest = std::min(next_rest.value_or(*each.rests_until), *each.rests_until);
      continue;
    }
    each.rests_until.reset();
    if (each.breaker.gives_work() && !pool.usable(name)) {
      log::info("host_usable", {{"host", name}});
      set_usable(name, true);
    }
  }
}

} // namespace mp
