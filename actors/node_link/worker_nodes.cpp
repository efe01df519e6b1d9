#include "actors/node_link/worker_nodes_state.hpp"

#include "actors/crash.hpp"
#include "actors/node_link/remote_worker.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/local_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// How late the loss of a node, or the time to begin, may be seen.
constexpr auto tick_interval = 50ms;
// A node that is refused dials again and again.
constexpr auto refusal_log_interval = 60s;

} // namespace

worker_nodes_actor::behavior_type worker_nodes_state::make_behavior() {
  crash_with_reason(self);
  self->set_down_handler([this](caf::down_msg& message) {
    auto link = links.find(message.source); // of a remote_worker
    if (auto i = sessions.find(link == links.end() ? message.source : link->second); i != sessions.end())
      end(i, reason_of(message.reason), true);
  });
  join_until = now() + config.join_wait;
  config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(worker_nodes_actor{self}));
  tick_later();
  return {
    [this](const node_hello& hello) { on_hello(hello); },
    [this](const node_introduction& node) { on_introduction(node); },
    [this](const session_over& over) {
      if (auto i = session_of_sender(over.session); i != sessions.end())
        end(i, over.why, false);
    },
    [this](const node_draining& draining) {
      if (auto i = session_of_sender(draining.session); i != sessions.end())
        log::info("node_draining", {{"node", i->second.node}});
    },
    [this](const slots_offered& offer) { on_offered(offer); },
    [this](const slots_recalled& recall) { on_recalled(recall); },
    [this](const link_heartbeat& heartbeat) { on_heartbeat(heartbeat); },
    [this](const link_piece& piece) { on_piece(piece); },
    [this](const link_ack& ack) {
      if (auto i = session_of_sender(ack.session); i != sessions.end()) {
        i->second.out.acked(ack, now());
        send_pieces(i->second);
      }
    },
    [this](const calls_held& held) { on_held(held); },
    [this](const remote_host_state& state) { on_host_state(state); },
    [this](const assignment& work) { on_assignment(work); },
    [this](const cancel_call& which) { on_cancel(which); },
    [this](slot_returned) { on_returned(); },
    [this](const dispatcher_started& started) { on_dispatcher_started(started.dispatcher); },
    [this](const adopt_call& wanted) { on_adopt(wanted); },
    [this](const work_backlog& work) {
      backlog = work.requests;
      for (auto& [link, each] : sessions)
        self->send(each.link, reader_backlog{each.id, backlog});
    },
    [this](const requests_settled& settled) { on_settled(settled); },
    [this](const requests_released& released) { on_released(released); },
    [this](const host_trouble& trouble) { on_host_trouble(trouble); },
    [this](nodes_request) { return on_nodes_request(); },
  };
}

worker_nodes_state::time_point worker_nodes_state::now() const { return self->clock().now(); }

// ---- sessions ----

void worker_nodes_state::on_hello(const node_hello& hello) {
  if (auto why = objection_to(hello); !why.empty()) {
    refuse(hello, why);
    return;
  }
  if (hello.slots == 0) { // only asks
    self->send(hello.link, node_refused{});
    return;
  }
  for (auto i = sessions.begin(); i != sessions.end(); ++i)
    if (i->second.node == hello.node || i->second.link == hello.link) {
      bool is_same = i->second.incarnation == hello.incarnation;
      end(i, is_same ? "it has joined again" : "a newer start of it has joined", false);
      break;
    }
  begin(hello);
}

std::string worker_nodes_state::objection_to(const node_hello& hello) {
  if (!common_protocol(hello.protocols, config.protocols))
    return "it speaks protocol " + to_string(hello.protocols) + ", this reader " + to_string(config.protocols);
  if (!hello.link || hello.node.empty())
    return "it has no name";
  for (const auto& [link, each] : sessions)
    if (each.node == hello.node && each.incarnation > hello.incarnation)
      return "a newer start of node " + hello.node + " is here; give each node a NODE_NAME of its own";
  std::size_t slots = hello.slots;
  for (const auto& [link, each] : sessions)
    if (each.node != hello.node)
      slots += each.slots;
  if (slots > config.slots_max)
    return "its slots would be too many; see NODE_SLOTS_MAX";
  return {};
}

