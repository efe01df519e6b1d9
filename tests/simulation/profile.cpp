#include "tests/simulation/profile.hpp"

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

/// Half of the seeds know nothing of a certain small fault; the others know it often or seldom.
double some(chance& rng, double most) { return rng.one_in(2) ? 0 : most * (rng.one_in(3) ? 1.0 : 0.2) * rng.unit(); }

} // namespace

profile profile_of(chance& rng) {
  profile p;
  p.instances = 1 + rng.below(3);
  p.static_members = rng.one_in(3);
  p.hosts = 1 + rng.below(3);
  p.slots = 1 + rng.below(3);
  p.ahead = 1 + rng.below(10);
  p.bytes_max = rng.one_in(2) ? 8 * 1024 : 64 * 1024;
  p.producer_window = static_cast<std::uint32_t>(2 + rng.below(24));
  p.patient_restarts = rng.one_in(4);
  p.commit_interval = rng.between(20ms, 300ms);
  p.rebalance_grace = rng.between(0ms, 2s);
  p.drain_timeout = rng.between(500ms, 10s);
  p.first_byte = rng.between(2s, 5s);
  p.idle = rng.between(500ms, 2s);
  p.whole = rng.between(3s, 8s);
  p.cancel_wait = rng.between(500ms, 3s);
  p.lasting_transactional_ids = rng.one_in(2);
  p.transaction_interval = rng.between(10ms, 200ms);
  p.transaction_records = 1 + rng.below(30);
  p.order_by_key = rng.one_in(3);
  p.rate_limit = rng.one_in(6) ? static_cast<unsigned>(10 + rng.below(100)) : 0;
  if (rng.one_in(8))
    p.request_age_max = std::chrono::milliseconds{3'000 + static_cast<std::int64_t>(rng.below(20'000))};
  p.dead_letter_stop = rng.one_in(2) ? 50 : 100;
  p.reask_rounds = static_cast<unsigned>(p.ahead % 3);
  p.breaker_failures = static_cast<unsigned>(1 + rng.below(6));
  p.parked_max = rng.one_in(3) ? 1 + rng.below(10) : 100;
  auto order = rng.below(8);
  p.order = order < 5 ? stage::order::any : order < 7 ? stage::order::ranked : stage::order::queued;
  p.message_time = rng.between(1us, rng.one_in(6) ? 2ms : 100us);

  p.kafka.partitions = static_cast<std::int32_t>(1 + rng.below(6));
  p.kafka.latency = rng.between(200us, 20ms);
  p.kafka.group.session = rng.between(2s, 6s);
  p.kafka.group.rebalance = rng.between(3s, 15s);
  p.kafka.heartbeat = rng.between(100ms, 600ms);
  p.kafka.delivery = rng.between(2s, 20s);
  p.kafka.transaction = rng.between(2s, 15s);
  p.kafka.producer_queue = 2 + rng.below(40);
  p.kafka.fetch_records = 2 + rng.below(30);
  p.kafka.picky_replies = rng.one_in(2);
  p.pace.answer_from = rng.between(2ms, 100ms);
  p.pace.answer_to = p.pace.answer_from + rng.between(10ms, 800ms);
  p.pace.load = rng.between(100ms, 3s);

  p.fault_phase = rng.between(3s, 30s);
  p.burst = rng.one_in(2) ? rng.unit() : 0;
  p.between_faults = rng.between(80ms, 1500ms);
  for (std::size_t i = 0; i < world_fault_count; ++i)
    if (rng.one_in(2))
      p.world_faults.push_back(static_cast<world_fault>(i));

  auto& rates = p.rates;
  rates.slow_message = some(rng, 0.1);
  rates.commit_refused = some(rng, 0.3);
  rates.commit_answer_late = some(rng, 0.3);
  rates.positions_unavailable = some(rng, 0.5);
  rates.record_not_stored = some(rng, 0.1);
  rates.acknowledgement_lost = some(rng, 0.1);
  rates.queue_full = some(rng, 0.3);
  rates.port_throws = some(rng, 0.01);
  rates.call_unreachable = some(rng, 0.1);
  rates.call_busy = some(rng, 0.1);
  rates.call_failed = some(rng, 0.1);
  rates.call_cut = some(rng, 0.1);
  rates.call_silent = some(rng, 0.05);
  rates.call_deaf = some(rng, 0.03);
  rates.call_garbage = some(rng, 0.15);
  rates.probe_fails = some(rng, 0.2);
  rates.transaction_aborted = some(rng, 0.2);
  rates.transaction_unclear = some(rng, 0.1);
  rates.commit_overtaken = some(rng, 0.3);
  p.unreadable = some(rng, 0.1);
  return p;
}

profile profile_with_nodes(chance& rng) {
  auto p = profile_of(rng);
  p.has_local_hosts = rng.one_in(3);
  p.nodes = 1 + rng.below(3);
  p.node_slots = 1 + rng.below(3);
  for (auto i = world_fault_count; i < world_fault_count_with_nodes; ++i)
    if (rng.one_in(2))
      p.world_faults.push_back(static_cast<world_fault>(i));
  // In half of the worlds readers alone die and come back: then no model may be asked twice.
  if (rng.one_in(2)) {
    p.world_faults = {world_fault::kill_instance, world_fault::stop_instance};
    p.between_faults = rng.between(500ms, 3s);
  }
  return p;
}

profile quiet_profile() {
  profile p;
  p.instances = p.hosts = p.slots = 1;
  p.commit_interval = 50ms;
  p.rebalance_grace = 200ms;
  p.drain_timeout = 2s;
  p.first_byte = 2s;
  p.idle = 1s;
  p.whole = 4s;
  p.cancel_wait = 1s;
  p.message_time = 10us;
  p.transaction_interval = 50ms;
  p.kafka.partitions = 1;
  p.kafka.latency = 1ms;
  p.kafka.group = {2s, 5s};
  p.kafka.heartbeat = 100ms;
  p.kafka.transaction = 2s;
  p.pace = {10ms, 50ms, 100ms};
  return p;
}

} // namespace mp::sim
