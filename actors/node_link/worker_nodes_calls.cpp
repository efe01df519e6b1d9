#include "actors/node_link/blob.hpp"
#include "actors/node_link/worker_nodes_state.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace mp {

// ---- slots ----

void worker_nodes_state::on_offered(const slots_offered& offer) {
  auto i = session_of_sender(offer.session);
  if (i == sessions.end() || offer.host >= i->second.hosts.size())
    return;
  auto left = offer.count;
  for (auto& slot : i->second.hosts[offer.host].slots)
    if (left > 0 && slot.use == slot_use::idle) {
      slot.use = slot_use::offered;
      self->send(slot.worker, slot_offered{});
      --left;
    }
  if (left > 0)
    self->send(i->second.link, slots_returned{offer.session, offer.host, left});
}

void worker_nodes_state::on_recalled(const slots_recalled& recall) {
  auto i = session_of_sender(recall.session);
  if (i == sessions.end() || recall.host >= i->second.hosts.size())
    return;
  auto left = recall.count;
  for (auto& slot : i->second.hosts[recall.host].slots)
    if (left > 0 && slot.use == slot_use::offered) {
      self->send(slot.worker, slot_recalled{});
      --left;
    }
}

void worker_nodes_state::on_returned() {
  session_it session;
  std::uint32_t host = 0;
  auto* slot = slot_of(caf::actor_cast<caf::actor_addr>(self->current_sender()), session, host);
  if (slot == nullptr || slot->use != slot_use::offered)
    return;
  slot->use = slot_use::idle;
  self->send(session->second.link, slots_returned{session->second.id, host, 1});
}

node_session::slot* worker_nodes_state::slot_of(const caf::actor_addr& worker, session_it& session,
                                                std::uint32_t& host) {
  auto link = links.find(worker);
  session = link == links.end() ? sessions.end() : sessions.find(link->second);
  if (session == sessions.end())
    return nullptr;
  auto& hosts = session->second.hosts;
  for (host = 0; host < hosts.size(); ++host)
    for (auto& slot : hosts[host].slots)
      if (slot.worker.address() == worker)
        return &slot;
  return nullptr;
}

// ---- calls ----

void worker_nodes_state::on_assignment(const assignment& work) {
  session_it session;
  std::uint32_t host = 0;
  auto* slot = slot_of(caf::actor_cast<caf::actor_addr>(self->current_sender()), session, host);
  if (slot == nullptr)
    return; // its node is lost: the dispatcher hears of the worker's end
  auto call = next_call++;
  slot->use = slot_use::busy;
  slot->call = call;
  call_key key{config.topic, work.question->from.record()};
  keepers[key.record] = session->first;
  calls.emplace(call, remote{session->first, work.ticket, work.call_number, key, slot->worker});
  auto sent = work;
  sent.question = shared_request{without_sender(*work.question)};
  session->second.out.add(call, to_bytes(remote_call{host, std::move(key), std::move(sent)}));
  send_pieces(session->second);
}

/// Of a worker, or of the dispatcher for a call that it has adopted.
void worker_nodes_state::on_cancel(const cancel_call& which) {
  auto sender = caf::actor_cast<caf::actor_addr>(self->current_sender());
  auto i = std::find_if(calls.begin(), calls.end(), [&](const auto& each) {
    const auto& call = each.second;
    return call.ticket == which.ticket && (call.worker ? call.worker.address() == sender : sender == dispatcher);
  });
  if (i == calls.end())
    return;
  auto session = sessions.find(i->second.link);
  if (session != sessions.end() && !take_back(i->first, i->second)) {
    if (which.goes_on) {
      keepers.erase(i->second.key.record);
      self->send(session->second.link, calls_released{session->second.id, false, {i->second.key}});
    } else {
      self->send(session->second.link, remote_cancel{session->second.id, i->first});
    }
  }
  fail(i->second, fault::cancelled);
  calls.erase(i);
}

void worker_nodes_state::on_adopt(const adopt_call& wanted) {
  auto holder = holders.find(wanted.which.key);
  auto session = holder == holders.end() ? sessions.end() : sessions.find(holder->second);
  if (session == sessions.end()) {
    self->send(dispatcher, adoption_failed{wanted.ticket, wanted.call_number});
    return;
  }
  holders.erase(holder);
  auto call = next_call++;
  keepers[wanted.which.key.record] = session->first;
  calls.emplace(call, remote{session->first, wanted.ticket, wanted.call_number, wanted.which.key, {}});
  self->send(session->second.link, held_call_wanted{session->second.id, call, wanted.which});
}