void worker_nodes_state::refuse(const node_hello& hello, const std::string& why) {
  if (!refusal_logged || now() - *refusal_logged >= refusal_log_interval) {
    refusal_logged = now();
    log::warning("node_refused", {{"node", hello.node}, {"version", hello.version}, {"reason", why}});
  }
  if (hello.link)
    self->send(hello.link, node_refused{why});
}

void worker_nodes_state::begin(const node_hello& hello) {
  auto link = hello.link.address();
  auto protocol = common_protocol(hello.protocols, config.protocols).value();
  auto [i, fresh] = sessions.try_emplace(link, node_session{next_session++,
                                                            hello.node,
                                                            hello.incarnation,
                                                            hello.version,
                                                            protocol,
                                                            hello.link,
                                                            hello.slots,
                                                            {},
                                                            piece_sender{config.pieces},
                                                            piece_joiner{config.bytes_max},
                                                            link_watch{config.heartbeats, now()}});
  auto& session = i->second;
  self->monitor(session.link);
  self->send(session.link,
             node_welcome{protocol, config.version, config.name, worker_nodes_actor{self}, session.id, hello.knock});
  self->send(session.link, reader_backlog{session.id, backlog});
  tick_later();
}

void worker_nodes_state::on_introduction(const node_introduction& node) {
  auto i = session_of_sender(node.session);
  if (i == sessions.end() || !i->second.hosts.empty())
    return;
  auto& session = i->second;
  std::size_t slots = 0;
  for (const auto& each : node.hosts)
    slots += each.slots;
  if (slots != session.slots) {
    end(i, "it has other slots than it said", false);
    return;
  }
  for (const auto& each : node.hosts) {
    node_session::host host{session.node + '/' + each.url, {}};
    for (std::uint32_t slot = 0; slot < each.slots; ++slot) {
      auto worker = spawn_remote_worker(self, {host.name, worker_nodes_actor{self}, config.directory});
      self->monitor(worker);
      links.emplace(worker.address(), i->first);
      host.slots.push_back({worker});
    }
    session.hosts.push_back(std::move(host));
    tell_trouble(session, static_cast<std::uint32_t>(session.hosts.size() - 1));
  }
  log::info("node_joined", {{"node", session.node},
                            {"version", session.version},
                            {"protocol", session.protocol},
                            {"hosts", session.hosts.size()},
                            {"slots", slots},
                            {"held", node.held.size()}});
  on_held({session.id, node.held});
}

/// Its requests are on other workers at once: no call is charged for it. Its answers may still come, see on_held.
void worker_nodes_state::end(session_it which, const std::string& why, bool is_lost) {
  auto link = which->first;
  auto session = std::move(which->second);
  sessions.erase(which);
  if (is_lost) {
    ++counts.lost;
    log::warning("node_lost", {{"node", session.node}, {"reason", why}});
  } else {
    log::info("node_left", {{"node", session.node}, {"reason", why}});
  }
  self->demonitor(session.link);
  self->send(session.link, session_over{session.id, why});
  std::erase_if(holders, [&](const auto& each) { return each.second == link; });
  std::erase_if(keepers, [&](const auto& each) { return each.second == link; });
  for (auto i = calls.begin(); i != calls.end();)
    if (i->second.link == link) {
      fail(i->second, fault::node_lost);
      i = calls.erase(i);
    } else {
      ++i;
    }
  for (const auto& host : session.hosts) {
    if (dispatcher && host.is_usable)
      self->send(dispatcher, host_state{host.name, false, 0, 1});
    for (const auto& slot : host.slots) {
      links.erase(slot.worker.address());
      self->demonitor(slot.worker);
      self->send_exit(slot.worker, caf::exit_reason::user_shutdown);
    }
  }
}

worker_nodes_state::session_it worker_nodes_state::session_of_sender(std::uint64_t session) {
  auto i = sessions.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  return i != sessions.end() && i->second.id == session ? i : sessions.end();
}

/// The new one knows nothing of the calls: the nodes keep them, and say so.
void worker_nodes_state::on_dispatcher_started(const dispatcher_actor& present) {
  dispatcher = present;
  self->send(dispatcher, worker_nodes_started{worker_nodes_actor{self}});
  for (const auto& [number, call] : calls)
    take_back(number, call);
  calls.clear();
  keepers.clear();
  holders.clear();
  troubles.clear();
  backlog = 0;
  for (auto& [link, session] : sessions) {
    for (auto& host : session.hosts) {
      for (auto& slot : host.slots)
        if (slot.use == slot_use::busy)
          slot.use = slot_use::idle;
      self->send(dispatcher, host.state(0));
    }
    session.has_spoken = false;
    self->send(session.link, calls_released{session.id, true, {}});
  }
  is_awaited = true;
  answers_until = now() + config.answer_wait;
  check_heard();
  tick_later();
}

