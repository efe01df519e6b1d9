#include "actors/producer/producer.hpp"

#include "actors/crash.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <unordered_map>

namespace mp {
namespace {

struct producer_state {
  static inline const char* name = "producer";

  producer_actor::pointer self;
  producer_config config;
  std::unique_ptr<producer_port> port;
  dispatcher_actor dispatcher;
  std::uint64_t next_serial = 1;
  std::unordered_map<std::uint64_t, std::uint64_t> under_way; ///< our serial number -> the dispatcher's token
  std::deque<tokened_record> queue;                           ///< not taken by the port yet, because its queue is full
  std::vector<delivery> delivered;

  producer_state(producer_actor::pointer ptr, producer_config given) : self(ptr), config(std::move(given)) {}

  producer_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    port = config.make_port();
    port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(producer_actor{self})] {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<producer_actor>(strong), delivery_bell{});
    });
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(producer_actor{self}));
    return {
      [this](const introduction& message) { meet(message.dispatcher); },
      [this](const publication& batch) {
        queue.insert(queue.end(), batch.records.begin(), batch.records.end());
        send_queued();
      },
      [this](delivery_bell) { collect(); },
    };
  }

  /// What the old dispatcher had under way is not reported to the new one, which could take it for its own.
  void meet(const dispatcher_actor& present) {
    dispatcher = present;
    under_way.clear();
    queue.clear();
    self->send(dispatcher, producer_hello{producer_actor{self}, config.window});
  }

  void send_queued() {
    check_mailbox(self, config.mailbox_bound);
    receipts refused;
    while (!queue.empty()) {
      auto& next = queue.front();
      auto result = port->send(*next.record, next_serial);
      if (result == send_result::full)
        break; // the next delivery rings
      require(result != send_result::failed, "the Kafka producer takes no records any more");
      if (result == send_result::accepted)
        under_way.emplace(next_serial++, next.token);
      else
        refused.deliveries.push_back({next.token, delivery_result::too_large});
      queue.pop_front();
    }
    if (!refused.deliveries.empty())
      self->send(dispatcher, std::move(refused));
  }

  void collect() {
    std::string reason;
    bool alive = port->poll(delivered, reason);
    receipts known;
    for (auto& each : delivered)
      if (auto i = under_way.find(each.token); i != under_way.end()) {
        known.deliveries.push_back({i->second, each.result});
        under_way.erase(i);
      }
    delivered.clear();
    if (!known.deliveries.empty())
      self->send(dispatcher, std::move(known));
    if (!alive)
      throw std::runtime_error("Kafka producer: " + reason);
    send_queued();
  }
};

using implementation = producer_actor::stateful_impl<producer_state>;

} // namespace

caf::strong_actor_ptr spawn_producer(caf::local_actor* parent, producer_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
