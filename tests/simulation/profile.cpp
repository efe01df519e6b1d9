#include "tests/simulation/profile.hpp"

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

/// Half of the seeds know nothing of a certain small fault; the others know it often or seldom.
double some(chance& luck, double most) { return luck.one_in(2) ? 0 : most * (luck.one_in(3) ? 1.0 : 0.2) * luck.unit(); }

} // namespace

profile profile_of(chance& luck) {
  profile p;
  p.instances = 1 + luck.below(3);
  p.static_members = luck.one_in(3);
  p.hosts = 1 + luck.below(3);
  p.slots = 1 + luck.below(3);
  p.ahead = 1 + luck.below(10);
  p.bytes_max = luck.one_in(2) ? 8 * 1024 : 64 * 1024;
  p.producer_window = static_cast<std::uint32_t>(2 + luck.below(24));
  p.patient_restarts = luck.one_in(4);
  p.commit_interval = luck.between(20ms, 300ms);
  p.rebalance_grace = luck.between(0ms, 2s);
  p.drain_timeout = luck.between(500ms, 10s);
  p.first_byte = luck.between(2s, 5s);
  p.idle = luck.between(500ms, 2s);
  p.whole = luck.between(3s, 8s);
  p.cancel_wait = luck.between(500ms, 3s);
  p.lasting_transactional_ids = luck.one_in(2);
  p.transaction_interval = luck.between(10ms, 200ms);
  p.transaction_records = 1 + luck.below(30);
  p.order_by_key = luck.one_in(3);
  p.rate_limit = luck.one_in(6) ? static_cast<unsigned>(10 + luck.below(100)) : 0;
  if (luck.one_in(8))
    p.request_age_max = std::chrono::milliseconds{3'000 + static_cast<std::int64_t>(luck.below(20'000))};
  p.dead_letter_stop = luck.one_in(2) ? 50 : 100;
  p.reask_rounds = static_cast<unsigned>(p.ahead % 3);
  p.breaker_failures = static_cast<unsigned>(1 + luck.below(6));
  p.parked_max = luck.one_in(3) ? 1 + luck.below(10) : 100;
  auto order = luck.below(8);
  p.order = order < 5 ? stage::order::any : order < 7 ? stage::order::ranked : stage::order::queued;
  p.message_time = luck.between(1us, luck.one_in(6) ? 2ms : 100us);

  p.kafka.partitions = static_cast<std::int32_t>(1 + luck.below(6));
  p.kafka.latency = luck.between(200us, 20ms);
  p.kafka.group.session = luck.between(2s, 6s);
  p.kafka.group.rebalance = luck.between(3s, 15s);
  p.kafka.heartbeat = luck.between(100ms, 600ms);
  p.kafka.delivery = luck.between(2s, 20s);
  p.kafka.transaction = luck.between(2s, 15s);
  p.kafka.producer_queue = 2 + luck.below(40);
  p.kafka.fetch_records = 2 + luck.below(30);
  p.kafka.picky_replies = luck.one_in(2);
  p.pace.answer_from = luck.between(2ms, 100ms);
  p.pace.answer_to = p.pace.answer_from + luck.between(10ms, 800ms);
  p.pace.load = luck.between(100ms, 3s);

  p.storm = luck.between(3s, 30s);
  p.burst = luck.one_in(2) ? luck.unit() : 0;
  p.between_blows = luck.between(80ms, 1500ms);
  for (std::size_t i = 0; i < blow_count; ++i)
    if (luck.one_in(2))
      p.blows.push_back(static_cast<blow>(i));

  auto& air = p.air;
  air.slow_message = some(luck, 0.1);
  air.commit_refused = some(luck, 0.3);
  air.commit_answer_late = some(luck, 0.3);
  air.positions_unavailable = some(luck, 0.5);
  air.record_not_stored = some(luck, 0.1);
  air.acknowledgement_lost = some(luck, 0.1);
  air.queue_full = some(luck, 0.3);
  air.port_throws = some(luck, 0.01);
  air.call_unreachable = some(luck, 0.1);
  air.call_busy = some(luck, 0.1);
  air.call_failed = some(luck, 0.1);
  air.call_cut = some(luck, 0.1);
  air.call_silent = some(luck, 0.05);
  air.call_deaf = some(luck, 0.03);
  air.call_garbage = some(luck, 0.15);
  air.probe_fails = some(luck, 0.2);
  air.transaction_aborted = some(luck, 0.2);
  air.transaction_unclear = some(luck, 0.1);
  air.commit_overtaken = some(luck, 0.3);
  p.unreadable = some(luck, 0.1);
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
