#include "actors/kafka_reader/kafka_reader.hpp"

#include "actors/crash.hpp"
#include "actors/instruments/log.hpp"
#include "actors/kafka_reader/partition_book.hpp"

#include <caf/exit_reason.hpp>
#include <caf/local_actor.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace mp {
namespace {

using namespace std::chrono_literals;
using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

// The heartbeat of the actor: keeps max.poll.interval.ms alive and drives commits and the waits below.
constexpr auto beat_interval = 100ms;
// How long to wait before asking again for the committed positions.
constexpr auto load_retry_delay = 100ms;
// A commit during a revoke that is not answered in this time is given up: the next member repeats what it covered.
constexpr auto revoke_commit_wait = 3s;
// Largest batch taken from one partition in a row, so that partitions take turns.
constexpr std::size_t fetch_turn_records = 64;

struct pending_assignment {
  std::vector<std::int32_t> partitions;
};

struct pending_revocation {
  std::vector<std::int32_t> partitions;
  bool lost = false;
  time_point since{};
  std::optional<time_point> commit_sent{}; ///< set once the final commit is on its way
  bool refused = false;                    ///< the broker has not taken it
};

struct reader_state {
  static inline const char* name = "kafka_reader";

  reader_actor::pointer self;
  reader_config config;
  std::unique_ptr<consumer_port> port;
  dispatcher_actor dispatcher;
  partition_book book;
  std::int64_t credit_records = 0;
  std::int64_t credit_bytes = 0;
  std::optional<pending_assignment> assigning;
  std::optional<pending_revocation> revoking;
  time_point last_commit{};
  std::size_t commits_under_way = 0;
  bool closing = false;
  bool left = false;
  bool quit_when_left = false;
  std::vector<fetched_record> fetched;
  record_batch batch;

  reader_state(reader_actor::pointer ptr, reader_config given) : self(ptr), config(std::move(given)) {}

