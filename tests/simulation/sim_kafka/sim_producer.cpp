#include "tests/simulation/sim_kafka/sim_producer.hpp"

#include <set>

namespace mp::sim {

using namespace std::chrono_literals;

struct sim_producer::client : std::enable_shared_from_this<sim_producer::client> {
  broker& kafka;
  connection_ptr line;
  producer_port::notifier notify;
  std::vector<delivery> waiting;
  std::set<std::uint64_t> under_way;
  std::string broken;

  client(broker& of, std::shared_ptr<process> owner) : kafka(of), line(of.net.connect(std::move(owner))) {}

  void tell(std::uint64_t token, delivery_result result, const std::string& code = {}) {
    if (under_way.erase(token) == 0 || !line->open || !line->owner->alive)
      return;
    kafka.world.note(line->owner->name, ": record ", token,
                     result == delivery_result::acknowledged ? " is acknowledged" : " is refused");
    bool was_empty = waiting.empty();
    waiting.push_back({token, result, code});
    if (was_empty)
      notify();
  }

  /// At the broker.
  void arrived(const outgoing& record, std::uint64_t token) {
    auto& world = kafka.world;
    auto result = delivery_result::acknowledged;
    std::string code;
    if (auto refusal = kafka.replies.look_at(record, line->owner->name)) {
      code = refusal->code;
      if (kafka.arm != control_arm::refusals_ignored)
        result = refusal->result;
    } else if (world.occurs(&fault_rates::record_not_stored))
      result = delivery_result::failed;
    else
      kafka.store(record);
    duration late = 0ns;
    if (result == delivery_result::acknowledged && world.occurs(&fault_rates::acknowledgement_lost)) {
      // The client repeats it, and hears that it is there; or its time is up.
      late = world.rng.between(10ms, 4s);
      if (world.rng.one_in(2))
        result = delivery_result::failed;
    }
    world.time.after(late, [self = shared_from_this(), token, result, code] {
      self->kafka.net.to_client(self->line, [self, token, result, code] { self->tell(token, result, code); });
    });
  }
};

sim_producer::sim_producer(broker& kafka, std::shared_ptr<process> owner)
  : client_(std::make_shared<client>(kafka, std::move(owner))) {}

sim_producer::~sim_producer() {
  client_->line->open = false;
  client_->notify = nullptr;
  // What has not left the client's queue never will.
  auto& queue = client_->line->up.queue;
  queue.resize(client_->kafka.world.rng.below(queue.size() + 1));
}

void sim_producer::open(notifier notify) {
  client_->kafka.world.may_throw(*client_->line->owner, "producer.open");
  client_->notify = std::move(notify);
  // Now and then the client breaks for good.
  client_->line->owner->producer_breaks = [weak = std::weak_ptr{client_}] {
    auto living = weak.lock();
    if (!living || !living->line->open)
      return;
    living->broken = "_FATAL";
    if (living->notify)
      living->notify();
  };
}

send_result sim_producer::send(const outgoing& record, std::uint64_t token) {
  auto& c = *client_;
  auto& world = c.kafka.world;
  world.may_throw(*c.line->owner, "producer.send");
  if (!c.line->owner->alive)
    return send_result::accepted;
  if (!c.broken.empty())
    return send_result::failed;
  if (c.under_way.size() >= c.kafka.limits.producer_queue
      || (!c.under_way.empty() && world.occurs(&fault_rates::queue_full)))
    return send_result::full;
  if (record.body.size() > 2 * reply_bytes_max)
    return send_result::too_large;
  c.under_way.insert(token);
  world.note(c.line->owner->name, ": sends r", number_of(record.headers), " as record ", token);
  c.kafka.net.to_broker(c.line, [self = client_, record, token] { self->arrived(record, token); });
  world.time.after(c.kafka.limits.delivery, [self = client_, token] { self->tell(token, delivery_result::failed); });
  return send_result::accepted;
}

bool sim_producer::poll(std::vector<delivery>& deliveries, std::string& reason) {
  auto& c = *client_;
  c.kafka.world.may_throw(*c.line->owner, "producer.poll");
  deliveries.insert(deliveries.end(), c.waiting.begin(), c.waiting.end());
  c.waiting.clear();
  reason = c.broken;
  return c.broken.empty();
}

} // namespace mp::sim
