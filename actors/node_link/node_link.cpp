#include "actors/node_link/node_link_state.hpp"

#include "actors/crash.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/local_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// How late the loss of a reader, or the time to dial, may be seen.
constexpr auto tick_interval = 50ms;
constexpr auto told_interval = 60s;

} // namespace

node_link_state::node_link_state(node_link_actor::pointer ptr, node_link_config given)
  : self(ptr), config(std::move(given)), dials(config.join, config.dial, ptr->clock().now()),
    offers(config.hosts.size()), held(config.held) {
  for (const auto& each : config.hosts)
    hosts.push_back({each.url, false});
  reported.resize(hosts.size());
}

node_link_actor::behavior_type node_link_state::make_behavior() {
  crash_with_reason(self);
  port = config.make_port();
  self->set_down_handler([this](caf::down_msg& message) {
    if (auto i = readers.find(message.source); i != readers.end())
      end(i, reason_of(message.reason), true);
    else
      worker_down(message.source);
  });
  config.directory->set_work_source(node_link_actor{self});
  last_tick = now();
  tick();
  return {
    [this](const worker_started& started) { on_worker_started(started); },
    [this](work_demand) { on_work_demand(); },
    [this](const call_result& result) { on_call_result(result); },
    [this](const monitor_started& started) { on_monitor_started(started); },
    [this](const host_state& state) { on_host_state(state); },
    [this](ping) { return pong{0, jobs.size(), {}}; },
    [this](const node_welcome& welcome) { on_welcome(welcome); },
    [this](const node_refused& refusal) { on_refused(refusal); },
    [this](const session_over& over) {
      if (auto i = reader_of_sender(over.session); i != readers.end())
        end(i, over.why, false);
    },
    [this](const slots_returned& returned) {
      if (auto i = reader_of_sender(returned.session); i != readers.end()) {
        offers.returned(i->second.owner, returned.host, returned.count);
        distribute();
      }
    },
    [this](const link_heartbeat& heartbeat) { on_heartbeat(heartbeat); },
    [this](const reader_backlog& backlog) {
      if (auto i = reader_of_sender(backlog.session); i != readers.end()) {
        offers.set_backlog(i->second.owner, backlog.requests);
        distribute();
      }
    },
    [this](const link_piece& piece) { on_piece(piece); },
    [this](const link_ack& ack) {
      if (auto i = reader_of_sender(ack.session); i != readers.end()) {
        i->second.out.acked(ack, now());
        send_pieces(i->second);
      }
    },
    [this](const remote_cancel& which) { on_cancel(which); },
    [this](const held_call_wanted& wanted) { on_wanted(wanted); },
    [this](const calls_settled& settled) { on_settled(settled); },
    [this](const calls_released& released) { on_released(released); },
    [this](const remote_host_trouble& trouble) { on_host_trouble(trouble); },
    [this](const dial_ended& dial) { on_dial_ended(dial); },
    [this](drain) { return on_drain(); },
    [this](nodes_request) { return on_nodes_request(); },
  };
}

void node_link_state::on_heartbeat(const link_heartbeat& heartbeat) {
  auto i = reader_of_sender(heartbeat.session);
  if (i == readers.end())
    return;
  if (auto late = i->second.watch.heartbeat(now()); late > 0ms)
    log::info("reader_heartbeat_late", {{"reader", i->second.reader}, {"late_ms", late.count()}});
  offers.set_backlog(i->second.owner, heartbeat.backlog);
  distribute();
}

node_link_state::time_point node_link_state::now() const { return self->clock().now(); }

// ---- readers ----

void node_link_state::dial_due() {
  for (const auto& name : dials.due(now()))
    port->dial(name, [weak = caf::actor_cast<caf::weak_actor_ptr>(node_link_actor{self})](dial_ended dial) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<node_link_actor>(strong), std::move(dial));
    });
}

