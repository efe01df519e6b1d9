#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"

#include <bit>
#include <utility>

namespace mp {
namespace {

// Longer than any ORPHAN_ANSWER_KEEP that is of use: what a node has forgotten meanwhile it says when it is wanted.
constexpr auto held_max = std::chrono::minutes{10};

} // namespace

void dispatcher_state::on_worker_nodes_started(const worker_nodes_started& started) {
  nodes.actor = started.nodes;
  self->monitor(nodes.actor);
  nodes.awaited = true;
  nodes.awaited_until.reset();
  nodes.backlog_told = 0;
  hosts.on_nodes_started(workers.remote_hosts);
  after();
}

void dispatcher_state::on_nodes_heard() {
  nodes.awaited = false;
  nodes.awaited_until.reset();
  after();
}

/// Its sessions are gone with it. The calls go on at the nodes, which say so to its successor: nothing is begun before.
void dispatcher_state::on_worker_nodes_lost() {
  nodes.actor = nullptr;
  nodes.awaited = true;
  nodes.awaited_until.reset();
  nodes.held.clear();
  for (const auto& each : std::exchange(nodes.usable_hosts, {}))
    hosts.probed({each, false}, now());
  tell_monitor();
  for (auto* row : table.in_stage(request_stage::assigned))
    if (row->adopts)
      adoption_ended(*row);
}

void dispatcher_state::on_held_calls(const held_calls_offered& offer) {
  nodes.held.expire(now(), held_max);
  for (const auto& each : offer.calls) {
    nodes.held.offered(each, now());
    auto* row = table.at(origin{each.key.record.partition, 0, each.key.record.offset, each.key.record.identity});
    if (row == nullptr)
      continue;
    bool waits = (row->stage == request_stage::waiting && table.is_queued(*row)) || row->stage == request_stage::parked;
    bool is_late_answer = row->stage == request_stage::assigned && !row->adopts && each.finished;
    auto worker = hosts.worker_of(row->ticket);
    if ((waits || is_late_answer) && adopt(*row) && is_late_answer && worker)
      self->send(workers.by_id.at(*worker), cancel_call{row->ticket});
  }
  after();
}

/// A call of the request goes on elsewhere, or its answer is kept there: that becomes its call.
bool dispatcher_state::adopt(in_flight_request& row) {
  if (!nodes.actor || row.had_useless_answer || row.ended_by || !row.records.empty() || !may_begin(row))
    return false;
  auto held = nodes.held.take(row.from.record(), model_of(row).name);
  if (!held)
    return false;
  log::info(
    "held_call_adopted",
    {{"id", row.id}, {"partition", row.from.partition}, {"offset", row.from.offset}, {"finished", held->finished}});
  begin_assignment(row);
  row.broke_off.reset();
  row.adopts = true;
  row.called_remotely = true;
  row.host = "held";
  self->send(nodes.actor, adopt_call{row.ticket, row.assignments, std::move(*held)});
  return true;
}

void dispatcher_state::on_adoption_failed(const adoption_failed& failed) {
  auto* row = table.find(failed.ticket, request_stage::assigned, failed.call_number);
  if (row == nullptr || !row->adopts)
    return;
  adoption_ended(*row);
  after();
}

/// As if nothing had been held: the request waits for a worker.
void dispatcher_state::adoption_ended(in_flight_request& row) {
  row.adopts = false;
  wait_again(row);
}

/// An answer that is of no use to this reader is of none to the next: the node need not keep it. Should it not hear of
/// this, it offers the answer again.
void dispatcher_state::forget_answer(in_flight_request& row) {
  row.had_useless_answer = true;
  if (std::exchange(row.called_remotely, false))
    nodes.committed.push_back(row.from.record());
}

/// The node that works on it goes on and offers the call to whoever has the request next. The call may not be there
/// yet: then the cancel follows it. Or its answer may be on its way here: then only the record says whose it was.
void dispatcher_state::release(in_flight_request& row) {
  auto worker = hosts.worker_of(row.ticket);
  if (is_at_node(row) && !row.adopts && worker)
    self->send(workers.by_id.at(*worker), cancel_call{row.ticket, true});
  nodes.released.push_back(row.from.record());
  row.called_remotely = false;
}

bool dispatcher_state::is_at_node(const in_flight_request& row) const {
  return row.stage == request_stage::assigned && row.called_remotely;
}

/// An end that is published but not committed is published again by the next reader, should this one be killed. It
/// takes the answer from the node then, so the node is told when the group knows of the end.
void dispatcher_state::settle_with_reader() {
  auto settled = publishing.take_settlement();
  if (!reader)
    return;
  if (!nodes.settled.empty()) {
    if (!settled)
      settled.emplace();
    settled->number = nodes.uncommitted.add(std::exchange(nodes.settled, {}));
  }
  if (settled)
    self->send(reader, std::move(*settled));
}

void dispatcher_state::on_settlement_committed(const settlement_committed& done) {
  for (const auto& each : nodes.uncommitted.committed(done.number))
    nodes.committed.push_back(each);
  after();
}

void dispatcher_state::tell_nodes() {
  if (!nodes.actor) {
    nodes.committed.clear();
    nodes.released.clear();
    return;
  }
  if (!nodes.committed.empty())
    self->send(nodes.actor, requests_settled{std::exchange(nodes.committed, {})});
  if (!nodes.released.empty())
    self->send(nodes.actor, requests_released{std::exchange(nodes.released, {})});
  // A node needs to know how much waits, but not to the last request: a message for each doubling is enough.
  auto backlog = table.queued();
  if (std::bit_width(backlog) == std::bit_width(nodes.backlog_told))
    return;
  nodes.backlog_told = backlog;
  self->send(nodes.actor, work_backlog{backlog});
}

} // namespace mp
