#include "actors/kafka_reader/reader_state.hpp"

#include "actors/telemetry/log.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// How long to wait before asking again for the committed positions.
constexpr auto load_retry_delay = 100ms;
// A commit during a revoke that is not answered in this time is given up: the next member repeats what it covered.
constexpr auto revoke_commit_wait = 3s;
// Commits that are refused for so long are no matter of a rebalance.
constexpr auto commit_trouble_after = 10s;
// The same refusal of commits is logged, and told, once in this time.
constexpr auto commit_refusal_quiet = 10s;

/// The dispatcher may work on records that were read before the log was cut off, too; whoever has the partition next
/// reads them as well.
void add_assignments(std::vector<partition_assignment>& list, std::int32_t partition, const held_partition& held) {
  list.push_back({partition, held.assignment});
  for (auto assignment : held.cut_logs)
    list.push_back({partition, assignment});
}

} // namespace

void reader_state::serve_group() {
  if (left)
    return;
  group_event event;
  while (port->next_event(event))
    std::visit([this](auto& what) { on(what); }, event);
}

void reader_state::on(partitions_assigned& event) {
  log::info("partitions_assigned", {{"count", event.partitions.size()}});
  for (auto partition : event.partitions)
    assigned.add(partition, config.next_assignment());
  assigning = pending_assignment{std::move(event.partitions)};
  if (assigning->partitions.empty())
    accept({});
  else
    port->load_positions(assigning->partitions);
}

void reader_state::on(positions_loaded& event) {
  std::vector<position> starts;
  if (assigning)
    for (const auto& each : event.positions)
      if (std::find(assigning->partitions.begin(), assigning->partitions.end(), each.partition)
          != assigning->partitions.end())
        starts.push_back(each);
  if (!assigning || starts.size() < assigning->partitions.size()) {
    // The late answer for an assignment that was taken back (taking it would read this one from the beginning), or not
    // for one.
    if (to_read_back)
      read_back(event);
    return;
  }
  for (auto& each : starts)
    each = begin(each, event.logs);
  accept(starts);
}

void reader_state::on(positions_unavailable& event) {
  log::warning("positions_unavailable", {{"reason", event.reason}});
  note_error(event.reason);
  self->run_delayed(load_retry_delay, [this] {
    if (assigning && !left)
      port->load_positions(assigning->partitions);
    if (to_read_back && !left)
      read_back({});
  });
}

void reader_state::accept(const std::vector<position>& starts) {
  port->assign(starts);
  for (const auto& each : starts) {
    auto& held = *assigned.find(each.partition);
    held.live = true;
    held.position = each.read_from == position::none ? each.offset : each.read_from;
  }
  assigning.reset();
  last_error.clear();
  tell_finished(starts);
  holdings_changed();
  read();
}

void reader_state::tell_finished(const std::vector<position>& committed) {
  partitions_taken taken;
  for (const auto& each : committed) {
    auto* held = assigned.find(each.partition);
    if (held == nullptr || !held->live)
      continue;
    bool is_proved = held->probe == position::none && !held->log.in_doubt();
    bool is_demanded = credit_records > 0 && credit_bytes > 0;
    if (!is_proved && is_demanded) {
      held->untold = each;
      continue;
    }
    held->untold.reset();
    const auto& finished = held->ledger.finished_above();
    taken.partitions.push_back({each.partition, held->assignment, each.offset, {finished.begin(), finished.end()}});
  }
  if (dispatcher && !taken.partitions.empty())
    self->send(dispatcher, std::move(taken));
}

void reader_state::tell_untold() {
  std::vector<position> untold;
  for (const auto& [partition, held] : assigned.all())
    if (held.untold)
      untold.push_back(*held.untold);
  if (!untold.empty())
    tell_finished(untold);
}

void reader_state::on(partitions_revoked& event) {
  log::info("partitions_revoked", {{"count", event.partitions.size()}, {"lost", event.lost}});
  assigning.reset(); // the client takes an unanswered assignment back by itself
  partitions_leaving notice;
  for (auto partition : event.partitions)
    if (auto* held = assigned.find(partition)) {
      held->revoking = true;
      add_assignments(notice.partitions, partition, *held);
    }
  revoking = pending_revocation{std::move(event.partitions), event.lost, now(), std::nullopt};
  if (dispatcher && !notice.partitions.empty())
    self->send(dispatcher, std::move(notice));
  config.transactional ? continue_transactional_revocation() : continue_revocation();
}

void reader_state::continue_revocation() {
  auto& state = *revoking;
  if (state.lost) {
    give_back();
    return;
  }
  if (!state.commit_sent) {
    bool worked_on = dispatcher && assigned.in_flight(state.partitions) > 0;
    if (worked_on && now() - state.since < config.rebalance_grace) {
      if (now() - last_commit >= config.commit_interval)
        commit(assigned.to_commit());
      return;
    }
    commit(assigned.to_commit());
    state.commit_sent = now();
  }
  bool late = now() - *state.commit_sent >= revoke_commit_wait;
  if (state.refused && !late) {
    if (now() - last_commit >= config.commit_interval) {
      state.refused = false;
      commit(assigned.to_commit());
    }
    return;
  }
  if (commits_under_way.empty() || late)
    give_back();
}

