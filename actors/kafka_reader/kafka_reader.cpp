#include "actors/kafka_reader/reader_state.hpp"

#include "actors/crash.hpp"
#include "actors/kafka_reader/deadline.hpp"
#include "messages/record_identity.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// The heartbeat of the actor: keeps max.poll.interval.ms alive and drives commits and the waits for the group.
constexpr auto poll_interval = 100ms;
// Largest batch taken from one partition in a row, so that partitions take turns.
constexpr std::size_t fetch_turn_records = 64;

} // namespace

reader_actor::behavior_type reader_state::make_behavior() {
  crash_with_reason(self);
  self->set_exit_handler([this](caf::exit_msg&) { stop(); });
  port = config.make_port();
  port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(reader_actor{self})](std::int32_t queue) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<reader_actor>(strong), queue_ready{queue});
  });
  config.directory->set_reader(reader_actor{self});
  config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(reader_actor{self}));
  poll_tick();
  return {
    [this](const dispatcher_started& message) { on_dispatcher_started(message.dispatcher); },
    [this](const read_demand& more) { add_demand(more); },
    [this](const settlement& settled) { settle(settled); },
    [this](const queue_ready& ready) { on_queue_ready(ready.queue); },
    [this](stop_reading) { credit_records = credit_bytes = 0; },
    [this](leave_group) { leave(); },
    [this](const offsets_request& request) { on_offsets_request(request); },
    [this](const transaction_ended& ended) { on_transaction_ended(ended); },
  };
}

reader_state::time_point reader_state::now() const { return self->clock().now(); }

void reader_state::poll_tick() {
  self->run_delayed(poll_interval, [this] {
    serve_group();
    watch_progress();
    step();
    if (!left)
      poll_tick();
  });
}

// ---- demand ----

void reader_state::on_dispatcher_started(const dispatcher_actor& present) {
  if (closing) {
    // The new one has a reader of its own, or will have; hearing of this one's end it would think that it has none. And
    // what the old one had in flight will never be settled.
    dispatcher = nullptr;
    step();
    return;
  }
  dispatcher = present;
  credit_records = credit_bytes = 0;
  settlement_number = settlement_answered = 0;
  std::fill(commits_under_way.begin(), commits_under_way.end(), std::uint64_t{0});
  self->send(dispatcher, reader_started{reader_actor{self}});
  tell_holdings();
  // What the old dispatcher held is gone: read it again. Finished offsets are skipped by the ledger.
  for (auto& [partition, held] : assigned.all()) {
    if (!held.live || held.revoking || held.ledger.commit_point() < 0)
      continue;
    held.ledger.reopen();
    rewind(partition, held, held.ledger.commit_point());
  }
}

void reader_state::add_demand(const read_demand& more) {
  credit_records += more.records;
  credit_bytes += more.bytes;
  read();
}

void reader_state::on_queue_ready(std::int32_t queue) {
  if (queue == consumer_port::group_queue) {
    serve_group();
  } else if (auto* held = assigned.find(queue)) {
    held->more = true;
    read();
  }
  step();
}

void reader_state::read() {
  check_mailbox(self, config.mailbox_bound,
                2 * assigned.all().size()); // a notification of each, and one that comes while it is handled
  std::int32_t partition = 0;
  while (credit_records > 0 && credit_bytes > 0 && !closing) {
    auto* held = assigned.next_readable(partition);
    if (held == nullptr)
      break;
    if (held->given_up) {
      give_up(partition, *held);
      continue;
    }
    auto limit = std::min(static_cast<std::size_t>(credit_records), fetch_turn_records);
    if (held->log.is_proving())
      limit = 1; // what lies behind it was read before
    auto end = port->fetch(partition, limit, static_cast<std::size_t>(credit_bytes), fetched);
    held->more = end == consumer_port::fetch_end::more;
    take(*held);
    if (!held->more)
      pass(partition, *held);
  }
  tell_untold();
  if (!batch.records.empty() && dispatcher)
    self->send(dispatcher, std::move(batch));
  batch = {};
}