void worker_nodes_state::on_host_state(const remote_host_state& state) {
  auto i = session_of_sender(state.session);
  if (i == sessions.end() || state.host >= i->second.hosts.size())
    return;
  auto& host = i->second.hosts[state.host];
  host.hear(state);
  if (auto known = troubles.find(host.name); known != troubles.end() && known->second.number <= state.trouble)
    troubles.erase(known);
  if (dispatcher)
    self->send(dispatcher, host.state(state.trouble));
}

/// A node that is away hears of it when it joins again, else the dispatcher would wait for a probe that nobody makes.
void worker_nodes_state::on_host_trouble(const host_trouble& trouble) {
  troubles[trouble.host] = trouble;
  for (auto& [link, session] : sessions)
    for (std::uint32_t host = 0; host < session.hosts.size(); ++host)
      if (session.hosts[host].name == trouble.host)
        tell_trouble(session, host);
}

void worker_nodes_state::tell_trouble(const node_session& session, std::uint32_t host) {
  if (auto i = troubles.find(session.hosts[host].name); i != troubles.end())
    self->send(session.link, remote_host_trouble{session.id, host, i->second.number, i->second.reload});
}

nodes_response worker_nodes_state::on_nodes_request() const {
  auto response = counts;
  for (const auto& [link, session] : sessions) {
    node_view view{session.node, session.version};
    for (const auto& host : session.hosts)
      for (const auto& slot : host.slots) {
        ++view.slots;
        view.offered += slot.use == slot_use::offered ? 1 : 0;
        view.in_flight += slot.use == slot_use::busy ? 1 : 0;
      }
    view.heartbeat_age = session.watch.age(now());
    view.window_bytes = session.out.window();
    response.nodes.push_back(std::move(view));
  }
  return response;
}

// ---- time ----

void worker_nodes_state::on_heartbeat(const link_heartbeat& heartbeat) {
  auto i = session_of_sender(heartbeat.session);
  if (i == sessions.end()) {
    // It was taken for lost and has not noticed: it joins again.
    if (auto link = caf::actor_cast<node_link_actor>(self->current_sender()))
      self->send(link, session_over{heartbeat.session, "this reader has taken it for lost"});
    return;
  }
  if (auto late = i->second.watch.heartbeat(now()); late > 0ms)
    log::info("node_heartbeat_late", {{"node", i->second.node}, {"late_ms", late.count()}});
}

void worker_nodes_state::tick_later() {
  if (is_ticking || (sessions.empty() && !is_awaited))
    return;
  is_ticking = true;
  self->run_delayed(tick_interval, [this] {
    is_ticking = false;
    tick();
    tick_later();
  });
}

void worker_nodes_state::tick() {
  check_heard();
  for (auto i = sessions.begin(); i != sessions.end();) {
    auto current = i++;
    if (current->second.watch.is_lost(now()))
      end(current, "no heartbeat for " + std::to_string(current->second.watch.age(now()).count()) + " ms", true);
  }
  if (now() < next_heartbeat)
    return;
  next_heartbeat = now() + config.heartbeats.interval;
  ++heartbeats;
  config.metrics->nodes(on_nodes_request());
  for (auto& [link, session] : sessions) {
    if (auto ack = session.in.ack(session.id, true))
      self->send(session.link, *ack);
    self->send(session.link, link_heartbeat{session.id, heartbeats, backlog});
  }
}

void worker_nodes_state::check_heard() {
  if (!is_awaited || !dispatcher || now() < join_until)
    return;
  bool all_have =
    std::all_of(sessions.begin(), sessions.end(), [](const auto& each) { return each.second.has_spoken; });
  if (!all_have && now() < answers_until)
    return;
  is_awaited = false;
  self->send(dispatcher, nodes_heard{});
}

worker_nodes_actor spawn_worker_nodes(caf::local_actor* parent, worker_nodes_config config) {
  return parent->spawn<worker_nodes_actor::stateful_impl<worker_nodes_state>>(std::move(config));
}

} // namespace mp
