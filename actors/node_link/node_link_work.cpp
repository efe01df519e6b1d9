#include "actors/node_link/node_link_state.hpp"

#include "actors/telemetry/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

// Answers that were sent while draining are settled once they are published; a reader that cannot publish is not waited
// for.
constexpr std::size_t drain_ticks_for_settling = 40;

} // namespace

void node_link_state::on_worker_started(const worker_started& started) {
  auto host = std::find_if(config.hosts.begin(), config.hosts.end(),
                           [&](const node_host& each) { return each.url == started.host; });
  if (host == config.hosts.end())
    return;
  auto address = started.worker.address();
  if (workers.contains(address))
    return;
  workers.emplace(address, local_worker{started.worker, static_cast<std::size_t>(host - config.hosts.begin())});
  self->monitor(started.worker);
}

void node_link_state::on_work_demand() {
  auto i = workers.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  if (i == workers.end())
    return;
  auto& worker = i->second;
  if (std::exchange(worker.has_slot, true))
    offers.ended(worker.owner, worker.host);
  else
    offers.slot_added(worker.host);
  worker.is_idle = true;
  worker.owner = 0;
  worker.job = 0;
  start_waiting(worker.host);
  distribute();
}

void node_link_state::on_call_result(const call_result& result) {
  auto i = jobs.find(result.ticket);
  if (i == jobs.end())
    return; // cancelled
  auto job = std::move(i->second);
  jobs.erase(i);
  bool is_answer = std::holds_alternative<raw_answer>(result.outcome);
  auto by = is_answer ? held.answered(job.key, job.serial, result, now()) : held.failed(job.key, job.serial);
  send_result(by, result);
  if (is_answer && held.is_orphan(job.key))
    offer_held({{job.key, job.work.model, true}}, 0);
}

void node_link_state::worker_down(const caf::actor_addr& which) {
  auto i = workers.find(which);
  if (i == workers.end())
    return;
  auto worker = i->second;
  workers.erase(i);
  if (auto job = jobs.find(worker.job); job != jobs.end()) {
    auto by = held.failed(job->second.key, job->second.serial);
    jobs.erase(job);
    send_result(by, call_result{0, 0, call_failure{fault::worker_lost, 0}, {}});
  }
  if (!worker.has_slot)
    return;
  if (!worker.is_idle)
    offers.ended(worker.owner, worker.host);
  offers.slot_removed(worker.host);
  distribute();
}

/// A call for whose slot no worker was there, because one was starting again.
void node_link_state::start_waiting(std::size_t host) {
  for (auto& [number, job] : jobs) {
    if (job.worker || job.host != host)
      continue;
    for (auto& [address, worker] : workers)
      if (worker.is_idle && worker.host == host) {
        start(number, job, worker);
        return;
      }
  }
}

void node_link_state::start(std::uint64_t number, job& which, local_worker& on) {
  on.is_idle = false;
  on.job = number;
  on.owner = which.owner;
  which.worker = on.worker.address();
  auto work = which.work;
  work.ticket = number;
  work.call_number = 1;
  which.work.question = {};
  self->send(on.worker, std::move(work));
}

void node_link_state::distribute() {
  for (const auto& each : offers.distribute()) {
    auto reader = reader_of(each.reader);
    if (reader == readers.end())
      continue;
    auto host = static_cast<std::uint32_t>(each.host);
    auto count = static_cast<std::uint32_t>(each.count);
    if (each.what == slot_offers::action::kind::offer)
      self->send(reader->second.nodes, slots_offered{reader->second.session, host, count});
    else
      self->send(reader->second.nodes, slots_recalled{reader->second.session, host, count});
  }
}

void node_link_state::on_host_state(const host_state& state) {
  for (std::uint32_t host = 0; host < hosts.size(); ++host)
    if (hosts[host].host == state.host) {
      hosts[host] = state;
      for (auto& [gate, reader] : readers)
        tell_host(reader, host);
    }
}

void node_link_state::tell_host(reader_session& reader, std::uint32_t host) {
  const auto& state = hosts[host];
  auto count = std::min(state.loaded.size(), loaded_models_max);
  self->send(reader.nodes,
             remote_host_state{reader.session,
                               host,
                               state.usable,
                               troubles.answered(reader.owner, state.trouble),
                               state.gpu_share,
                               {state.loaded.begin(), std::next(state.loaded.begin(), std::ptrdiff_t(count))},
                               state.has_room});
}

void node_link_state::on_host_trouble(const remote_host_trouble& trouble) {
  auto i = reader_of_sender(trouble.session);
  if (i == readers.end() || trouble.host >= hosts.size())
    return;
  auto number = troubles.reported(i->second.owner, trouble.number);
  reported[trouble.host] = {hosts[trouble.host].host, number, trouble.reload};
  if (monitor)
    self->send(monitor, reported[trouble.host]);
}

// ---- drain ----

caf::result<void> node_link_state::on_drain() {
  log::info("node_drain_started", {{"in_flight", jobs.size()}});
  is_draining = true;
  offers.stop();
  for (auto& [gate, reader] : readers)
    self->send(reader.nodes, node_draining{reader.session});
  // What no worker has begun is somebody else's at once.
  for (auto i = jobs.begin(); i != jobs.end();)
    if (!i->second.worker) {
      send_result(held.failed(i->second.key, i->second.serial),
                  call_result{0, 0, call_failure{fault::node_lost, 0}, {}});
      i = jobs.erase(i);
    } else {
      ++i;
    }
  tell_monitor();
  auto promise = self->make_response_promise<void>();
  drain_askers.push_back(promise);
  continue_drain();
  return promise;
}

void node_link_state::continue_drain() {
  if (!jobs.empty() || drain_askers.empty())
    return;
  if (held.size() > 0 && !readers.empty() && ++drain_ticks < drain_ticks_for_settling)
    return;
  for (auto i = readers.begin(); i != readers.end();)
    end(i++, "it is stopped", false);
  for (auto& each : drain_askers)
    each.deliver();
  drain_askers.clear();
}

} // namespace mp
