// What hosts decides about calls at which a model's runner or a whole server died.
#include "actors/dispatcher/hosts.hpp"

#include <algorithm>

namespace mp {

in_flight_request* broken_row(in_flight_table& table, std::uint64_t ticket) {
  auto* row = table.find(ticket);
  return row != nullptr && row->stage == request_stage::parked && row->broke_off ? row : nullptr;
}

bool hosts::goes_on(in_flight_table& table, const std::string& host, std::uint64_t before,
                    const in_flight_request* but) {
  auto rows = table.in_stage(request_stage::assigned);
  return std::any_of(rows.begin(), rows.end(),
                     [&](const auto* each) { return each != but && each->host == host && each->assigned_at < before; });
}

void hosts::runner_died(in_flight_request& row, in_flight_table& table, time_point now) {
  ++row.runner_deaths;
  auto neighbours = table.in_stage(request_stage::assigned);
  for (auto each : broken_.in_doubt(row.host))
    if (auto* other = broken_row(table, each))
      neighbours.push_back(other);
  for (auto* other : neighbours)
    if (other != &row && other->host == row.host) {
      row.beside_photo |= other->kind == request_kind::photo;
      other->beside_photo |= row.kind == request_kind::photo;
    }
  broken_.runner_died(row.host, row.kind == request_kind::photo, ++events_, now);
}

std::vector<in_flight_request*> hosts::mark_suspected(const in_flight_request& row, in_flight_table& table,
                                                      time_point now) {
  auto photo = row.question->photo.view();
  photos_.mark_suspected(photo, now);
  auto others = table.in_stage(request_stage::assigned);
  std::erase_if(others, [&](const auto* other) {
    return other == &row || other->kind != request_kind::photo || other->question->photo.view() != photo;
  });
  return others;
}

std::optional<hosts::time_point> hosts::in_doubt(in_flight_request& row, const ended_call& call, in_flight_table& table,
                                                 time_point now) {
  if (!call.breaks_off || (row.deadline && *row.deadline <= now + break_off_watch::moment))
    return std::nullopt;
  auto number = ++events_;
  auto first = broken_.first(row.host).value_or(number);
  bool alone = !goes_on(table, row.host, first, &row);
  if (alone && !broken_.first(row.host) && row.kind != request_kind::photo)
    return std::nullopt; // a text that was alone: its call is charged, whatever the cause
  row.broke_off = broken_call{call.why, call.refused, call.host_was_well};
  auto due = broken_.broke_off(row.host, row.ticket, row.assigned_at, number, now);
  if (alone && broken_.in_doubt(row.host).size() > 1 && watched(row.host).breaker.gives_work()) {
    watched(row.host).breaker.trip();
    report_trouble(row.host);
  } else if (alone) {
    look_at(row.host);
  }
  return due;
}

std::vector<break_off_watch::verdict> hosts::judge(in_flight_table& table, time_point now) {
  if (!broken_.next())
    return {};
  return broken_.judge(now, [&](const std::string& host, std::uint64_t first) { return goes_on(table, host, first); });
}

} // namespace mp