/// What is in flight ends with a transaction, and a transaction commits: there is nothing else to send.
void reader_state::continue_transactional_revocation() {
  auto& state = *revoking;
  auto age = now() - state.since;
  bool worked_on = dispatcher && assigned.in_flight(state.partitions) > 0 && age < config.rebalance_grace;
  bool to_commit = unfinished(state.partitions) && age < config.rebalance_grace + revoke_commit_wait;
  if (state.lost || !(worked_on || to_commit))
    give_back();
}

void reader_state::give_back() {
  auto state = std::move(*revoking);
  revoking.reset();
  partitions_gone gone;
  for (auto partition : state.partitions)
    if (auto* held = assigned.find(partition)) {
      add_assignments(gone.partitions, partition, *held);
      config.metrics->lag(partition, 0);
      config.metrics->partition_stalled(partition, false);
      assigned.remove(partition);
    }
  port->unassign(state.partitions);
  if (dispatcher && !gone.partitions.empty())
    self->send(dispatcher, std::move(gone));
  holdings_changed();
}

void reader_state::on(commit_ended& event) {
  std::uint64_t covered = 0;
  if (!commits_under_way.empty()) {
    covered = commits_under_way.front();
    commits_under_way.pop_front();
  }
  note_commit(event);
  if (event.result == commit_result::done) {
    answer_settlements(covered);
  } else {
    std::fill(commits_under_way.begin(), commits_under_way.end(), std::uint64_t{0});
    config.metrics->commit_failed();
    for (auto partition : event.partitions)
      if (auto* held = assigned.find(partition))
        held->ledger.commit_failed();
    if (revoking) {
      revoking->refused = revoking->commit_sent.has_value();
      revoking->lost |= event.result == commit_result::not_member;
    }
  }
  step();
}

void reader_state::on(lag_report& report) {
  ends_told.moved();
  for (const auto& each : report.lags)
    if (auto* held = assigned.find(each.partition)) {
      config.metrics->lag(each.partition, each.records);
      held->unread = each.unread;
    }
}

void reader_state::on(consumer_error& error) {
  note_error(error.code);
  if (error.fatal)
    throw std::runtime_error("Kafka consumer: " + error.code);
  log::warning("consumer_error", {{"code", error.code}});
}

/// The last one is the best that is known of why there are no partitions.
void reader_state::note_error(const std::string& code) {
  if (std::exchange(last_error, code) != code && assigned.live_count() == 0)
    holdings_changed();
}

/// A commit that is refused is made again with the next interval, so this may be said several times a second.
void reader_state::note_commit(const commit_ended& event) {
  if (event.result == commit_result::done) {
    bool was_told = commits_refused_since && now() - *commits_refused_since >= commit_trouble_after;
    commits_refused_since.reset();
    commit_refusal.clear();
    if (was_told)
      holdings_changed();
    return;
  }
  bool news = std::exchange(commit_refusal, event.reason) != event.reason;
  if (!commits_refused_since)
    commits_refused_since = now();
  if (news || now() - commit_refusal_logged >= commit_refusal_quiet) {
    commit_refusal_logged = now();
    log::info("commit_refused", {{"reason", event.reason}});
    if (!trouble().empty())
      holdings_changed();
  }
}

std::string reader_state::trouble() const {
  if (assigned.live_count() == 0)
    return last_error;
  return commits_refused_since && now() - *commits_refused_since >= commit_trouble_after ? commit_refusal
                                                                                         : std::string{};
}

void reader_state::holdings_changed() {
  config.metrics->partitions_assigned(assigned.live_count());
  tell_holdings();
}

void reader_state::tell_holdings() {
  if (dispatcher)
    self->send(dispatcher, group_state{static_cast<std::uint32_t>(assigned.live_count()), trouble(), stalled});
}

// ---- leaving ----

void reader_state::leave() {
  if (left) {
    group_is_left();
    return;
  }
  if (closing)
    return;
  closing = true;
  credit_records = credit_bytes = 0;
  if (config.transactional) {
    close_due = now() + revoke_commit_wait;
  } else {
    commit(assigned.to_commit()); // the group may not ask for all partitions before it is left
    close_port();
  }
  step();
}

void reader_state::close_port() {
  close_due.reset();
  port->close();
  serve_group();
}

void reader_state::group_is_left() {
  if (!left)
    log::info("group_left");
  left = true;
  if (dispatcher)
    self->send(dispatcher, group_left{});
  if (quit_when_left)
    self->quit(caf::exit_reason::user_shutdown);
}

void reader_state::stop() {
  quit_when_left = true;
  if (left)
    self->quit(caf::exit_reason::user_shutdown);
  else
    leave();
}

} // namespace mp
