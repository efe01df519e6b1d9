#include "actors/dispatcher/dispatcher_state.hpp"

namespace mp {

// A request first looks for a twin (the same question under the same key, worked on already) whose answer will be its own too. With
// ORDER=key it then takes its place in the lane of its key; only the one in front goes on. A twin stands in no lane: its end comes with
// that of its leader, so it may follow only while nothing else of its key has come in between.

void dispatcher_state::enter(in_flight_request& row) {
  auto is_twin = [&](std::uint64_t ticket) {
    auto* leader = table.find(ticket);
    return leader != nullptr && leader->id == row.id && same_question(*leader->question, *row.question)
           && (!config.order_by_key || row.id.empty() || lanes.count(row.id) <= 1);
  };
  bool has_its_end = row.ended_by || !row.records.empty();
  if (!has_its_end && same.join(row.id, row.ticket, is_twin)) {
    table.move(row, request_stage::following);
    return;
  }
  if (!config.order_by_key || lanes.enter(row.id, row.ticket))
    let_go_on(row);
}

void dispatcher_state::let_go_on(in_flight_request& row) {
  if (!row.records.empty())
    publish(row, std::move(row.records)); // of a call made before
  else if (row.ended_by)
    end_in_fault(row, bad_record{*row.identity}, row.dead_letter);
  else if (row.deadline && *row.deadline <= now())
    expire(row);
  else
    table.queue(row);
}

void dispatcher_state::let_go_on(std::optional<std::uint64_t> ticket) {
  auto* row = ticket ? table.find(*ticket) : nullptr;
  // What is about to be handed back is not begun: its end would overtake those before it.
  if (row != nullptr && row->stage == request_stage::waiting && may_begin(*row))
    let_go_on(*row);
}

void dispatcher_state::drop(in_flight_request& row) {
  auto ticket = row.ticket;
  auto id = row.id;
  if (trial == ticket) {
    trial.reset();
    guard.trial_said_nothing(now());
  }
  if (row.stage == request_stage::waiting && !row.records.empty())
    keep_answer(row); // its end has waited for its turn
  table.remove(ticket);
  promote(same.drop(ticket), id, ticket);
  let_go_on(lanes.leave(id, ticket));
}

void dispatcher_state::promote(std::optional<std::uint64_t> heir, const std::string& id, std::uint64_t leader) {
  if (!heir)
    return;
  table.move(*table.find(*heir), request_stage::waiting);
  if (config.order_by_key && !id.empty())
    lanes.enter_behind(id, leader, *heir); // it goes on when the leader leaves the lane
  else
    let_go_on(heir);
}

std::vector<in_flight_request*> dispatcher_state::take_followers(const in_flight_request& leader) {
  std::vector<in_flight_request*> rows;
  auto before = leader.ticket;
  for (auto ticket : same.end(leader.ticket))
    if (auto* row = table.find(ticket); row != nullptr && row->stage == request_stage::following) {
      rows.push_back(row);
      lanes.enter_behind(row->id, before, ticket); // younger requests of the key wait for the ends of all of them
      before = ticket;
    }
  return rows;
}

std::optional<dispatcher_state::time_point> dispatcher_state::deadline_of(const request& question) const {
  if (!question.deadline_ms)
    return std::nullopt;
  using std::chrono::milliseconds;
  // More than a day is as good as never, and senders' absurd numbers stay out of the clock's arithmetic.
  constexpr milliseconds far = std::chrono::hours{24};
  auto wall = std::chrono::floor<milliseconds>(config.wall_clock().time_since_epoch());
  milliseconds when{*question.deadline_ms};
  if (when > wall + far)
    return std::nullopt;
  return when > wall ? now() + (when - wall) : now();
}

/// Nobody works on it. Its twins may have another deadline: the first of them goes on in its place.
void dispatcher_state::expire(in_flight_request& row) {
  promote(same.drop(row.ticket), row.id, row.ticket);
  if (row.stage != request_stage::waiting)
    table.move(row, request_stage::waiting);
  fail_for_good(row, fault::expired, false);
}

std::optional<dispatcher_state::time_point> dispatcher_state::expire_late() {
  std::optional<time_point> next;
  for (auto* row : table.expired(now(), next)) {
    // With ORDER=key one that is not in front is looked at when its turn comes, and one that follows a twin shares its end.
    bool has_its_turn = !config.order_by_key || (row->stage != request_stage::following && lanes.may_go(row->id, row->ticket));
    if (has_its_turn && is_unbegun(row->stage))
      expire(*row);
  }
  return next;
}

} // namespace mp
