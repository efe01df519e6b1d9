#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"

#include <algorithm>

namespace mp {
namespace {

constexpr int http_bad_gateway = 502;

/// The call ended in the way that one ends whose server dies.
bool breaks_off(const call_failure& failure) {
  return failure.why == fault::stream_cut || (failure.why == fault::host_unreachable && failure.http_status == http_bad_gateway);
}

} // namespace

void dispatcher_state::call_failed(in_flight_request& row, const call_failure& failure, std::chrono::nanoseconds duration) {
  bool of_host = mp::row(failure.why).cure == remedy::wait_for_host || (failure.why == fault::model_not_found && !model_of(row).of_its_own);
  ended_call call{failure.why, of_host && failure.http_status > 0};
  bool is_busy = failure.why == fault::host_busy;
  bool is_known = call.refused && (is_busy ? row.waits > 0 : row.refused_at > 0);
  if (call.refused && (!is_busy || row.waits > 0))
    ++row.refusals;
  if (call.refused && !is_busy) {
    call.host_was_well = row.refused_at > 0 && watched(row.host).well_at > row.refused_at;
    row.refused_at = ++events;
  } else if (failure.why == fault::host_unreachable) {
    broken.found_dead(row.host);
  }
  reload_if_broken(row, failure.why, duration);
  judge_host(row, call, is_known);
  if (failure.why == fault::runner_died)
    runner_died(row);
  if (!breaks_off(failure) || !in_doubt(row, call))
    failed(row, call);
}

void dispatcher_state::reload_if_broken(const in_flight_request& row, fault why, std::chrono::nanoseconds duration) {
  if (why == fault::degenerate_answer && models.is_degenerate(row.host, model_of(row).name, row.question->user_email))
    load_anew(row, "model_degenerate");
  // A runner whose slots are lost or that hangs gives nothing until it is ended, and shows nothing else [ollama 10].
  auto silence = why == fault::first_byte_timeout ? duration : config.idle_max;
  if ((why == fault::first_byte_timeout || why == fault::idle_timeout)
      && models.is_silent(row.host, model_of(row).name, now() - silence))
    load_anew(row, "model_silent");
}

void dispatcher_state::failed(in_flight_request& row, const ended_call& call) {
  config.metrics->call_failed(call.why);
  failed_call known{call.why, row.kind, model_of(row).of_its_own, row.attempts, row.runner_deaths, row.waits, row.beside_photo};
  known.refused = call.refused;
  known.host_was_well = call.host_was_well;
  known.server_died = call.server_died;
  auto decision = decide_retry(known, config.retry, random());
  if (auto* end = std::get_if<end_in_error>(&decision)) {
    if (end->why == fault::poison)
      photos.condemn(row.question->photo.view(), now());
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

// ---- deaths ----------------------------------------------------------------------------------------------------------

/// Every call at the host reports the same runner death. The first report finds all of them still assigned, or, where their calls broke
/// off just before, still to be judged.
void dispatcher_state::runner_died(in_flight_request& row) {
  ++row.runner_deaths;
  auto neighbours = table.in_stage(request_stage::assigned);
  for (auto ticket : broken.in_doubt(row.host))
    if (auto* other = broken_row(ticket))
      neighbours.push_back(other);
  for (auto* other : neighbours)
    if (other != &row && other->host == row.host) {
      row.beside_photo |= other->kind == request_kind::photo;
      other->beside_photo |= row.kind == request_kind::photo;
    }
  broken.runner_died(row.host, row.kind == request_kind::photo, ++events, now());
  if (row.kind == request_kind::photo)
    suspect_photo(row);
}

/// The same photo under another key is called back, wherever it is: the server may have it waiting and would give it to the next runner.
void dispatcher_state::suspect_photo(in_flight_request& row) {
  auto photo = row.question->photo.view();
  photos.suspect(photo, now());
  for (auto* other : table.in_stage(request_stage::assigned))
    if (other != &row && other->kind == request_kind::photo && other->question->photo.view() == photo) {
      cancel(*other);
      failed(*other, {fault::cancelled}); // the worker says nothing more about it
    }
}

bool dispatcher_state::goes_on(const std::string& host, std::uint64_t before, const in_flight_request* but) {
  auto rows = table.in_stage(request_stage::assigned);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto* each) { return each != but && each->host == host && each->assigned_at < before; });
}

bool dispatcher_state::in_doubt(in_flight_request& row, const ended_call& call) {
  if (!may_begin(row) || (row.deadline && *row.deadline <= now() + break_off_watch::moment))
    return false;
  auto number = ++events;
  auto first = broken.first(row.host).value_or(number);
  bool alone = !goes_on(row.host, first, &row);
  if (alone && !broken.first(row.host) && row.kind != request_kind::photo)
    return false; // a text that was alone: its call is charged, whatever the cause
  row.broke_off = broken_call{call.why, call.refused, call.host_was_well};
  auto due = broken.broke_off(row.host, row.ticket, row.assigned_at, number, now());
  table.park(row, due);
  if (alone && broken.in_doubt(row.host).size() > 1 && watched(row.host).breaker.gives_work()) {
    watched(row.host).breaker.trip();
    suspect(row.host);
  } else if (alone) {
    look_at(row.host);
  }
  return true;
}

in_flight_request* dispatcher_state::broken_row(std::uint64_t ticket) {
  auto* row = table.find(ticket);
  return row != nullptr && row->stage == request_stage::parked && row->broke_off ? row : nullptr;
}

void dispatcher_state::judge_broken() {
  if (!broken.next())
    return;
  for (const auto& each : broken.judge(now(), [this](const std::string& host, std::uint64_t first) { return goes_on(host, first); }))
    judge(each);
}

/// What it was beside a photo, or a photo itself, decides whether its call is charged: see retry_policy.
void dispatcher_state::judge(const break_off_watch::verdict& of) {
  std::size_t photo_count = 0;
  for (auto ticket : of.calls)
    if (auto* row = broken_row(ticket))
      photo_count += row->kind == request_kind::photo ? 1 : 0;
  if (of.died && !of.runner)
    log::warning("server_died", {{"host", of.host}, {"calls", of.calls.size()}, {"photos", photo_count}});
  for (auto ticket : of.calls) {
    auto* row = broken_row(ticket);
    if (row == nullptr)
      continue;
    auto was = *row->broke_off;
    row->broke_off.reset();
    bool is_photo = row->kind == request_kind::photo;
    if (of.died) {
      ++row->runner_deaths;
      row->beside_photo |= of.beside_photo || photo_count > (is_photo ? 1u : 0u);
      if (is_photo)
        suspect_photo(*row);
    }
    failed(*row, {was.why, was.refused, was.host_was_well, of.died});
  }
  for (auto ticket : of.late)
    if (auto* row = broken_row(ticket)) {
      auto was = *row->broke_off;
      row->broke_off.reset();
      of.died ? failed(*row, {fault::host_unreachable}) : failed(*row, {was.why, was.refused, was.host_was_well});
    }
}

} // namespace mp
