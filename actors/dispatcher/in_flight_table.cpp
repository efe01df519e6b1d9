#include "actors/dispatcher/in_flight_table.hpp"

#include <algorithm>

namespace mp {
namespace {

// Cost in fair queueing; one text = 1. A photo is read into hundreds of tokens before the first one of the answer comes
// [ollama 18], which a small model reads in about four times the time of a short text.
constexpr std::uint32_t cost_of(request_kind kind) { return kind == request_kind::photo ? 4 : 1; }

} // namespace

in_flight_request* in_flight_table::accept(const origin& from, std::size_t bytes, time_point now) {
  auto [place, fresh] = by_record_.try_emplace(from.record(), next_ticket_);
  if (!fresh) {
    auto& held = rows_.at(place->second);
    held.from = from;
    held.owner = ownership::assigned;
    return nullptr;
  }
  auto ticket = next_ticket_++;
  auto& row = rows_[ticket];
  row.ticket = ticket;
  row.from = from;
  row.bytes = bytes;
  row.received = now;
  bytes_ += bytes;
  ++counts_[static_cast<std::size_t>(request_stage::waiting)];
  return &row;
}

in_flight_request* in_flight_table::find(std::uint64_t ticket) {
  auto i = rows_.find(ticket);
  return i == rows_.end() ? nullptr : &i->second;
}

in_flight_request* in_flight_table::at(const origin& place) {
  auto i = by_record_.find(place.record());
  return i == by_record_.end() ? nullptr : &rows_.at(i->second);
}

in_flight_request* in_flight_table::find(std::uint64_t ticket, request_stage stage, std::uint32_t call_number) {
  auto* row = find(ticket);
  return row != nullptr && row->stage == stage && row->assignments == call_number ? row : nullptr;
}

void in_flight_table::queue(in_flight_request& row) {
  queue_.push(row.ticket, row.question->user_email, row.question->priority, cost_of(row.kind), row.model_group);
}

in_flight_request* in_flight_table::next_waiting(const fair_queue::groups& held_back) {
  auto next = queue_.front(held_back);
  next_given_ = next.value_or(0);
  return next ? &rows_.at(*next) : nullptr;
}

void in_flight_table::move(in_flight_request& row, request_stage stage) {
  if (row.stage == request_stage::waiting) {
    if (stage == request_stage::assigned && (next_given_ == row.ticket || queue_.front() == row.ticket))
      queue_.take(row.ticket);
    else
      queue_.remove(row.ticket);
  }
  if (row.stage == request_stage::awaiting_redelivery)
    awaiting_redelivery_bytes_ -= row.bytes;
  if (stage == request_stage::awaiting_redelivery)
    awaiting_redelivery_bytes_ += row.bytes;
  --counts_[static_cast<std::size_t>(row.stage)];
  ++counts_[static_cast<std::size_t>(stage)];
  row.stage = stage;
}

void in_flight_table::park(in_flight_request& row, time_point due) {
  if (row.stage == request_stage::parked)
    std::erase_if(parked_, [&](const auto& each) { return each.second == row.ticket; });
  move(row, request_stage::parked);
  parked_.emplace(due, row.ticket);
}

std::optional<in_flight_table::time_point> in_flight_table::unpark(time_point now) {
  auto end = parked_.upper_bound(now);
  for (auto i = parked_.begin(); i != end; ++i)
    if (auto* row = find(i->second); row != nullptr && row->stage == request_stage::parked) {
      move(*row, request_stage::waiting);
      queue(*row);
    }
  parked_.erase(parked_.begin(), end);
  return parked_.empty() ? std::nullopt : std::optional{parked_.begin()->first};
}

void in_flight_table::remove(std::uint64_t ticket) {
  auto i = rows_.find(ticket);
  if (i == rows_.end())
    return;
  if (i->second.stage == request_stage::awaiting_redelivery)
    awaiting_redelivery_bytes_ -= i->second.bytes;
  --counts_[static_cast<std::size_t>(i->second.stage)];
  bytes_ -= i->second.bytes;
  by_record_.erase(i->second.from.record());
  queue_.remove(ticket);
  if (i->second.deadline) {
    auto [first, last] = deadlines_.equal_range(*i->second.deadline);
    if (auto own = std::find_if(first, last, [&](const auto& each) { return each.second == ticket; }); own != last)
      deadlines_.erase(own);
  }
  rows_.erase(i);
}

void in_flight_table::await_redelivery(in_flight_request& row, time_point now) {
  row.awaiting_since = now;
  move(row, request_stage::awaiting_redelivery);
}

void in_flight_table::redelivered(in_flight_request& row) {
  if (row.stage == request_stage::awaiting_redelivery)
    move(row, request_stage::publishing);
}

void in_flight_table::resize(in_flight_request& row, std::size_t bytes) {
  bytes_ = bytes_ - row.bytes + bytes;
  if (row.stage == request_stage::awaiting_redelivery)
    awaiting_redelivery_bytes_ = awaiting_redelivery_bytes_ - row.bytes + bytes;
  row.bytes = bytes;
}

void in_flight_table::set_deadline(in_flight_request& row, time_point when) {
  row.deadline = when;
  deadlines_.emplace(when, row.ticket);
}

std::vector<in_flight_request*> in_flight_table::expired(time_point now, std::optional<time_point>& next) {
  std::vector<in_flight_request*> late;
  auto end = deadlines_.upper_bound(now);
  for (auto i = deadlines_.begin(); i != end; ++i)
    if (auto* row = find(i->second); is_unbegun(row->stage))
      late.push_back(row);
  deadlines_.erase(deadlines_.begin(), end);
  next = deadlines_.empty() ? std::nullopt : std::optional{deadlines_.begin()->first};
  return late;
}

std::vector<in_flight_request*> in_flight_table::unbegun() {
  std::vector<in_flight_request*> found;
  for (auto& [ticket, row] : rows_)
    if (is_unbegun(row.stage))
      found.push_back(&row);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->from < b->from; });
  return found;
}

std::vector<in_flight_request*> in_flight_table::of_partition(std::int32_t partition, std::uint32_t assignment) {
  std::vector<in_flight_request*> found;
  for (auto& [ticket, row] : rows_)
    if (row.from.partition == partition && row.from.assignment == assignment)
      found.push_back(&row);
  return found;
}

std::vector<in_flight_request*> in_flight_table::all() {
  std::vector<in_flight_request*> found;
  found.reserve(rows_.size());
  for (auto& [ticket, row] : rows_)
    found.push_back(&row);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->ticket < b->ticket; });
  return found;
}

const in_flight_request* in_flight_table::inconsistent() const {
  for (const auto& [ticket, row] : rows_)
    if (check_consistent(row) != nullptr)
      return &row;
  return nullptr;
}

std::vector<in_flight_request*> in_flight_table::in_stage(request_stage stage) {
  std::vector<in_flight_request*> found;
  for (auto& [ticket, row] : rows_)
    if (row.stage == stage)
      found.push_back(&row);
  std::sort(found.begin(), found.end(), [](auto* a, auto* b) { return a->ticket < b->ticket; });
  return found;
}

} // namespace mp
