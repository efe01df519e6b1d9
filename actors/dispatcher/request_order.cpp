#include "actors/dispatcher/request_order.hpp"

namespace mp {

request_order::turn request_order::enter(in_flight_request& row, in_flight_table& table) {
  auto is_same_request = [&](ticket other) {
    auto* leader = table.find(other);
    return leader != nullptr && leader->id == row.id && same_question(*leader->question, *row.question)
           && (!by_key_ || row.id.empty() || queues_.count(row.id) <= 1);
  };
  bool has_its_end = row.ended_by || !row.records.empty();
  if (!has_its_end && coalescing_.join(row.id, row.ticket, is_same_request)) {
    table.move(row, request_stage::following);
    return turn::follows;
  }
  return !by_key_ || queues_.enter(row.id, row.ticket) ? turn::now : turn::later;
}

void request_order::enter_in_front(const in_flight_request& row) {
  if (by_key_)
    queues_.enter(row.id, row.ticket);
}

bool request_order::has_turn(const in_flight_request& row) const {
  return !by_key_ || (row.stage != request_stage::following && queues_.may_go(row.id, row.ticket));
}

std::vector<in_flight_request*> request_order::take_followers(const in_flight_request& leader, in_flight_table& table) {
  std::vector<in_flight_request*> rows;
  auto before = leader.ticket;
  for (auto each : coalescing_.end(leader.ticket))
    if (auto* row = table.find(each); row != nullptr && row->stage == request_stage::following) {
      rows.push_back(row);
      queues_.enter_behind(row->id, before, each); // younger requests of the key wait for the ends of all of them
      before = each;
    }
  return rows;
}

std::optional<request_order::ticket> request_order::stop_leading(const std::string& id, ticket leader,
                                                                 in_flight_table& table) {
  auto follower = coalescing_.drop(leader);
  if (!follower)
    return std::nullopt;
  table.move(*table.find(*follower), request_stage::waiting);
  if (!by_key_ || id.empty())
    return follower;
  queues_.enter_behind(id, leader, *follower);
  return std::nullopt;
}

request_order::successors request_order::leave(const std::string& id, ticket request, in_flight_table& table) {
  auto follower = stop_leading(id, request, table);
  return {follower, queues_.leave(id, request)};
}

} // namespace mp
