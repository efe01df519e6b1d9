#include "actors/dispatcher/in_flight_table.hpp"

#include <algorithm>

namespace mp {

in_flight_request* in_flight_table::accept(const origin& from, std::size_t bytes, time_point now) {
  auto [place, fresh] = by_place_.try_emplace({from.partition, from.offset}, next_ticket_);
  if (!fresh) {
    auto& held = rows_.at(place->second);
    held.from = from;
    held.leaving = held.gone = false;
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
  waiting_.push_back(ticket);
  return &row;
}

in_flight_request* in_flight_table::find(std::uint64_t ticket) {
  auto i = rows_.find(ticket);
  return i == rows_.end() ? nullptr : &i->second;
}

in_flight_request* in_flight_table::at(const origin& place) {
  auto i = by_place_.find({place.partition, place.offset});
  return i == by_place_.end() ? nullptr : &rows_.at(i->second);
}

in_flight_request* in_flight_table::find(std::uint64_t ticket, request_stage stage, std::uint32_t assignment) {
  auto* row = find(ticket);
  return row != nullptr && row->stage == stage && row->assignments == assignment ? row : nullptr;
}

in_flight_request* in_flight_table::next_waiting() {
  while (!waiting_.empty()) {
    auto* row = find(waiting_.front());
    if (row != nullptr && row->stage == request_stage::waiting)
      return row;
    waiting_.pop_front();
  }
  return nullptr;
}

void in_flight_table::move(in_flight_request& row, request_stage stage) {
  --counts_[static_cast<std::size_t>(row.stage)];
  ++counts_[static_cast<std::size_t>(stage)];
  row.stage = stage;
}

void in_flight_table::park(in_flight_request& row, time_point due) {
  move(row, request_stage::parked);
  parked_.emplace(due, row.ticket);
}

void in_flight_table::park_again(in_flight_request& row, time_point due) {
  std::erase_if(parked_, [&](const auto& each) { return each.second == row.ticket; });
  parked_.emplace(due, row.ticket);
}

std::optional<in_flight_table::time_point> in_flight_table::unpark(time_point now) {
  // Backwards, so that the longest due stands first in the end.
  auto end = parked_.upper_bound(now);
  for (auto i = end; i != parked_.begin();) {
    --i;
    if (auto* row = find(i->second); row != nullptr && row->stage == request_stage::parked) {
      move(*row, request_stage::waiting);
      waiting_.push_front(row->ticket);
    }
  }
  parked_.erase(parked_.begin(), end);
  return parked_.empty() ? std::nullopt : std::optional{parked_.begin()->first};
}

void in_flight_table::remove(std::uint64_t ticket) {
  auto i = rows_.find(ticket);
  if (i == rows_.end())
    return;
  --counts_[static_cast<std::size_t>(i->second.stage)];
  bytes_ -= i->second.bytes;
  by_place_.erase({i->second.from.partition, i->second.from.offset});
  rows_.erase(i);
}

void in_flight_table::resize(in_flight_request& row, std::size_t bytes) {
  bytes_ = bytes_ - row.bytes + bytes;
  row.bytes = bytes;
}

template <class Condition>
std::vector<origin> in_flight_table::hand_back_if(Condition condition) {
  std::vector<std::uint64_t> tickets;
  std::vector<origin> origins;
  for (const auto& [ticket, row] : rows_)
    if ((row.stage == request_stage::waiting || row.stage == request_stage::parked) && condition(row)) {
      tickets.push_back(ticket);
      origins.push_back(row.from);
    }
  for (auto ticket : tickets)
    remove(ticket);
  std::sort(origins.begin(), origins.end());
  return origins;
}

std::vector<origin> in_flight_table::hand_back() {
  return hand_back_if([](const in_flight_request&) { return true; });
}

std::vector<origin> in_flight_table::hand_back(std::int32_t partition, std::uint32_t epoch) {
  return hand_back_if([=](const in_flight_request& row) { return row.from.partition == partition && row.from.epoch == epoch; });
}

std::vector<in_flight_request*> in_flight_table::of_partition(std::int32_t partition, std::uint32_t epoch) {
  std::vector<in_flight_request*> found;
  for (auto& [ticket, row] : rows_)
    if (row.from.partition == partition && row.from.epoch == epoch)
      found.push_back(&row);
  return found;
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
