#include "actors/producer/producer.hpp"

#include "actors/crash.hpp"
#include "actors/instruments/kafka_advice.hpp"
#include "actors/instruments/log.hpp"
#include "actors/producer/refused_units.hpp"
#include "actors/producer/unit_queue.hpp"

#include <caf/actor_addr.hpp>
#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace mp {
namespace {

using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

using namespace std::chrono_literals;

// A port that cannot be opened is tried again after this time, which doubles.
constexpr auto reopen_first = 1s;
constexpr auto reopen_longest = 10s;
// So many transactions in a row without a commit are no passing trouble.
constexpr unsigned failures_max = 10;
// Fenced once: it was taken for dead, or the broker ended a transaction that took too long. Twice: another host has the same name, and the
// next port has an id of its own (runtime/node/assembly.cpp). So often within fencings_period: two instances were given one id.
constexpr std::size_t fencings_max = 3;
constexpr auto fencings_period = 60s;

/// The name of the error in the client's words: "_FENCED: ..."
std::string_view code_in(std::string_view reason) { return reason.substr(0, reason.find(':')); }

bool is_fenced(std::string_view reason) { return reason.starts_with("_FENCED") || reason.starts_with("PRODUCER_FENCED"); }

bool contains(const std::vector<origin>& list, const origin& which) { return std::find(list.begin(), list.end(), which) != list.end(); }

/// One transaction after the other: the reader says what the offsets would be with these requests finished, the port commits both.
/// Only the outcome `committed` finishes anything, at the reader and at the dispatcher.
struct transactional_state {
  enum class phase : std::uint8_t {
    opening, ///< the port may not be used yet
    idle,
    asking,  ///< the reader computes the offsets
    running, ///< the port works
  };

  static inline const char* name = "producer";

  producer_actor::pointer self;
  producer_config config;
  std::unique_ptr<transaction_port> port;
  std::uint32_t port_number = 0;
  dispatcher_actor dispatcher;
  phase at = phase::opening;
  bool introduced = false;           ///< the present dispatcher has had our hello
  bool read_back = true;             ///< what the broker has committed is not known for sure
  bool offsets_only = false;         ///< the reader has offsets to commit, whether there is something to publish or not
  unit_queue queue;
  std::vector<publication_unit> batch; ///< of the transaction under way
  std::size_t records_max = 0;       ///< in the next transaction; lowered to find a record that is refused
  std::size_t suspects = 0;          ///< units that may still hold it
  std::chrono::seconds reopen_pause{reopen_first};
  std::string trouble;               ///< reported to the dispatcher: what keeps everything from being published
  unsigned failures = 0;             ///< transactions that were not committed, in a row
  std::vector<time_point> fencings;  ///< of the last fencings_period
  std::uint64_t serial = 0;
  caf::actor_addr asked;             ///< the reader that the question went to
  time_point next_start{};           ///< not before, unless a transaction would be full
  time_point rest_until{};           ///< not before in any case: the last attempt failed
  bool waking = false;

  transactional_state(producer_actor::pointer ptr, producer_config given)
    : self(ptr), config(std::move(given)), records_max(config.transaction_records_max) {}