void reader_state::take(held_partition& held) {
  std::size_t finished_before = 0;
  if (!fetched.empty())
    held.reading.moved();
  for (auto& record : fetched) {
    if (!held.search.idle())
      if (auto ordered = held.search.came(record.offset, now()); !ordered.take) {
        if (ordered.log_is_shorter)
          held.log.doubt(record.offset);
        obey(record.partition, held, std::move(ordered));
        break;
      }
    if (auto ordered = held.log.came(record.offset, record.leader_epoch, held.ledger.leader_epoch()); !ordered.take) {
      if (ordered.read_from && held.log.is_proving())
        port->rewind(record.partition, *ordered.read_from); // for a look: it is still to be read on where it was
      else if (ordered.read_from)
        rewind(record.partition, held, *ordered.read_from);
      held.more = true;
      break;
    }
    if (!held.log.follows(record.offset))
      break;
    // A newer one where reading was to begin does not tell whether the log was cut off before it.
    bool unproved = record.offset >= held.ledger.commit_point() && record.leader_epoch > held.ledger.leader_epoch();
    if (unproved && probe_further(record.partition, held))
      break;
    auto probe = std::exchange(held.probe, position::none);
    auto verdict = held.ledger.receive(record.offset, record.leader_epoch);
    if (verdict == offset_ledger::verdict::rewritten) {
      held.log.doubt(record.offset);
      break;
    }
    held.log.read(record.offset, record.leader_epoch);
    held.position = record.offset + 1;
    if (verdict != offset_ledger::verdict::fresh) {
      finished_before += verdict == offset_ledger::verdict::finished && record.offset != probe;
      continue;
    }
    auto identity = record_identity(held.ledger.topic_id(), record.leader_epoch, record.timestamp_ms, record.key,
                                    *record.body, record.headers);
    auto from = origin{record.partition, held.assignment, record.offset, identity};
    auto decoded =
      decode_request(from, record.key, std::move(record.body), std::move(record.headers), config.decode, record.bytes);
    --credit_records;
    std::visit(
      [&](auto& what) {
        limit_age(what, record.timestamp_ms);
        credit_bytes -= static_cast<std::int64_t>(what.bytes);
        append(std::move(what));
      },
      decoded);
  }
  fetched.clear();
  config.metrics->records_skipped_as_finished(finished_before);
  if (held.log.in_doubt())
    port->look_at_logs();
}

void reader_state::limit_age(request& question, std::int64_t timestamp_ms) const {
  using namespace std::chrono;
  constexpr auto latest = floor<milliseconds>(system_clock::time_point::max().time_since_epoch()).count();
  std::optional<system_clock::time_point> record_time;
  if (timestamp_ms >= 0 && timestamp_ms < latest) // a sender may have written any
    record_time = system_clock::time_point{milliseconds{timestamp_ms}};
  if (auto when = deadline_of(question.deadline_ms, config.request_max_age, record_time))
    question.deadline_ms = floor<milliseconds>(when->time_since_epoch()).count();
}

void reader_state::append(request&& question) { batch.records.emplace_back(shared_request{std::move(question)}); }

void reader_state::append(bad_record&& bad) { batch.records.emplace_back(shared_value<bad_record>{std::move(bad)}); }

void reader_state::append(const skipped_record& skipped) { batch.records.emplace_back(skipped); }

void reader_state::settle(const settlement& settled) {
  for (const auto& each : settled.finished)
    if (auto* held = assigned.find(each.partition, each.assignment))
      held->ledger.finish(each.offset);
  for (const auto& each : settled.handed_back)
    if (auto* held = assigned.find(each.partition, each.assignment))
      held->ledger.hand_back(each.offset);
  settlement_number = std::max(settlement_number, settled.number);
  if (config.transactional) // an end is reported when its transaction has committed the offset with it
    answer_settlements(settlement_number);
  read(); // a full ledger may have room again
  step();
}

void reader_state::answer_settlements(std::uint64_t number) {
  if (!dispatcher || number <= settlement_answered)
    return;
  settlement_answered = number;
  self->send(dispatcher, settlement_committed{number});
}

void reader_state::step() {
  if (left)
    return;
  if (config.transactional)
    tell_of_offsets();
  if (revoking)
    config.transactional ? continue_transactional_revocation() : continue_revocation();
  else if (!config.transactional && now() - last_commit >= config.commit_interval)
    commit(assigned.to_commit());
  if (close_due && (now() >= *close_due || !unfinished(assigned.live())))
    close_port();
  if (closing && port->closed())
    group_is_left();
}

void reader_state::commit(const std::vector<position>& positions) {
  last_commit = now();
  if (positions.empty()) {
    if (commits_under_way.empty())
      answer_settlements(settlement_number); // of what another commit has covered, or nobody holds here any more
    return;
  }
  port->commit(positions);
  commits_under_way.push_back(settlement_number);
  for (const auto& each : positions)
    assigned.find(each.partition)->ledger.commit_sent();
}

using implementation = reader_actor::stateful_impl<reader_state>;

caf::strong_actor_ptr spawn_kafka_reader(caf::local_actor* parent, reader_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(parent->spawn<implementation>(std::move(config)));
}

} // namespace mp
