#include "actors/dispatcher/worker_pool.hpp"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace mp {

std::size_t worker_pool::host_index(const std::string& name) {
  auto i = std::find_if(hosts_.begin(), hosts_.end(), [&](const host& each) { return each.name == name; });
  if (i == hosts_.end()) {
    i = hosts_.emplace(hosts_.end());
    i->name = name;
  }
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

void worker_pool::set_models(const std::string& name, std::vector<std::string> loaded, bool has_room) {
  auto& its_host = hosts_[host_index(name)];
  its_host.loaded = std::move(loaded);
  its_host.has_room = has_room;
}

bool worker_pool::host::has_loaded(std::string_view model) const {
  return std::find(loaded.begin(), loaded.end(), model) != loaded.end();
}

bool worker_pool::is_loaded_somewhere(std::string_view model) const {
  return std::any_of(hosts_.begin(), hosts_.end(),
                     [&](const host& each) { return each.usable && each.workers > 0 && each.has_loaded(model); });
}

bool worker_pool::any_swaps() const {
  return std::any_of(hosts_.begin(), hosts_.end(), [](const host& each) { return each.usable && !each.has_room; });
}

bool worker_pool::waits_for_its_host(std::string_view model) const {
  bool is_any_free = false;
  for (const auto& each : hosts_) {
    if (room_of(each) == 0)
      continue;
    if (!each.would_swap(model))
      return false;
    is_any_free = true;
  }
  return is_any_free && is_loaded_somewhere(model);
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

std::optional<worker_pool::worker_id> worker_pool::choose(ticket work, std::string_view model, std::string_view avoid) {
  return choose(work, model, avoid, false);
}

std::optional<worker_pool::worker_id> worker_pool::choose_alone(ticket work, std::string_view model,
                                                                std::string_view avoid) {
  return choose(work, model, avoid, true);
}

bool worker_pool::is_better(const host& a, const host& b, std::string_view model, std::string_view avoid) {
  auto rank = [&](const host& each) {
    auto in_use = static_cast<double>(each.workers - each.free.size());
    return std::tuple{each.name == avoid, !each.has_loaded(model), (in_use + 1) / each.speed, each.is_remote};
  };
  return rank(a) < rank(b);
}

std::optional<worker_pool::worker_id> worker_pool::choose(ticket work, std::string_view model, std::string_view avoid,
                                                          bool alone) {
  host* best = nullptr;
  bool may_swap = !any_swaps() || !is_loaded_somewhere(model);
  for (auto& each : hosts_) {
    if (room_of(each) == 0 || (alone && each.busy > 0) || (!may_swap && each.would_swap(model)))
      continue;
    if (best == nullptr || is_better(each, *best, model, avoid))
      best = &each;
  }
  if (best == nullptr)
    return std::nullopt;
  if (best->would_swap(model))
    best->loaded = {std::string{model}}; // as far as is known: which one it unloads is its choice
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
