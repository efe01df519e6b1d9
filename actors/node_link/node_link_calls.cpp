#include "actors/node_link/blob.hpp"
#include "actors/node_link/node_link_state.hpp"

#include <algorithm>
#include <utility>

namespace mp {

void node_link_state::on_piece(const link_piece& piece) {
  if (end_if_stood_still())
    return;
  auto i = reader_of_sender(piece.session);
  if (i == readers.end())
    return;
  remote_call call;
  switch (i->second.in.add(piece)) {
    case piece_joiner::verdict::more: break;
    case piece_joiner::verdict::refused: end(i, "its calls are larger than allowed", false); return;
    case piece_joiner::verdict::whole:
      if (!from_bytes(i->second.in.take(), call) || !offers.used(i->second.owner, call.host)) {
        end(i, "it sends what is no call, or uses a slot that it has not", false);
        return;
      }
      begin(i, piece.stream, std::move(call));
      break;
  }
  if (auto ack = i->second.in.ack(i->second.session, false))
    self->send(i->second.nodes, *ack);
}

/// The slot is in use from here on.
void node_link_state::begin(reader_it reader, std::uint64_t call, remote_call&& wanted) {
  auto owner = reader->second.owner;
  held_answers::owned_call by{owner, call};
  if (is_draining) {
    offers.ended(owner, wanted.host);
    send_result(reader->second, remote_result{call, false, call_failure{fault::node_lost, 0}, {}});
    return;
  }
  using adoption = held_answers::adoption::kind;
  auto adopted = wanted.work.anew ? held_answers::adoption{} : held.adopt(wanted.key, wanted.work.model, by);
  if (adopted.what != adoption::none) {
    // The reader has not heard yet that it is here.
    ++counts.adopted;
    offers.ended(owner, wanted.host);
    if (adopted.what == adoption::answered)
      send_result({by}, adopted.result);
    distribute();
    return;
  }
  auto number = next_job++;
  auto serial = held.begun(wanted.key, wanted.work.model, by);
  auto& job = jobs.emplace(number, node_link_state::job{wanted.key, serial, wanted.host, owner, std::move(wanted.work)})
                .first->second;
  for (auto& [address, worker] : workers)
    if (worker.is_idle && worker.host == job.host) {
      start(number, job, worker);
      return;
    }
}

void node_link_state::on_cancel(const remote_cancel& which) {
  auto reader = reader_of_sender(which.session);
  if (reader == readers.end())
    return;
  reader->second.in.drop(which.call); // if it was not whole yet: then the reader gives the slot back
  held_answers::owned_call by{reader->second.owner, which.call};
  auto i = std::find_if(jobs.begin(), jobs.end(),
                        [&](const auto& each) { return held.is_owned(each.second.key, each.second.serial, by); });
  if (i == jobs.end() || !held.cancelled(i->second.key, i->second.serial, by))
    return;
  if (auto worker = workers.find(i->second.worker); worker != workers.end())
    self->send(worker->second.worker, cancel_call{i->first});
  else
    offers.ended(i->second.owner, i->second.host); // no worker had it yet
  jobs.erase(i);
  distribute();
}

void node_link_state::on_wanted(const held_call_wanted& wanted) {
  auto reader = reader_of_sender(wanted.session);
  if (reader == readers.end())
    return;
  held_answers::owned_call by{reader->second.owner, wanted.call};
  auto adopted = held.adopt(wanted.which.key, wanted.which.model, by);
  using adoption = held_answers::adoption::kind;
  switch (adopted.what) {
    case adoption::none:
      send_result(reader->second, remote_result{wanted.call, true, call_failure{fault::cancelled, 0}, {}});
      return;
    case adoption::answered: send_result({by}, adopted.result); [[fallthrough]];
    case adoption::running: ++counts.adopted;
  }
}

void node_link_state::on_settled(const calls_settled& settled) {
  if (auto i = reader_of_sender(settled.session); i != readers.end())
    for (const auto& key : settled.keys)
      held.settled(i->second.owner, key);
}

void node_link_state::on_released(const calls_released& released) {
  auto i = reader_of_sender(released.session);
  if (i == readers.end())
    return;
  auto owner = i->second.owner;
  if (released.all) {
    offer_held(held.lose_owner(owner, now()), owner);
    self->send(i->second.nodes, calls_held{i->second.session, held.orphans()});
    distribute();
    return;
  }
  auto offers_now = held.lose_owner(owner, released.keys, now());
  offer_held(offers_now, owner);
  self->send(i->second.nodes, calls_held{i->second.session, std::move(offers_now)});
}

/// Nobody wants the end of a call that was forgotten, or whose reader is gone.
void node_link_state::send_result(const std::vector<held_answers::owned_call>& to, const call_result& result) {
  for (const auto& each : to)
    if (auto reader = reader_of(each.owner); reader != readers.end())
      send_result(reader->second, remote_result{each.call, false, result.outcome, result.duration});
}

void node_link_state::send_result(reader_session& reader, const remote_result& result) {
  reader.out.add(result.call, to_bytes(result));
  send_pieces(reader);
}

void node_link_state::send_pieces(reader_session& reader) {
  while (auto piece = reader.out.next(now())) {
    piece->session = reader.session;
    self->send(reader.nodes, std::move(*piece));
  }
}

/// To all readers but the one that has given them up.
void node_link_state::offer_held(const std::vector<held_call>& calls, std::uint64_t but) {
  if (calls.empty())
    return;
  counts.offered += calls.size();
  for (auto& [gate, reader] : readers)
    if (reader.owner != but)
      self->send(reader.nodes, calls_held{reader.session, calls});
}

} // namespace mp