void worker_nodes_state::on_piece(const link_piece& piece) {
  auto i = session_of_sender(piece.session);
  if (i == sessions.end())
    return;
  remote_result result;
  switch (i->second.in.add(piece)) {
    case piece_joiner::verdict::more: break;
    case piece_joiner::verdict::refused: end(i, "its results are larger than allowed", false); return;
    case piece_joiner::verdict::whole:
      if (!from_bytes(i->second.in.take(), result)) {
        end(i, "it sends what is no result", false);
        return;
      }
      on_result(i, std::move(result));
      break;
  }
  if (auto ack = i->second.in.ack(i->second.id, false))
    self->send(i->second.link, *ack);
}

void worker_nodes_state::on_result(session_it session, remote_result&& result) {
  auto i = calls.find(result.call);
  if (i == calls.end() || i->second.link != session->first) {
    ++counts.late;
    log::info("node_answer_late", {{"node", session->second.node}});
    return;
  }
  auto call = std::move(i->second);
  calls.erase(i);
  bool is_answer = std::holds_alternative<raw_answer>(result.outcome) && !result.is_gone;
  if (!is_answer)
    keepers.erase(call.key.record);
  call_result end{call.ticket, call.call_number, std::move(result.outcome), result.duration};
  if (call.worker) {
    free_slot(call);
    self->send(call.worker, std::move(end));
  } else if (result.is_gone) {
    self->send(dispatcher, adoption_failed{call.ticket, call.call_number});
  } else {
    counts.adopted += is_answer ? 1 : 0;
    self->send(dispatcher, std::move(end));
  }
}

/// Requests of another topic are another service's, which has joined the same nodes.
void worker_nodes_state::on_held(const calls_held& held) {
  auto i = session_of_sender(held.session);
  if (i == sessions.end())
    return;
  i->second.has_spoken = true;
  held_calls_offered offer;
  for (const auto& each : held.calls)
    if (each.key.topic == config.topic) {
      holders[each.key] = i->first;
      offer.calls.push_back(each);
    }
  counts.offered += offer.calls.size();
  if (dispatcher && !offer.calls.empty())
    self->send(dispatcher, std::move(offer));
  check_heard();
}

/// Whoever keeps the answer to this request gets its key.
template <class Message>
void worker_nodes_state::take_keeper(const record_key& record, std::map<caf::actor_addr, Message>& per_node) {
  if (auto i = keepers.find(record); i != keepers.end()) {
    per_node[i->second].keys.push_back({config.topic, record});
    keepers.erase(i);
  }
}

template <class Message>
void worker_nodes_state::send_to_keepers(std::map<caf::actor_addr, Message> per_node) {
  for (auto& [link, message] : per_node)
    if (auto session = sessions.find(link); session != sessions.end()) {
      message.session = session->second.id;
      self->send(session->second.link, std::move(message));
    }
}

void worker_nodes_state::on_settled(const requests_settled& settled) {
  std::map<caf::actor_addr, calls_settled> per_node;
  for (const auto& record : settled.records)
    take_keeper(record, per_node);
  send_to_keepers(std::move(per_node));
}

/// What is under way of them goes on at the nodes. Their slots stay in use there until it has ended.
void worker_nodes_state::on_released(const requests_released& released) {
  std::map<caf::actor_addr, calls_released> per_node;
  for (const auto& record : released.records) {
    for (auto i = calls.begin(); i != calls.end();)
      if (i->second.key.record == record) {
        take_back(i->first, i->second);
        fail(i->second, fault::cancelled);
        i = calls.erase(i);
      } else {
        ++i;
      }
    take_keeper(record, per_node);
  }
  send_to_keepers(std::move(per_node));
}

/// A call of which the node has not got everything was never begun there: its slot is given back. False: it has.
bool worker_nodes_state::take_back(std::uint64_t number, const remote& call) {
  session_it session;
  std::uint32_t host = 0;
  if (!call.worker || slot_of(call.worker.address(), session, host) == nullptr || !session->second.out.drop(number))
    return false;
  keepers.erase(call.key.record);
  self->send(session->second.link, remote_cancel{session->second.id, number});
  self->send(session->second.link, slots_returned{session->second.id, host, 1});
  return true;
}

/// The dispatcher is told, unless it does not want to know any more.
void worker_nodes_state::fail(const remote& call, fault why) {
  if (!call.worker) {
    if (why != fault::cancelled)
      self->send(dispatcher, adoption_failed{call.ticket, call.call_number});
    return;
  }
  free_slot(call);
  self->send(call.worker, call_result{call.ticket, call.call_number, call_failure{why, 0}});
}

void worker_nodes_state::free_slot(const remote& call) {
  session_it session;
  std::uint32_t host = 0;
  auto* slot = slot_of(call.worker.address(), session, host);
  if (slot != nullptr && slot->use == slot_use::busy)
    slot->use = slot_use::idle;
}

void worker_nodes_state::send_pieces(node_session& session) {
  while (auto piece = session.out.next(now())) {
    piece->session = session.id;
    self->send(session.link, std::move(*piece));
  }
}

} // namespace mp