void node_link_state::on_dial_ended(const dial_ended& dial) {
  bool all_there = !dial.addresses.empty();
  if (!all_there)
    log_once_a_minute(dial.name, dial.why.empty() ? "it has no address" : dial.why);
  for (const auto& each : dial.addresses) {
    if (!each.entrance) {
      log_once_a_minute(each.address, each.why);
      all_there = false;
      continue;
    }
    auto is_this = [&](const auto& reader) { return reader.second.entrance == each.entrance; };
    if (std::any_of(readers.begin(), readers.end(), is_this))
      continue;
    all_there = false; // until it has answered
    if (is_draining)
      continue;
    auto [i, fresh] = knocks.try_emplace(each.entrance.address(), knock{dial.name, each.entrance, 0, now()});
    if (!fresh && now() - i->second.since < config.welcome_wait)
      continue;
    i->second.since = now();
    i->second.number = next_knock++;
    self->send(each.entrance, node_hello{config.protocols, config.version, config.node, config.incarnation,
                                         node_link_actor{self}, i->second.number, all_slots()});
  }
  dials.ended(dial.name, all_there, config.random(), now());
}

std::uint32_t node_link_state::all_slots() const {
  std::uint32_t slots = 0;
  for (const auto& each : config.hosts)
    slots += each.slots;
  return slots;
}

void node_link_state::on_welcome(const node_welcome& welcome) {
  auto gate = welcome.nodes.address();
  auto entrance =
    std::find_if(knocks.begin(), knocks.end(), [&](const auto& each) { return each.second.number == welcome.knock; });
  if (entrance == knocks.end() || is_draining) {
    self->send(welcome.nodes, session_over{welcome.session, "it has not knocked"});
    return;
  }
  if (common_protocol(config.protocols, {welcome.protocol, welcome.protocol}) != welcome.protocol) {
    self->send(welcome.nodes, session_over{welcome.session, "it does not speak the session's protocol"});
    return;
  }
  if (auto old = readers.find(gate); old != readers.end())
    end(old, "it has begun a new session", false);
  auto owner = next_owner++;
  auto& reader =
    readers
      .try_emplace(gate, reader_session{owner, welcome.session, welcome.reader, welcome.version, entrance->second.name,
                                        welcome.nodes, entrance->second.entrance, piece_sender{config.pieces},
                                        piece_joiner{config.bytes_max}, link_watch{config.heartbeats, now()}})
      .first->second;
  knocks.erase(entrance);
  self->monitor(welcome.nodes);
  log::info("reader_joined", {{"reader", reader.reader}, {"version", reader.version}, {"protocol", welcome.protocol}});
  self->send(reader.nodes, node_introduction{reader.session, config.hosts, held.orphans()});
  offers.add_reader(owner);
  for (std::uint32_t host = 0; host < hosts.size(); ++host)
    tell_host(reader, host);
  distribute();
  tell_monitor();
}

void node_link_state::on_refused(const node_refused& refusal) {
  if (is_told_again("refused: " + refusal.why))
    log::warning("reader_refuses", {{"reason", refusal.why}});
}

void node_link_state::log_once_a_minute(const std::string& name, const std::string& why) {
  if (is_told_again(name + ": " + why))
    log::warning("reader_not_reached", {{"name", name}, {"reason", why}});
}

/// What is wrong is found out several times a second, and told once a minute.
bool node_link_state::is_told_again(const std::string& what) {
  constexpr std::size_t kinds_max = 100;
  if (told.size() > kinds_max)
    told.clear();
  auto [i, fresh] = told.try_emplace(what, now());
  if (!fresh && now() - i->second < told_interval)
    return false;
  i->second = now();
  return true;
}

/// Its calls go on; they, and the answers that it has not settled, are offered to all others.
void node_link_state::end(reader_it which, const std::string& why, bool is_lost) {
  auto gate = which->first;
  auto reader = std::move(which->second);
  readers.erase(which);
  if (is_lost) {
    ++counts.lost;
    log::warning("reader_lost", {{"reader", reader.reader}, {"reason", why}});
  } else {
    log::info("reader_left", {{"reader", reader.reader}, {"reason", why}});
  }
  self->demonitor(gate);
  self->send(reader.nodes, session_over{reader.session, why});
  troubles.remove(reader.owner);
  offers.remove_reader(reader.owner);
  for (auto& [number, each] : jobs)
    if (each.owner == reader.owner)
      each.owner = 0;
  for (auto& [address, each] : workers)
    if (each.owner == reader.owner)
      each.owner = 0;
  offer_held(held.lose_owner(reader.owner, now()), reader.owner);
  dials.lost(reader.name, now());
  dial_due();
  distribute();
  tell_monitor();
}

