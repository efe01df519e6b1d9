#include "tests/simulation/sim_nodes/links.hpp"

#include "actors/supervisor/supervisor.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/skip.hpp>

#include <algorithm>

namespace mp::sim {
namespace {

using namespace std::chrono_literals;

constexpr auto usual_latency = 2ms;
// Nobody answers: how long a dial takes to see it.
constexpr auto connect_max = 1s;

heading opposite(heading way) { return way == heading::to_reader ? heading::to_node : heading::to_reader; }

} // namespace

// ---- proxies ----

caf::strong_actor_ptr links::proxy_of(const connection_ptr& line, const caf::strong_actor_ptr& real, heading way) {
  auto& known = line->proxies[real->id()];
  if (known)
    return known;
  auto weak = std::weak_ptr{line};
  auto proxy = actors_.system().spawn([this, weak, real, way](caf::event_based_actor* self) -> caf::behavior {
    self->set_default_handler([=, this](caf::scheduled_actor*, caf::message& content) -> caf::skippable_result {
      if (auto line = weak.lock())
        pass(line, way, real, content, self->current_sender());
      return caf::message{};
    });
    self->set_down_handler([=, this](const caf::down_msg&) {
      // Behind what it has sent before.
      auto strong = caf::actor_cast<caf::strong_actor_ptr>(self);
      if (auto line = weak.lock())
        send(line, opposite(way), [strong] { order_exit(strong, caf::exit_reason::remote_link_unreachable); });
    });
    self->monitor(caf::actor_cast<caf::actor>(real));
    return {[](std::uint8_t) {}}; // an actor without a handler would end; nobody sends one
  });
  known = caf::actor_cast<caf::strong_actor_ptr>(proxy);
  return known;
}

void links::pass(const connection_ptr& line, heading way, const caf::strong_actor_ptr& real, caf::message content,
                 const caf::strong_actor_ptr& sender) {
  if (!line->is_open)
    return;
  with_proxies(line, way, content);
  auto from = sender ? proxy_of(line, sender, opposite(way)) : nullptr;
  send(line, way, [real, from, content = std::move(content)]() mutable {
    real->enqueue(from, caf::make_message_id(), std::move(content), nullptr);
  });
}

/// Handles travel in these two messages.
void links::with_proxies(const connection_ptr& line, heading way, caf::message& content) {
  auto replace = [&](auto& handle) {
    using type = std::decay_t<decltype(handle)>;
    if (auto real = caf::actor_cast<caf::strong_actor_ptr>(handle))
      handle = caf::actor_cast<type>(proxy_of(line, real, opposite(way)));
  };
  if (content.match_elements<node_hello>())
    replace(content.get_mutable_as<node_hello>(0).link);
  else if (content.match_elements<node_welcome>())
    replace(content.get_mutable_as<node_welcome>(0).nodes);
}

// ---- messages ----

void links::send(const connection_ptr& line, heading way, job at_arrival) {
  if (!line->is_open)
    return;
  auto& path = in(*line, way);
  path.last = std::max(path.last, world_.time.now() + latency_of(line->ends));
  path.waiting.push_back(std::move(at_arrival));
  world_.time.at(path.last, [this, line, way] { arrive(line, way); });
}

void links::arrive(const connection_ptr& line, heading way) {
  auto& path = in(*line, way);
  if (!line->is_open)
    return;
  if (path.is_silent) {
    ++path.stalled;
    return;
  }
  auto next = std::move(path.waiting.front());
  path.waiting.pop_front();
  next();
}

duration links::latency_of(const pair& ends) {
  auto slow = conditions_[ends].latency;
  return world_.rng.between(50us, slow > 0ns ? slow : usual_latency);
}

// ---- connections ----

void links::dial(const std::string& node, const std::string& reader, reader_port::ended tell) {
  pair ends{node, reader};
  auto& state = conditions_[ends];
  bool unheard = state.is_silent[0] || state.is_silent[1];
  world_.time.after(unheard ? connect_max : latency_of(ends), [this, ends, unheard, tell = std::move(tell)] {
    const auto& name = ends.second;
    auto entrance = entrance_(name);
    if (unheard || !entrance) {
      tell({name, {{name, {}, "nobody answers"}}, {}});
      return;
    }
    auto& line = lines_[ends];
    if (!line) {
      line = std::make_shared<connection>(connection{ends, true, {}});
      const auto& now = conditions_[ends].is_silent; // it may just have become so
      line->paths[0].is_silent = now[0];
      line->paths[1].is_silent = now[1];
      line->entrance = proxy_of(line, entrance, heading::to_reader);
      actors_.adopt(owner_);
      world_.note(ends.first, " is connected to ", name);
    }
    tell({name, {{name, caf::actor_cast<node_entrance_actor>(line->entrance), {}}}, {}});
  });
}

void links::end(const connection_ptr& line) {
  if (!std::exchange(line->is_open, false))
    return;
  world_.note(line->ends.first, " is no longer connected to ", line->ends.second);
  for (auto& [id, proxy] : line->proxies)
    order_exit(proxy, caf::exit_reason::remote_link_unreachable);
  line->proxies.clear();
  line->entrance = nullptr;
  for (auto& path : line->paths)
    path.waiting.clear();
}

void links::process_ended(const std::string& name) {
  for (auto i = lines_.begin(); i != lines_.end();) {
    auto current = i++;
    const auto& [ends, line] = *current;
    if (ends.first != name && ends.second != name)
      continue;
    auto to_survivor = ends.first == name ? heading::to_reader : heading::to_node;
    // A silent path keeps the news until it heals; the survivor's heartbeats see it before.
    ending_.push_back(line);
    send(line, to_survivor, [this, line] {
      std::erase(ending_, line);
      end(line);
    });
    lines_.erase(current);
  }
}

void links::break_all() {
  for (auto& line : std::exchange(ending_, {}))
    end(line);
  for (auto& [ends, line] : std::exchange(lines_, {}))
    end(line);
}

// ---- faults ----

void links::reset_some() {
  if (lines_.empty())
    return;
  auto which = std::next(lines_.begin(), static_cast<std::ptrdiff_t>(world_.rng.below(lines_.size())));
  auto line = which->second;
  lines_.erase(which);
  end(line);
}

void links::silence_some(bool both_ways, bool resets, duration time) {
  if (conditions_.empty())
    return;
  auto which = std::next(conditions_.begin(), static_cast<std::ptrdiff_t>(world_.rng.below(conditions_.size())));
  auto& [ends, state] = *which;
  auto one = world_.rng.below(2);
  world_.note("nothing arrives between ", ends.first, " and ", ends.second, both_ways ? "" : " in one direction");
  for (std::size_t way = 0; way < 2; ++way)
    state.is_silent[way] = both_ways || way == one;
  state.is_reset_at_return = resets;
  if (auto line = lines_.find(ends); line != lines_.end())
    for (std::size_t way = 0; way < 2; ++way)
      line->second->paths[way].is_silent = state.is_silent[way];
  world_.time.after(time, [this, ends = ends, change = ++state.changes] {
    if (conditions_[ends].changes == change)
      heal(ends);
  });
}

void links::slow_down_some(duration latency, duration time) {
  if (conditions_.empty())
    return;
  auto which = std::next(conditions_.begin(), static_cast<std::ptrdiff_t>(world_.rng.below(conditions_.size())));
  auto& [ends, state] = *which;
  world_.note(ends.first, " and ", ends.second, " are far from each other");
  state.latency = latency;
  world_.time.after(time, [this, ends = ends] { conditions_[ends].latency = 0ns; });
}

void links::heal(const pair& ends) {
  auto& state = conditions_[ends];
  bool was_silent = state.is_silent[0] || state.is_silent[1];
  state.is_silent = {};
  state.latency = 0ns;
  auto resets = std::exchange(state.is_reset_at_return, false);
  if (!was_silent)
    return;
  world_.note(ends.first, " and ", ends.second, " hear each other again");
  for (auto& line : std::exchange(ending_, {}))
    if (line->ends == ends)
      end(line);
    else
      ending_.push_back(line);
  auto known = lines_.find(ends);
  if (known == lines_.end())
    return;
  auto line = known->second;
  if (resets) {
    lines_.erase(known);
    end(line);
    return;
  }
  for (auto way : {heading::to_reader, heading::to_node}) {
    auto& path = in(*line, way);
    path.is_silent = false;
    for (auto n = std::exchange(path.stalled, 0); n > 0; --n)
      world_.time.after(latency_of(ends), [this, line, way] { arrive(line, way); });
  }
}

void links::heal_all() {
  std::vector<pair> all;
  for (const auto& [ends, state] : conditions_)
    all.push_back(ends);
  for (const auto& each : all)
    heal(each);
}

} // namespace mp::sim
