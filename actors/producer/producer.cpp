#include "actors/producer/producer.hpp"

#include "actors/crash.hpp"
#include "actors/producer/pending_publications.hpp"
#include "actors/telemetry/kafka_advice.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace mp {
namespace {

struct producer_state {
  /// A record that the port has taken.
  struct sent_record {
    std::uint64_t token = 0;
    origin from;
    std::uint64_t publication = 0;
    std::uint8_t index = 0;
    bool orphaned = false; ///< its dispatcher is gone: the token means nothing to the present one
  };

  static inline const char* name = "producer";

  producer_actor::pointer self;
  producer_config config;
  std::unique_ptr<producer_port> port;
  dispatcher_actor dispatcher;
  pending_publications publications;
  std::uint64_t next_serial = 1;
  std::unordered_map<std::uint64_t, sent_record> under_way;       ///< by our serial number
  std::deque<std::pair<sent_record, shared_outgoing>> queue; ///< not taken by the port yet, because its queue is full
  std::vector<delivery> delivered;
  receipts to_report;
  settlement settled;

  producer_state(producer_actor::pointer ptr, producer_config given) : self(ptr), config(std::move(given)) {}

  producer_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    open_port();
    config.directory->set_producer(producer_actor{self});
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(producer_actor{self}));
    return {
      [this](const dispatcher_started& message) { on_dispatcher_started(message.dispatcher); },
      [this](const publication& batch) { take(batch); },
      [this](deliveries_ready) { collect(); },
      [](const transaction_port_event&) {}, // of exactly-once only
      [](const offsets_response&) {},
      [](offsets_pending) {},
    };
  }

  void open_port() {
    try {
      port = config.make_port();
      port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(producer_actor{self})] {
        if (auto strong = weak.lock())
          caf::anon_send(caf::actor_cast<producer_actor>(strong), deliveries_ready{});
      });
    } catch (const std::runtime_error& problem) {
      give_up(problem.what());
    }
  }

  /// Records of the old dispatcher are published all the same. The new dispatcher gets their origins, so that it
  /// repeats no model call.
  void on_dispatcher_started(const dispatcher_actor& present) {
    dispatcher = present;
    publications.mark_all_orphaned();
    for (auto& [serial, each] : under_way)
      each.orphaned = true;
    for (auto& [each, record] : queue)
      each.orphaned = true;
    self->send(dispatcher, producer_started{producer_actor{self}, config.window, publications.origins()});
  }

  void take(const publication& batch) {
    for (const auto& each : batch.records)
      queue.emplace_back(
        sent_record{each.token, each.from, publications.take(each.from, each.undelivered), each.index, false},
        each.record);
    send_queued();
    report();
  }

  void send_queued() {
    check_mailbox(self, config.mailbox_bound);
    while (!queue.empty()) {
      auto& [next, record] = queue.front();
      auto result = port->send(*record, next_serial);
      if (result == send_result::full)
        break; // the next delivery notifies
      if (result == send_result::failed)
        give_up("the client takes no records any more");
      if (result == send_result::accepted)
        under_way.emplace(next_serial++, next);
      else
        note(next, {0, delivery_result::too_large, "MSG_SIZE_TOO_LARGE"});
      queue.pop_front();
    }
  }

  void collect() {
    std::string reason;
    bool alive = port->poll(delivered, reason);
    for (auto& each : delivered)
      if (auto i = under_way.find(each.token); i != under_way.end()) {
        note(i->second, each);
        under_way.erase(i);
      }
    delivered.clear();
    if (!alive) {
      report();
      give_up(reason);
    }
    send_queued();
    report();
  }

  /// The dispatcher gets the reason before the crash: the successor may find the same trouble, and only later.
  [[noreturn]] void give_up(const std::string& reason) {
    if (auto present = config.directory->dispatcher())
      self->send(present, output_state{"the Kafka producer ended: " + with_advice(reason)});
    throw std::runtime_error("Kafka producer: " + reason);
  }

  void note(const sent_record& of, const delivery& said) {
    if (!of.orphaned)
      to_report.deliveries.push_back({of.token, said.result, said.code});
    if (said.result == delivery_result::acknowledged) {
      if (auto publication = publications.acknowledged(of.from, of.publication, of.index)) {
        if (publication->whole)
          settled.finished.push_back(publication->from);
        if (publication->orphaned)
          (publication->whole ? to_report.ended : to_report.given_up).push_back(publication->from);
      }
    } else if (auto lost = publications.refused(of.from, of.publication)) {
      to_report.given_up.push_back(lost->from);
    }
  }

  /// To the reader first: what it has heard of is safe from a crash of the dispatcher.
  void report() {
    if (!settled.finished.empty()) {
      if (auto reader = config.directory->reader()) {
        self->send(reader, std::move(settled));
        to_report.reader_told = true;
      }
      settled = {};
    }
    if (!to_report.deliveries.empty() || !to_report.ended.empty() || !to_report.given_up.empty())
      self->send(dispatcher, std::move(to_report));
    to_report = {};
  }
};

using implementation = producer_actor::stateful_impl<producer_state>;

} // namespace

caf::strong_actor_ptr spawn_producer(caf::local_actor* parent, producer_config config) {
  if (config.make_transactions)
    return spawn_transactional_producer(parent, std::move(config));
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