  reader_actor::behavior_type make_behavior() {
    crash_with_reason(self);
    self->set_exit_handler([this](caf::exit_msg&) { stop(); });
    port = config.make_port();
    port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(reader_actor{self})](std::int32_t queue) {
      if (auto strong = weak.lock())
        caf::anon_send(caf::actor_cast<reader_actor>(strong), queue_bell{queue});
    });
    config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(reader_actor{self}));
    beat();
    return {
      [this](const introduction& message) { meet(message.dispatcher); },
      [this](const read_demand& more) { add_demand(more); },
      [this](const settlement& settled) { settle(settled); },
      [this](const queue_bell& bell) { rung(bell.queue); },
      [this](stop_reading) { credit_records = credit_bytes = 0; },
      [this](leave_group) { leave(); },
    };
  }

  time_point now() const { return self->clock().now(); }

  void beat() {
    self->run_delayed(beat_interval, [this] {
      serve_group();
      step();
      if (!left)
        beat();
    });
  }

  // ---- demand ----------------------------------------------------------------------------------------------------------

  void meet(const dispatcher_actor& present) {
    if (closing) {
      // The new one has a reader of its own, or will have; hearing of this one's end it would think that it has none. And what
      // the old one had in flight will never be settled.
      dispatcher = nullptr;
      step();
      return;
    }
    dispatcher = present;
    credit_records = credit_bytes = 0;
    self->send(dispatcher, reader_hello{reader_actor{self}});
    self->send(dispatcher, group_state{static_cast<std::uint32_t>(book.live_count())});
    // What the old dispatcher held is gone: read it again. Finished offsets are skipped by the ledger.
    for (auto& [partition, held] : book.all()) {
      if (!held.live || held.leaving || held.ledger.commit_point() < 0)
        continue;
      held.ledger.reopen();
      port->rewind(partition, held.ledger.commit_point());
      held.more = true;
    }
  }

  void add_demand(const read_demand& more) {
    credit_records += more.records;
    credit_bytes += more.bytes;
    read();
  }

  void rung(std::int32_t queue) {
    if (queue == consumer_port::group_queue) {
      serve_group();
    } else if (auto* held = book.find(queue)) {
      held->more = true;
      read();
    }
    step();
  }

  /// Reads while there is demand and something to read, the partitions in turn, and sends all of it as one batch.
  void read() {
    check_mailbox(self, config.mailbox_bound, 2 * book.all().size()); // a bell of each, and one rung while it is answered
    std::int32_t partition = 0;
    while (credit_records > 0 && credit_bytes > 0 && !closing) {
      auto* held = book.next_readable(partition);
      if (held == nullptr)
        break;
      auto limit = std::min(static_cast<std::size_t>(credit_records), fetch_turn_records);
      auto end = port->fetch(partition, limit, static_cast<std::size_t>(credit_bytes), fetched);
      held->more = end == consumer_port::fetch_end::more;
      take(*held);
    }
    if (!batch.records.empty() && dispatcher)
      self->send(dispatcher, std::move(batch));
    batch = {};
  }

  void take(held_partition& held) {
    std::size_t finished_before = 0;
    for (auto& record : fetched) {
      switch (held.ledger.receive(record.offset)) {
        case offset_ledger::verdict::finished: ++finished_before; continue;
        case offset_ledger::verdict::known: continue;
        case offset_ledger::verdict::fresh: break;
      }
      auto from = origin{record.partition, held.epoch, record.offset};
      auto decoded = decode_request(from, record.key, std::move(record.body), std::move(record.headers), config.decode);
      --credit_records;
      std::visit([this](auto& what) {
        credit_bytes -= static_cast<std::int64_t>(what.bytes);
        append(std::move(what));
      }, decoded);
    }
    fetched.clear();
    config.instruments->records_skipped_as_finished(finished_before);
  }

  void append(request&& question) { batch.records.emplace_back(shared_request{std::move(question)}); }
  void append(bad_record&& bad) { batch.records.emplace_back(shared_value<bad_record>{std::move(bad)}); }
  void append(skipped_record&& skipped) { batch.records.emplace_back(std::move(skipped)); }

  void settle(const settlement& settled) {
    for (const auto& each : settled.finished)
      if (auto* held = book.find(each.partition, each.epoch))
        held->ledger.finish(each.offset);
    for (const auto& each : settled.handed_back)
      if (auto* held = book.find(each.partition, each.epoch))
        held->ledger.hand_back(each.offset);
    read(); // a full ledger may have room again
    step();
  }

  // ---- group -----------------------------------------------------------------------------------------------------------

  void serve_group() {
    if (left)
      return;
    group_event event;
    while (port->next_event(event))
      std::visit([this](auto& what) { on(what); }, event);
  }

  void step() {
    if (left)
      return;
    if (revoking)
      continue_revocation();
    else if (now() - last_commit >= config.commit_interval)
      commit(book.to_commit());
    if (closing && port->closed())
      group_is_left();
  }

  void commit(const std::vector<position>& positions) {
    last_commit = now();
    if (positions.empty())
      return;
    port->commit(positions);
    ++commits_under_way;
    for (const auto& each : positions)
      book.find(each.partition)->ledger.commit_sent();
  }

  void on(partitions_assigned& event) {
    log::info("partitions_assigned", {{"count", event.partitions.size()}});
    for (auto partition : event.partitions)
      book.add(partition, config.next_epoch());
    assigning = pending_assignment{std::move(event.partitions)};
    if (assigning->partitions.empty())
      accept({});
    else
      port->load_positions(assigning->partitions);
  }

  void on(positions_loaded& event) {
    if (!assigning)
      return;
    std::vector<position> starts;
    for (auto partition : assigning->partitions) {
      auto i = std::find_if(event.positions.begin(), event.positions.end(),
                            [partition](const position& each) { return each.partition == partition; });
      if (i == event.positions.end())
        return; // the late answer for an assignment that was taken back; taking it would read this one from the beginning
      starts.push_back(*i);
    }
    for (const auto& each : starts)
      if (book.find(each.partition)->ledger.load(each) == offset_ledger::loaded::foreign)
        log::warning("commit_metadata_ignored", {{"partition", each.partition}, {"offset", each.offset}});
    accept(starts);
  }

  void on(positions_unavailable& event) {
    log::warning("positions_unavailable", {{"reason", event.reason}});
    self->run_delayed(load_retry_delay, [this] {
      if (assigning && !left)
        port->load_positions(assigning->partitions);
    });
  }

  void accept(const std::vector<position>& starts) {
    port->assign(starts);
    for (const auto& each : starts)
      book.find(each.partition)->live = true;
    assigning.reset();
    holdings_changed();
    read();
  }

  void on(partitions_revoked& event) {
    log::info("partitions_revoked", {{"count", event.partitions.size()}, {"lost", event.lost}});
    assigning.reset(); // the client takes an unanswered assignment back by itself
    partitions_leaving leaving;
    for (auto partition : event.partitions)
      if (auto* held = book.find(partition)) {
        held->leaving = true;
        leaving.partitions.push_back({partition, held->epoch});
      }
    revoking = pending_revocation{std::move(event.partitions), event.lost, now(), std::nullopt};
    if (dispatcher && !leaving.partitions.empty())
      self->send(dispatcher, std::move(leaving));
    continue_revocation();
  }

  /// Waits for what is in flight, then commits, then gives the partitions back; each wait has a limit. Meanwhile the kept
  /// partitions go on as always, their commits too: a commit refused for being no member is the first sign that a revocation
  /// under way has turned into a loss (kafka-actors.md 2).
  void continue_revocation() {
    auto& state = *revoking;
    if (state.lost) {
      give_back();
      return;
    }
    if (!state.commit_sent) {
      bool worked_on = dispatcher && book.in_flight(state.partitions) > 0;
      if (worked_on && now() - state.since < config.rebalance_grace) {
        if (now() - last_commit >= config.commit_interval)
          commit(book.to_commit());
        return;
      }
      commit(book.to_commit());
      state.commit_sent = now();
    }
    bool late = now() - *state.commit_sent >= revoke_commit_wait;
    if (state.refused && !late) {
      if (now() - last_commit >= config.commit_interval) {
        state.refused = false;
        commit(book.to_commit());
      }
      return;
    }
    if (commits_under_way == 0 || late)
      give_back();
  }

  void give_back() {
    auto state = std::move(*revoking);
    revoking.reset();
    partitions_gone gone;
    for (auto partition : state.partitions)
      if (auto* held = book.find(partition)) {
        gone.partitions.push_back({partition, held->epoch});
        config.instruments->lag(partition, 0);
        book.remove(partition);
      }
    port->unassign(state.partitions);
    if (dispatcher && !gone.partitions.empty())
      self->send(dispatcher, std::move(gone));
    holdings_changed();
  }

  void on(commit_ended& event) {
    if (commits_under_way > 0)
      --commits_under_way;
    if (event.result != commit_result::done) {
      config.instruments->commit_failed();
      log::info("commit_refused", {{"reason", event.reason}});
      for (auto partition : event.partitions)
        if (auto* held = book.find(partition))
          held->ledger.commit_failed();
      if (revoking) {
        revoking->refused = revoking->commit_sent.has_value();
        revoking->lost |= event.result == commit_result::not_member;
      }
    }
    step();
  }

  void on(lag_report& report) {
    for (const auto& each : report.lags)
      if (book.find(each.partition) != nullptr)
        config.instruments->lag(each.partition, each.records);
  }

  void on(consumer_error& error) {
    if (error.fatal)
      throw std::runtime_error("Kafka consumer: " + error.code);
    log::warning("consumer_error", {{"code", error.code}});
  }

  void holdings_changed() {
    auto count = book.live_count();
    config.instruments->partitions_assigned(count);
    if (dispatcher)
      self->send(dispatcher, group_state{static_cast<std::uint32_t>(count)});
  }

  // ---- leaving ---------------------------------------------------------------------------------------------------------

  void leave() {
    if (left) {
      group_is_left();
      return;
    }
    if (closing)
      return;
    closing = true;
    credit_records = credit_bytes = 0;
    commit(book.to_commit()); // the group may not ask for all partitions before it is left
    port->close();
    serve_group();
    step();
  }

  void group_is_left() {
    if (!left)
      log::info("group_left");
    left = true;
    if (dispatcher)
      self->send(dispatcher, group_left{});
    if (quit_when_left)
      self->quit(caf::exit_reason::user_shutdown);
  }

  void stop() {
    quit_when_left = true;
    if (left)
      self->quit(caf::exit_reason::user_shutdown);
    else
      leave();
  }
};

using implementation = reader_actor::stateful_impl<reader_state>;

} // namespace

caf::strong_actor_ptr spawn_kafka_reader(caf::local_actor* parent, reader_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
