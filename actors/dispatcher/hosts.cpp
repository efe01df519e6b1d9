#include "actors/dispatcher/hosts.hpp"

#include "messages/model_name.hpp"

#include <algorithm>

namespace mp {
namespace {

constexpr int http_bad_gateway = 502;
// A call on trial ends soon, or its host rests.
constexpr auto trial_pause = std::chrono::seconds{1};
// For a model of the request's own. Those that routes lead to are waited for in the queue.
constexpr auto loaded_host_pause = std::chrono::seconds{1};
constexpr std::size_t group_of_others = fair_queue::group_count - 1;

/// The call ended in the way that one ends whose server dies.
bool breaks_off(const call_failure& failure) {
  return failure.why == fault::stream_cut
         || (failure.why == fault::host_unreachable && failure.http_status == http_bad_gateway);
}

bool is_being_asked(std::string_view photo, in_flight_table& table) {
  auto asked = table.in_stage(request_stage::assigned);
  return std::any_of(asked.begin(), asked.end(),
                     [&](const auto* each) { return each->question->photo.view() == photo; });
}

} // namespace

bool asked_alone(const in_flight_request& row) {
  return row.runner_deaths >= (row.kind == request_kind::photo ? 1u : 2u);
}

hosts::hosts(breaker_limits breaker, std::chrono::milliseconds idle_max, const std::vector<std::string>& models)
  : breaker_limits_(breaker), idle_max_(idle_max) {
  for (const auto& each : models)
    if (routed_.size() < group_of_others)
      routed_.push_back(canonical_model_name(each));
}

hosts::watched_host& hosts::watched(const std::string& host) {
  return hosts_.try_emplace(host, watched_host{host_breaker{breaker_limits_}}).first->second;
}

// ---- the health monitor ----

void hosts::on_monitor_started() {
  has_monitor_ = true;
  for (auto& [name, each] : hosts_)
    if (each.breaker.gives_work())
      each.trouble = 0, each.looked_at = false;
    else
      actions_.push_back({host_action::kind::probe, name, each.trouble, each.reload});
}

void hosts::on_nodes_started(const std::set<std::string>& remote_hosts) {
  for (const auto& name : remote_hosts)
    if (auto i = hosts_.find(name); i != hosts_.end() && i->second.trouble > 0)
      actions_.push_back({host_action::kind::probe, name, i->second.trouble, i->second.reload});
}

void hosts::probed(const host_state& state, time_point now) {
  auto& host = watched(state.host);
  if (state.trouble >= host.trouble) {
    host.trouble = 0; // answered: a node that joins again later knows none of these numbers
    host.breaker.probe_started();
    host.reload.clear();
    host.looked_at = false;
    if (state.usable)
      host.well_at = ++events_;
  }
  if (!state.usable)
    broken_.found_dead(state.host);
  host.breaker.probed(state.usable);
  bool usable = host.breaker.gives_work() && (!host.paused_until || *host.paused_until <= now);
  set_usable(state.host, usable, pool_.usable(state.host) != usable);
  pool_.set_speed(state.host, state.gpu_share);
  std::vector<std::string> loaded;
  loaded.reserve(state.loaded.size());
  for (const auto& each : state.loaded)
    loaded.push_back(each.name);
  pool_.set_models(state.host, std::move(loaded), state.has_room);
}

/// Has it probed without taking its work away.
void hosts::look_at(const std::string& host) {
  auto& each = watched(host);
  if (!has_monitor_ || each.looked_at || !each.breaker.gives_work())
    return;
  each.looked_at = true;
  each.trouble = ++troubles_;
  actions_.push_back({host_action::kind::probe, host, troubles_});
}

void hosts::report_trouble(const std::string& host, const std::string& reload) {
  watched(host).trouble = ++troubles_;
  watched(host).reload = reload;
  actions_.push_back({host_action::kind::suspected, host, troubles_, reload});
  set_usable(host, false, false);
}

void hosts::set_usable(const std::string& host, bool usable, bool is_news) {
  pool_.set_usable(host, usable);
  pool_.set_trial(host, watched(host).breaker.on_trial());
  actions_.push_back({usable ? host_action::kind::usable : host_action::kind::unusable, host, 0, {}, {}, is_news});
}

/// A model that writes the same sign again and again, or nothing, does so until it is loaded anew [ollama 10] [ollama
/// 11]. Not given work until then, the host does not spoil other requests meanwhile.
void hosts::load_anew(const std::string& host, const routed_model& model, reload_cause cause, time_point now) {
  if (!models_.may_reload(host, model.label, now))
    return;
  actions_.push_back({host_action::kind::unload, host, 0, model.label, cause});
  watched(host).breaker.trip();
  report_trouble(host, model.name);
}

// ---- a request whose turn it is ----

std::uint8_t hosts::group_of(std::string_view model) const {
  auto found = std::find(routed_.begin(), routed_.end(), model);
  return static_cast<std::uint8_t>(found == routed_.end() ? group_of_others
                                                          : static_cast<std::size_t>(found - routed_.begin()));
}

fair_queue::groups hosts::held_back() const {
  fair_queue::groups groups;
  if (pool_.any_swaps()) // seldom
    for (std::size_t i = 0; i < routed_.size(); ++i)
      groups[i] = pool_.waits_for_its_host(routed_[i]);
  return groups;
}

hosts::placement hosts::place(in_flight_request& row, in_flight_table& table, time_point now) {
  using verdict = placement::verdict;
  if (row.kind == request_kind::photo) {
    auto photo = row.question->photo.view();
    auto state = photos_.state_of(photo, now);
    if (state == photo_state::poison)
      return {verdict::poison};
    if (state == photo_state::suspected) {
      if (is_being_asked(photo, table))
        return {verdict::wait};                            // it finds out for all of them
      row.runner_deaths = std::max(row.runner_deaths, 1u); // that of another request with this photo
    }
  }
  if (auto turn = refusals_.next_call(row.refusals, row.refused_at, now))
    return {verdict::later, *turn};
  // One call at a time finds out how a host is: that of a user whose calls fail would find out nothing.
  if (only_trials() && fails_there(row, now) && failing_count(table, now) < table.queued())
    return {verdict::later, now + trial_pause};
  // A suspected request whose turn has come waits for a host without work, and all behind it wait, too: else there
  // might never be one.
  auto worker = asked_alone(row) ? pool_.choose_alone(row.ticket, row.model, row.avoid)
                                 : pool_.choose(row.ticket, row.model, row.avoid);
  if (!worker && row.model_group == group_of_others && pool_.waits_for_its_host(row.model))
    return {verdict::later, now + loaded_host_pause};
  if (!worker)
    return {verdict::wait};
  refusals_.called(row.refusals, row.refused_at, now);
  row.beside_photo = false;
  row.assigned_at = ++events_;
  row.host = pool_.host_of(*worker);
  return {verdict::given, {}, *worker};
}

// ---- calls ----

model_watch::finding hosts::answered(const in_flight_request& row, const routed_model& model, const raw_answer& answer,
                                     std::chrono::nanoseconds duration, time_point now) {
  auto& host = watched(row.host);
  if (host.breaker.on_trial())
    pool_.set_trial(row.host, !host.breaker.gives_work());
  host.breaker.call_succeeded();
  host.users.answered(row.question->user_email, now);
  host.well_at = std::max(host.well_at, row.assigned_at);
  broken_.answered(row.host, row.assigned_at);
  if (row.refusals > 0)
    refusals_.answered(++events_);
  if (row.kind == request_kind::photo)
    photos_.clear(row.question->photo.view());
  models_.spoke(row.host, model.name, now);
  return models_.answered(row.host, now - duration, answer.load_time);
}

ended_call hosts::failed(in_flight_request& row, const call_failure& failure, const routed_model& model,
                         std::chrono::nanoseconds duration, in_flight_table& table, time_point now) {
  bool of_host = info_of(failure.why).retry == retry_class::wait_for_host
                 || (failure.why == fault::model_not_found && !model.of_its_own);
  ended_call call{failure.why, of_host && failure.http_status > 0};
  bool is_busy = failure.why == fault::host_busy;
  bool is_known = call.refused && (is_busy ? row.waits > 0 : row.refused_at > 0);
  if (call.refused && (!is_busy || row.waits > 0))
    ++row.refusals;
  if (call.refused && !is_busy) {
    call.host_was_well = row.refused_at > 0 && watched(row.host).well_at > row.refused_at;
    row.refused_at = ++events_;
  } else if (failure.why == fault::host_unreachable) {
    broken_.found_dead(row.host);
  }
  reload_if_broken(row, failure.why, model, duration, now);
  judge_host(row, call, model, is_known, table, now);
  call.breaks_off = breaks_off(failure);
  return call;
}

void hosts::reload_if_broken(const in_flight_request& row, fault why, const routed_model& model,
                             std::chrono::nanoseconds duration, time_point now) {
  if (why == fault::degenerate_answer && models_.is_degenerate(row.host, model.name, row.question->user_email))
    load_anew(row.host, model, reload_cause::degenerate, now);
  // A runner whose slots are lost or that hangs gives nothing until it is ended, and shows nothing else [ollama 10].
  auto silence = why == fault::first_byte_timeout ? duration : idle_max_;
  if ((why == fault::first_byte_timeout || why == fault::idle_timeout)
      && models_.is_silent(row.host, model.name, now - silence))
    load_anew(row.host, model, reload_cause::silent, now);
}

/// `is_known`: it was refused before, which tells no more of the host.
void hosts::judge_host(const in_flight_request& row, const ended_call& call, const routed_model& model, bool is_known,
                       in_flight_table& table, time_point now) {
  auto& host = watched(row.host);
  const auto& user = row.question->user_email;
  host.users.failed(user, now);
  bool is_there = call.why != fault::host_unreachable || call.refused;
  if (is_there && host.users.fails_alone(user, now))
    is_known = true; // it says nothing of a host that answers the others
  if (!is_known && host.breaker.call_failed(call.why, row.ticket, model.of_its_own, call.refused)) {
    if (auto pause = host.breaker.pause(); pause.count() > 0)
      host.paused_until = now + pause;
    report_trouble(row.host);
  } else if (call.refused && call.why != fault::host_busy && !goes_on(table, row.host, events_, &row)) {
    look_at(row.host); // without calls of other users only a probe shows whether the host answers them
  }
}

// ---- users ----

/// Only hosts on trial may be given work, which gets one call at a time.
bool hosts::only_trials() const {
  auto is_on_trial = [](const auto& each) { return each.second.breaker.on_trial(); };
  if (std::none_of(hosts_.begin(), hosts_.end(), is_on_trial)) // nearly always
    return false;
  return pool_.any_usable() && std::all_of(hosts_.begin(), hosts_.end(), [&](const auto& each) {
           return is_on_trial(each) || !pool_.usable(each.first);
         });
}

/// The calls of its user fail at all hosts that may be given work.
bool hosts::fails_there(const in_flight_request& row, time_point now) const {
  return std::all_of(hosts_.begin(), hosts_.end(), [&](const auto& each) {
    return !pool_.usable(each.first) || each.second.users.fails(row.question->user_email, now);
  });
}

bool hosts::fails_alone(const std::string& host, std::string_view user, time_point now) const {
  auto its = hosts_.find(host);
  return its != hosts_.end() && its->second.users.fails_alone(user, now);
}

std::size_t hosts::failing_count(in_flight_table& table, time_point now) const {
  if (!only_trials())
    return 0;
  auto waiting = table.in_stage(request_stage::waiting);
  return static_cast<std::size_t>(std::count_if(waiting.begin(), waiting.end(), [&](const auto* each) {
    return table.is_queued(*each) && fails_there(*each, now);
  }));
}

// ---- time ----

void hosts::end_pauses(time_point now) {
  next_rest_.reset();
  for (auto& [name, each] : hosts_) {
    if (!each.paused_until)
      continue;
    if (*each.paused_until > now) {
      next_rest_ = std::min(next_rest_.value_or(*each.paused_until), *each.paused_until);
      continue;
    }
    each.paused_until.reset();
    if (each.breaker.gives_work() && !pool_.usable(name))
      set_usable(name, true, true);
  }
}

std::optional<hosts::time_point> hosts::next() const {
  auto judged = broken_.next();
  if (!judged || !next_rest_)
    return judged ? judged : next_rest_;
  return std::min(*judged, *next_rest_);
}

} // namespace mp
