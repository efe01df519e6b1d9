#include "actors/dispatcher/dispatcher_state.hpp"

#include <utility>

namespace mp {

void dispatcher_state::enter(in_flight_request& row) {
  if (order.enter(row, table) == request_order::turn::now)
    admit(row);
}

void dispatcher_state::admit(in_flight_request& row) {
  if (!row.records.empty())
    publish(row, std::move(row.records)); // of a call made before
  else if (row.ended_by)
    end_in_fault(row, bad_record{*row.identity}, row.dead_letter);
  else if (row.deadline && *row.deadline <= now())
    expire(row);
  else if (!adopt(row))
    table.queue(row);
}

void dispatcher_state::admit(std::optional<std::uint64_t> ticket) {
  auto* row = ticket ? table.find(*ticket) : nullptr;
  // What is about to be handed back is not begun: its end would overtake those before it.
  if (row != nullptr && row->stage == request_stage::waiting && may_begin(*row))
    admit(*row);
}

/// No worker has it. Its followers may have another deadline: the first of them goes on in its place.
void dispatcher_state::expire(in_flight_request& row) {
  admit(order.stop_leading(row.id, row.ticket, table));
  if (row.stage != request_stage::waiting)
    table.move(row, request_stage::waiting);
  fail_for_good(row, fault::expired, false);
}

std::optional<dispatcher_state::time_point> dispatcher_state::expire_late() {
  std::optional<time_point> next;
  for (auto* row : table.expired(now(), next)) {
    // With ORDER=key one that is not in front is looked at when its turn comes, and a follower shares the end of its
    // leader.
    if (order.has_turn(*row) && is_unbegun(row->stage))
      expire(*row);
  }
  return next;
}

void dispatcher_state::drop(in_flight_request& row) {
  auto ticket = row.ticket;
  auto id = row.id;
  intake.left(ticket, now());
  if (row.stage == request_stage::waiting && !row.records.empty())
    keep_answer(row); // its end has waited for its turn
  table.remove(ticket);
  auto successors = order.leave(id, ticket, table);
  admit(successors.follower);
  admit(successors.next);
}

void dispatcher_state::call_off(in_flight_request& row) {
  if (row.stage == request_stage::assigned)
    cancel(row);
  drop(row);
}

void dispatcher_state::hand_back(in_flight_request& row) {
  publishing.handed_back(row);
  drop(row);
}

} // namespace mp
