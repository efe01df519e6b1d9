#include "actors/kafka_reader/reader_state.hpp"

#include "actors/telemetry/log.hpp"

#include <algorithm>

namespace mp {
namespace {

log_extent extent_of(const log_report& report, std::int32_t partition) {
  for (const auto& each : report.logs)
    if (each.partition == partition)
      return each;
  return {.partition = partition};
}

} // namespace

position reader_state::begin(const position& committed, const log_report& known) {
  auto& held = *assigned.find(committed.partition);
  auto log = extent_of(known, committed.partition);
  auto start = start_of(committed, known.topic_id, log);
  if (start.foreign_metadata)
    log::warning("commit_metadata_ignored", {{"partition", committed.partition}, {"offset", committed.offset}});
  if (start.change != log_change::none)
    tell_change(committed.partition, start, log);
  position from{committed.partition, start.ledger.offset, committed.metadata, start.read_from};
  held.probe = start.read_from;
  held.log_begin = log.begin;
  held.stored = {committed.offset, committed.metadata};
  held.log.begin(start.change == log_change::trimmed ? log.begin
                 : start.read_from != position::none ? start.read_from
                                                     : from.offset);
  held.ledger.begin(std::move(start.ledger));
  return from;
}

/// A stored position behind the log's end stays there until this reader's first commit, and is no word about what is in
/// flight. Where leader epochs can be compared, the ledger itself tells old records from new ones.
bool reader_state::is_of_this_log(const position& stored, const log_report& known) const {
  auto start = start_of(stored, known.topic_id, extent_of(known, stored.partition));
  bool is_behind_end = start.change == log_change::beyond_end || start.change == log_change::truncated;
  return !is_behind_end || start.ledger.ended_below != position::none;
}

/// There may be no record between the probe and where reading was to begin, for instance only the markers of
/// transactions. So it is looked for one further back: if the log was cut off and written anew below, it is newer than
/// what was committed.
bool reader_state::probe_further(std::int32_t partition, held_partition& held) {
  if (held.probe == position::none || held.probe <= held.log_begin)
    return false;
  auto begin = held.ledger.commit_point();
  held.probe = std::max(held.log_begin, begin - 2 * (begin - held.probe));
  rewind(partition, held, held.probe);
  return true;
}

void reader_state::on(log_report& report) {
  for (const auto& log : report.logs) {
    auto* held = assigned.find(log.partition);
    if (held == nullptr || !held->live || held->revoking)
      continue;
    if (auto start = held->log.look_again(report.topic_id, log, held->ledger)) {
      tell_change(log.partition, *start, log);
      if (start->change != log_change::trimmed)
        begin_anew(log.partition, *held, *start);
    }
    held->ledger.trimmed(log.begin);
    held->ledger.name_topic(report.topic_id);
  }
  read();
  step();
}

/// Requests in flight from the log as it was go on with their old assignment; their ends move no offset.
void reader_state::begin_anew(std::int32_t partition, held_partition& held, const log_start& start) {
  (start.change == log_change::made_anew ? gone_logs : held.cut_logs).insert(held.assignment);
  held.assignment = config.next_assignment();
  held.probe = position::none;
  held.untold.reset();
  held.ledger.begin(start.ledger);
  held.log.begin(start.ledger.offset);
  rewind(partition, held, start.ledger.offset);
}

void reader_state::pass(std::int32_t partition, held_partition& held) {
  if (held.log.in_doubt() || held.log.is_proving() || !held.search.idle() || held.given_up)
    return; // it is not read in order now
  auto passed = port->passed(partition);
  if (passed == position::none || probe_further(partition, held))
    return;
  held.probe = position::none;
  held.log.passed(passed);
  held.ledger.passed(passed);
  held.position = std::max(held.position, passed);
}

void reader_state::tell_change(std::int32_t partition, const log_start& start, const log_extent& log) {
  config.metrics->log_changed(name_of(start.change));
  log::error("log_changed", {{"kind", name_of(start.change)},
                             {"partition", partition},
                             {"position", start.expected},
                             {"goes_on_at", start.ledger.offset},
                             {"log_begin", log.begin},
                             {"log_end", log.end}});
}

} // namespace mp