node_link_state::reader_it node_link_state::reader_of_sender(std::uint64_t session) {
  auto i = readers.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  return i != readers.end() && i->second.session == session ? i : readers.end();
}

node_link_state::reader_it node_link_state::reader_of(std::uint64_t owner) {
  return std::find_if(readers.begin(), readers.end(), [&](const auto& each) { return each.second.owner == owner; });
}

void node_link_state::tick_later() {
  self->run_delayed(tick_interval, [this] { tick(); });
}

/// A process that was stopped gets everything at once when it goes on, heartbeats too. Its readers have taken it for
/// lost meanwhile and given its calls to others: measured, each stop of 1.8 s under load cost two calls of requests
/// that had their end.
bool node_link_state::end_if_stood_still() {
  auto still = std::chrono::duration_cast<std::chrono::milliseconds>(now() - last_tick);
  if (still < config.heartbeats.silence_min)
    return false;
  last_tick = now();
  for (auto i = readers.begin(); i != readers.end();)
    end(i++, "this node stood still for " + std::to_string(still.count()) + " ms", true);
  return true;
}

void node_link_state::tick() {
  end_if_stood_still();
  last_tick = now();
  for (auto i = readers.begin(); i != readers.end();) {
    auto current = i++;
    if (current->second.watch.is_lost(now()))
      end(current, "no heartbeat for " + std::to_string(current->second.watch.age(now()).count()) + " ms", true);
  }
  std::erase_if(knocks, [&](const auto& each) { return now() - each.second.since > config.welcome_wait; });
  held.expire(now());
  dial_due();
  if (now() >= next_heartbeat) {
    next_heartbeat = now() + config.heartbeats.interval;
    ++heartbeats;
    config.metrics->nodes(on_nodes_request());
    for (auto& [gate, reader] : readers) {
      if (auto ack = reader.in.ack(reader.session, true))
        self->send(reader.nodes, *ack);
      self->send(reader.nodes, link_heartbeat{reader.session, heartbeats, 0});
    }
  }
  if (is_draining)
    continue_drain();
  tick_later();
}

void node_link_state::on_monitor_started(const monitor_started& started) {
  monitor = started.monitor;
  tell_monitor();
  for (std::uint32_t host = 0; host < hosts.size(); ++host)
    if (reported[host].number > hosts[host].trouble) // its predecessor has not answered, or there was none
      self->send(monitor, reported[host]);
}

/// Its page says that the node is ready when it has joined a reader and a host can be used.
void node_link_state::tell_monitor() {
  if (monitor)
    self->send(monitor, intake_state{static_cast<std::uint32_t>(readers.size()), is_draining, false, {}, {}, true});
}

nodes_response node_link_state::on_nodes_request() const {
  auto response = counts;
  response.held = held.size();
  response.held_bytes = held.bytes();
  for (const auto& [gate, reader] : readers) {
    node_view view{reader.reader, reader.version};
    for (std::size_t host = 0; host < config.hosts.size(); ++host) {
      view.slots += config.hosts[host].slots;
      view.offered += static_cast<std::uint32_t>(offers.offered(reader.owner, host));
    }
    for (const auto& [number, each] : jobs)
      view.in_flight += each.owner == reader.owner ? 1 : 0;
    view.heartbeat_age = reader.watch.age(now());
    view.window_bytes = reader.out.window();
    response.nodes.push_back(std::move(view));
  }
  return response;
}

node_link_actor spawn_node_link(caf::local_actor* parent, node_link_config config) {
  return parent->spawn<node_link_actor::stateful_impl<node_link_state>>(std::move(config));
}

} // namespace mp
