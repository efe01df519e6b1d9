#include "actors/kafka_reader/reader_state.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace mp {

// A request replaces an earlier one: the producer sends another only after the outcome of the first, or when it is a
// new producer.
void reader_state::on_offsets_request(const offsets_request& request) {
  if (transaction)
    on_transaction_ended({transaction->serial, false, {}});
  offsets_told = false;
  to_read_back.reset();
  auto live = assigned.live();
  if (!request.read_back || live.empty()) {
    respond(request);
    return;
  }
  to_read_back = request;
  port->load_positions(live);
}

void reader_state::read_back(const positions_loaded& loaded) {
  const auto& positions = loaded.positions;
  for (auto partition : assigned.live())
    if (std::none_of(positions.begin(), positions.end(),
                     [&](const auto& each) { return each.partition == partition; })) {
      port->load_positions(assigned.live()); // it has come since, or this answers an older request
      return;
    }
  std::vector<position> of_these_logs;
  for (const auto& each : positions) {
    auto* held = assigned.find(each.partition);
    if (held == nullptr || !held->live)
      continue;
    // What was known already says nothing about transactions, and may be of another log that the ledger does not count
    // any more.
    bool is_news =
      std::exchange(held->stored, {each.offset, each.metadata}) != stored_position{each.offset, each.metadata};
    if (!is_news || !is_of_this_log(each, loaded.logs) || !held->ledger.merge(each))
      continue;
    of_these_logs.push_back(each);
    auto& told = of_these_logs.back();
    told.offset =
      std::min(told.offset, held->ledger.commit_point()); // what is newer than the commit is not finished by it
  }
  tell_finished(of_these_logs);
  auto request = std::move(*to_read_back);
  to_read_back.reset();
  respond(request);
  read();
}

void reader_state::respond(const offsets_request& request) {
  offsets_response said;
  said.serial = request.serial;
  std::map<std::int32_t, offset_ledger> after; // as the ledgers will be once the transaction is committed
  for (const auto& [partition, held] : assigned.all())
    if (held.live && held.ledger.dirty() && held.ledger.commit_point() != position::none)
      after.emplace(partition, held.ledger);
  for (const auto& each : request.finishing) {
    if (gone_logs.contains(each.assignment))
      continue; // the model was called, and nobody will read the record again: its end is published without an offset
    auto* held = assigned.find(each.partition, each.assignment);
    auto known = held != nullptr && held->live ? held->ledger.look(each.offset) : offset_ledger::state::unread;
    if (known == offset_ledger::state::open)
      after.try_emplace(each.partition, held->ledger).first->second.finish(each.offset);
    else
      (known == offset_ledger::state::finished ? said.finished : said.stale).push_back(each);
  }
  transaction = pending_transaction{request.serial, {}, {}};
  for (const auto& [partition, ledger] : after) {
    auto& held = *assigned.find(partition);
    held.ledger.commit_sent();
    transaction->partitions.push_back({partition, held.assignment});
    transaction->offsets.push_back(ledger.to_commit(partition));
  }
  said.offsets = transaction->offsets;
  said.membership = port->membership();
  self->send(request.producer, std::move(said));
}

void reader_state::on_transaction_ended(const transaction_ended& ended) {
  bool present = transaction && transaction->serial == ended.serial;
  std::vector<held_partition*> covered;
  if (present)
    for (const auto& each : transaction->partitions)
      if (auto* held = assigned.find(each.partition, each.assignment))
        covered.push_back(held);
  // What else has moved since the answer is still to be committed.
  std::erase_if(covered, [&](auto* held) { return ended.committed && held->ledger.dirty(); });
  for (const auto& each : ended.finished)
    if (auto* held = assigned.find(each.partition, each.assignment))
      held->ledger.finish(each.offset);
  for (auto* held : covered)
    ended.committed ? held->ledger.commit_sent() : held->ledger.commit_failed();
  if (present && ended.committed) {
    port->committed(transaction->offsets);
    for (const auto& each : transaction->offsets)
      if (auto* held = assigned.find(each.partition)) {
        held->stored = {each.offset, each.metadata};
        auto now_ended = std::find_if(transaction->partitions.begin(), transaction->partitions.end(),
                                      [&](const auto& one) { return one.partition == each.partition; });
        if (held->cut_logs.contains(now_ended->assignment)) // its log was cut off since, and is being read again
          held->ledger.merge(each);
      }
    for (const auto& each : transaction->partitions)
      if (auto* held = assigned.find(each.partition); held != nullptr && held->assignment != each.assignment)
        held->ledger.commit_failed(); // its log has changed since: what is stored now is of the old one
  }
  if (present)
    transaction.reset();
  read(); // a full ledger may have room again
  step();
}

bool reader_state::unfinished(const std::vector<std::int32_t>& which) const {
  auto covers = [&](const partition_assignment& each) {
    return std::find(which.begin(), which.end(), each.partition) != which.end();
  };
  return assigned.dirty(which)
         || (transaction && std::any_of(transaction->partitions.begin(), transaction->partitions.end(), covers));
}

void reader_state::tell_of_offsets() {
  if (offsets_told || transaction || !assigned.dirty(assigned.live()))
    return;
  if (auto producer = config.directory->producer()) {
    offsets_told = true;
    self->send(producer, offsets_pending{});
  }
}

} // namespace mp