  producer_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    self->set_down_handler([this](caf::down_msg& message) { reader_down(message.source); });
    open_port();
    config.directory->producer_started(producer_actor{self});
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(producer_actor{self}));
    return {
      [this](const introduction& message) { meet(message.dispatcher); },
      [this](const publication& more) { take(more); },
      [](delivery_bell) {}, // of at-least-once only
      [this](const transaction_news& news) { hear(news); },
      [this](const transaction_offsets& answer) { run(answer); },
      [this](offsets_waiting) {
        offsets_only = true;
        go_on();
      },
    };
  }

  time_point now() const { return self->clock().now(); }

  // ---- the port --------------------------------------------------------------------------------------------------------

  /// The old one's destructor does not wait, and the new one's open() fences it.
  void open_port() {
    at = phase::opening;
    read_back = true;
    port = config.make_transactions();
    port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(producer_actor{self}), number = ++port_number](transaction_event event) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<producer_actor>(strong), transaction_news{number, std::move(event)});
    });
  }

  void hear(const transaction_news& news) {
    if (news.port != port_number)
      return; // of one that was replaced
    if (auto* outcome = std::get_if<transaction_outcome>(&news.event)) {
      ended(*outcome);
      return;
    }
    at = phase::idle;
    reopen_pause = reopen_first;
    tell_trouble({});
    introduce();
    go_on();
  }

  void ended(const transaction_outcome& outcome) {
    if (outcome.result == transaction_result::unclear && at == phase::opening) {
      reopen_later(outcome.reason);
      return;
    }
    if (outcome.result != transaction_result::committed)
      note_failure(outcome);
    auto what = std::exchange(batch, {});
    settle_with_reader(what, outcome.result == transaction_result::committed);
    switch (outcome.result) {
      case transaction_result::committed:
        suspects -= std::min(suspects, what.size());
        if (suspects == 0)
          records_max = config.transaction_records_max;
        failures = 0;
        tell_trouble({});
        acknowledge(what);
        break;
      case transaction_result::aborted: outcome.refused.empty() ? queue.put_back(std::move(what)) : find_refused(std::move(what), outcome.refused); break;
      case transaction_result::unclear: queue.put_back(std::move(what)); break;
    }
    if (outcome.result == transaction_result::unclear)
      open_port();
    else
      at = phase::idle;
    go_on();
  }

  void note_failure(const transaction_outcome& outcome) {
    rest();
    log::warning("transaction_not_committed", {{"reason", outcome.reason}, {"requests", batch.size()},
                                               {"unclear", outcome.result == transaction_result::unclear}});
    if (is_fenced(outcome.reason)) {
      log::error("transactional_id_in_use", {{"advice", kafka_advice("_FENCED")}});
      std::erase_if(fencings, [this](time_point each) { return now() - each > fencings_period; });
      fencings.push_back(now());
      // Not kept as trouble: the next port takes the id back. It shows for as long as the dispatcher keeps it.
      if (dispatcher && fencings.size() >= fencings_max)
        self->send(dispatcher, output_state{"the transactional producer was fenced: " + std::string{kafka_advice("_FENCED")}});
    } else if (outcome.refused.empty() && ++failures >= failures_max) {
      tell_trouble(std::to_string(failures) + " transactions in a row were not committed: " + outcome.reason);
    }
  }

  /// The producer is fenced, or has no right to its id, or a setting does not suit the broker: an operator has to mend that.
  void reopen_later(const std::string& reason) {
    auto advice = kafka_advice(code_in(reason));
    log::error("transactions_unavailable", {{"reason", reason}, {"advice", advice}});
    tell_trouble("the transactional producer cannot start: " + reason + (advice.empty() ? "" : "; " + std::string{advice}));
    self->run_delayed(reopen_pause, [this, number = port_number] {
      if (number == port_number)
        open_port();
    });
    reopen_pause = std::min<std::chrono::seconds>(2 * reopen_pause, reopen_longest);
  }

  /// Told again although it is the same: the dispatcher forgets it after a while.
  void tell_trouble(std::string what) {
    bool news = !what.empty() || !trouble.empty();
    trouble = std::move(what);
    if (dispatcher && news)
      self->send(dispatcher, output_state{trouble});
  }

  /// Kafka refuses batches. What is certain is told to the dispatcher; among the others the one that is to blame is searched by halving
  /// the transactions, and those that have nothing to do with it go on behind.
  void find_refused(std::vector<publication_unit> units, const std::vector<refused_record>& refused) {
    auto found = sort_out(std::move(units), refused);
    suspects -= std::min(suspects, found.blamed.size());
    if (!found.suspects.empty()) {
      suspects = std::max(suspects, found.suspects.size());
      records_max = std::max<std::size_t>(1, found.suspects.size() / 2);
    } else if (suspects == 0) {
      records_max = config.transaction_records_max;
    }
    queue.put_back(std::move(found.innocent));
    queue.put_back(std::move(found.suspects));
    receipts told;
    for (auto& each : found.blamed)
      if (each.unit.orphan)
        told.given_up.push_back(each.unit.from);
      else
        std::move(each.fate.begin(), each.fate.end(), std::back_inserter(told.deliveries));
    if (!found.blamed.empty())
      report(std::move(told));
  }

  // ---- dispatcher ------------------------------------------------------------------------------------------------------

  void meet(const dispatcher_actor& present) {
    dispatcher = present;
    introduced = false;
    if (!trouble.empty())
      self->send(dispatcher, output_state{trouble});
    queue.orphan_all();
    for (auto& each : batch)
      each.orphan = true;
    if (at != phase::opening)
      introduce();
  }

  /// Not before the port may be used: what cannot be published is better kept by the dispatcher.
  void introduce() {
    if (introduced || !dispatcher)
      return;
    introduced = true;
    auto held = queue.origins();
    for (const auto& each : batch)
      held.push_back(each.from);
    self->send(dispatcher, producer_hello{producer_actor{self}, config.window, std::move(held), true});
  }

  void take(const publication& more) {
    for (const auto& each : more.records)
      queue.add(each.from, each.undelivered, {each.token, each.index, each.record}, each.trial);
    go_on();
  }

  void report(receipts what) {
    if (dispatcher && introduced)
      self->send(dispatcher, std::move(what));
  }

  void acknowledge(const std::vector<publication_unit>& units) {
    receipts told;
    told.reader_told = true; // it knew before, or has just heard of the transaction's end
    for (const auto& unit : units) {
      if (unit.orphan)
        told.ended.push_back(unit.from);
      else
        for (const auto& part : unit.parts)
          told.deliveries.push_back({part.token, delivery_result::acknowledged});
    }
    if (!units.empty())
      report(std::move(told));
  }

  // ---- transactions ----------------------------------------------------------------------------------------------------

  bool has_work() const { return read_back || offsets_only || queue.records() > 0; }

  /// Starts a transaction when there is something to do and the last one began long enough ago, or it would be full.
  void go_on() {
    check_mailbox(self, config.mailbox_bound);
    if (at != phase::idle || !has_work())
      return;
    auto due = queue.records() >= records_max ? rest_until : std::max(next_start, rest_until);
    if (now() >= due)
      ask();
    else
      wake_at(due);
  }

  void rest() { rest_until = now() + config.transaction_interval; }

  void wake_at(time_point due) {
    if (waking)
      return; // it looks again then; a full transaction need not wait for it
    waking = true;
    self->run_delayed(due - now(), [this] {
      waking = false;
      go_on();
    });
  }

  void ask() {
    next_start = now() + config.transaction_interval;
    auto reader = config.directory->reader();
    if (!reader) {
      rest();
      wake_at(rest_until);
      return;
    }
    at = phase::asking;
    asked = reader.address();
    self->monitor(reader);
    batch = queue.take(records_max);
    transaction_question question{producer_actor{self}, ++serial, {}, read_back};
    for (const auto& each : batch)
      question.finishing.push_back(each.from);
    self->send(reader, std::move(question));
  }

  void run(const transaction_offsets& answer) {
    if (at != phase::asking || answer.serial != serial)
      return;
    forget_reader();
    read_back = offsets_only = false;
    std::vector<publication_unit> finished;
    receipts refused;
    std::erase_if(batch, [&](publication_unit& each) {
      if (contains(answer.finished, each.from)) {
        finished.push_back(std::move(each));
        return true;
      }
      if (!contains(answer.stale, each.from))
        return false;
      if (each.orphan)
        refused.given_up.push_back(each.from);
      else
        for (const auto& part : each.parts)
          refused.stale.push_back({part.token, each.from});
      return true;
    });
    acknowledge(finished);
    if (!refused.given_up.empty() || !refused.stale.empty())
      report(std::move(refused));
    if (batch.empty() && answer.offsets.empty()) {
      settle_with_reader({}, true);
      at = phase::idle;
      go_on();
      return;
    }
    at = phase::running;
    transaction what{{}, answer.offsets, answer.membership};
    for (const auto& unit : batch)
      for (const auto& part : unit.parts)
        what.records.push_back(part.record);
    port->run(std::move(what));
    self->run_delayed(config.transaction_limit, [this, number = serial] {
      if (at == phase::running && number == serial)
        ended({transaction_result::unclear, "no outcome in time"});
    });
  }

  /// To the reader first: what it has heard of is safe from a crash of the dispatcher.
  void settle_with_reader(const std::vector<publication_unit>& units, bool committed) {
    auto reader = config.directory->reader();
    if (!reader)
      return; // its successor reads what is committed
    transaction_ended told{serial, committed, {}};
    if (committed)
      for (const auto& each : units)
        told.finished.push_back(each.from);
    self->send(reader, std::move(told));
  }

  void forget_reader() {
    self->demonitor(asked);
    asked = nullptr;
  }

  void reader_down(const caf::actor_addr& source) {
    if (at != phase::asking || source != asked)
      return;
    asked = nullptr;
    at = phase::idle;
    rest();
    queue.put_back(std::exchange(batch, {}));
    go_on();
  }
};

using implementation = producer_actor::stateful_impl<transactional_state>;

} // namespace

caf::strong_actor_ptr spawn_transactional_producer(caf::local_actor* parent, producer_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
