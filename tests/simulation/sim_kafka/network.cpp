#include "tests/simulation/sim_kafka/network.hpp"

#include <utility>

namespace mp::sim {

using namespace std::chrono_literals;

network::~network() {
  for (const auto& each : lines_)
    if (const auto line = each.lock()) {
      // Destroying a message may destroy the last owner of its line, so the queues are emptied from outside of it.
      const auto unsent = std::exchange(line->up.queue, {});
      const auto unheard = std::exchange(line->down.queue, {});
    }
}

connection_ptr network::connect(std::shared_ptr<process> owner) {
  auto line = std::make_shared<connection>();
  line->owner = std::move(owner);
  lines_.push_back(line);
  return line;
}

duration network::latency() {
  auto wait = latency_ / 2 + world_.rng.between(0ns, latency_);
  if (world_.occurs(&fault_rates::slow_message))
    wait += world_.rng.between(1ms, 500ms);
  return wait;
}

void network::send(const connection_ptr& line, connection::direction& way, connection::direction connection::* which,
                   timeline::job what) {
  way.last = std::max(way.last, world_.time.now() + latency());
  way.queue.push_back(std::move(what));
  world_.time.at(way.last, [this, line, which] { arrive(line, which); });
}

void network::arrive(const connection_ptr& line, connection::direction connection::* which) {
  auto& way = (*line).*which;
  if (way.queue.empty())
    return; // dropped since
  bool upwards = which == &connection::up;
  if (!line->owner->alive && (!upwards || !carries(*line) || world_.rng.one_in(2))) {
    way.queue.clear();
    return;
  }
  if (!carries(*line)) {
    ++way.stalled;
    stalled_.push_back(line);
    return;
  }
  auto what = std::move(way.queue.front());
  way.queue.pop_front();
  if (upwards || line->open)
    what();
}

void network::reconnect() {
  auto lines = std::move(stalled_);
  stalled_.clear();
  for (auto& line : lines)
    for (auto which : {&connection::up, &connection::down}) {
      auto& way = (*line).*which;
      for (; way.stalled > 0; --way.stalled) {
        way.last = std::max(way.last, world_.time.now() + latency());
        world_.time.at(way.last, [this, line, which] { arrive(line, which); });
      }
    }
}

} // namespace mp::sim
