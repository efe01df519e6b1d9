#include "actors/dispatcher/worker_pool.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mp {

std::size_t worker_pool::host_index(const std::string& name) {
  auto i = std::find_if(hosts_.begin(), hosts_.end(), [&](const host& each) { return each.name == name; });
  if (i == hosts_.end())
    i = hosts_.insert(hosts_.end(), host{name, false, false, false, 0, 0, 1, {}});
  return static_cast<std::size_t>(i - hosts_.begin());
}

void worker_pool::add(worker_id worker, const std::string& host) {
  remove(worker);
  auto index = host_index(host);
  workers_[worker].host = index;
  ++hosts_[index].workers;
}

// After a timeout the ticket may have gone on to another worker while this one still waits for its cancelled call to
// end.
std::optional<worker_pool::ticket> worker_pool::end_work(worker_id id, worker& w) {
  if (!w.work)
    return std::nullopt;
  auto work = std::exchange(w.work, std::nullopt);
  auto& its_host = hosts_[w.host];
  if (--its_host.busy == 0)
    its_host.kept_alone = false;
  auto i = by_ticket_.find(*work);
  if (i == by_ticket_.end() || i->second != id)
    return std::nullopt;
  by_ticket_.erase(i);
  return work;
}

std::optional<worker_pool::ticket> worker_pool::remove(worker_id worker) {
  auto i = workers_.find(worker);
  if (i == workers_.end())
    return std::nullopt;
  auto work = end_work(worker, i->second);
  std::erase(hosts_[i->second.host].free, worker);
  --hosts_[i->second.host].workers;
  workers_.erase(i);
  return work;
}

bool worker_pool::set_free(worker_id worker) {
  auto i = workers_.find(worker);
  if (i == workers_.end())
    return false;
  end_work(worker, i->second);
  if (!i->second.free) {
    i->second.free = true;
    hosts_[i->second.host].free.push_back(worker);
  }
  return true;
}

void worker_pool::set_idle(worker_id worker) {
  if (auto i = workers_.find(worker); i != workers_.end())
    end_work(worker, i->second);
}

bool worker_pool::set_not_free(worker_id worker) {
  auto i = workers_.find(worker);
  if (i == workers_.end() || !i->second.free)
    return false;
  i->second.free = false;
  std::erase(hosts_[i->second.host].free, worker);
  return true;
}

void worker_pool::set_usable(const std::string& host, bool usable) { hosts_[host_index(host)].usable = usable; }

void worker_pool::set_trial(const std::string& host, bool on_trial) { hosts_[host_index(host)].on_trial = on_trial; }

void worker_pool::set_speed(const std::string& host, double speed) {
  constexpr double speed_min = 0.25;
  hosts_[host_index(host)].speed = std::clamp(speed, speed_min, 1.0);
}

double worker_pool::best_speed() const {
  double best = 0;
  for (const auto& each : hosts_)
    if (each.usable && each.workers > 0)
      best = std::max(best, each.speed);
  return best;
}

/// How many more calls the host may be given now.
std::size_t worker_pool::room_of(const host& h) const {
  if (!h.usable || h.kept_alone || h.free.empty() || (h.on_trial && h.busy > 0))
    return 0;
  if (h.on_trial)
    return 1;
  auto calls_max = static_cast<std::size_t>(std::ceil(static_cast<double>(h.workers) * h.speed / best_speed()));
  return h.busy < calls_max ? std::min(h.free.size(), calls_max - h.busy) : 0;
}

bool worker_pool::usable(const std::string& host) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const auto& each) { return each.name == host && each.usable; });
}

bool worker_pool::any_usable() const {
  return std::any_of(hosts_.begin(), hosts_.end(), [](const auto& each) { return each.usable; });
}

std::optional<worker_pool::worker_id> worker_pool::choose(ticket work, std::string_view avoid) {
  return choose(work, avoid, false);
}

std::optional<worker_pool::worker_id> worker_pool::choose_alone(ticket work, std::string_view avoid) {
  return choose(work, avoid, true);
}

std::optional<worker_pool::worker_id> worker_pool::choose(ticket work, std::string_view avoid, bool alone) {
  host* best = nullptr;
  for (auto& each : hosts_) {
    if (room_of(each) == 0 || (alone && each.busy > 0))
      continue;
    auto less_busy = [](const host& a, const host& b) {
      return static_cast<double>(a.busy + 1) * b.speed < static_cast<double>(b.busy + 1) * a.speed;
    };
    bool better = best == nullptr || (best->name == avoid && each.name != avoid)
                  || ((best->name == avoid) == (each.name == avoid) && less_busy(each, *best));
    if (better)
      best = &each;
  }
  if (best == nullptr)
    return std::nullopt;
  auto id = best->free.back();
  best->free.pop_back();
  auto& chosen = workers_.at(id);
  chosen.free = false;
  chosen.work = work;
  ++best->busy;
  best->kept_alone = alone;
  by_ticket_[work] = id;
  return id;
}

std::optional<worker_pool::worker_id> worker_pool::worker_of(ticket work) const {
  auto i = by_ticket_.find(work);
  return i == by_ticket_.end() ? std::nullopt : std::optional{i->second};
}

std::size_t worker_pool::free_count() const {
  std::size_t sum = 0;
  for (const auto& each : hosts_)
    sum += room_of(each);
  return sum;
}

} // namespace mp
