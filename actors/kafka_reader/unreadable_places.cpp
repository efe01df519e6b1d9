#include "actors/kafka_reader/reader_state.hpp"

#include "actors/telemetry/log.hpp"
#include "messages/record_identity.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mp {

void reader_state::on(partition_unreadable& event) {
  auto* held = assigned.find(event.partition);
  if (held == nullptr || !held->live || held->revoking || held->given_up)
    return;
  held->reading.moved(); // the error is a sign of progress for the stall watch
  const auto& error = event.error;
  if (error.base < error.log_end
      && error.log_end <= held->position) // the client has gone on elsewhere, in a log that ends before
    held->log.doubt(error.base);
  bool is_proving = held->log.is_proving();
  if (auto read_from = held->log.unreadable())
    port->rewind(event.partition, *read_from);
  if (held->log.in_doubt())
    port->look_at_logs();
  if (is_proving || held->log.in_doubt())
    return;
  obey(event.partition, *held, held->search.failed(event.error, held->position, now()));
  read();
}

void reader_state::obey(std::int32_t partition, held_partition& held, unreadable_search::order ordered) {
  if (ordered.read_from) {
    port->rewind(partition, *ordered.read_from);
    held.log.moved();
    held.more = true;
  }
  if (!ordered.found)
    return;
  log::error("records_unreadable", {{"partition", partition},
                                    {"offset", ordered.found->first},
                                    {"last_offset", ordered.found->last},
                                    {"code", ordered.found->code},
                                    {"remedy", "dead letter; reading goes on behind it"}});
  rewind(partition, held, ordered.found->last + 1);
  held.given_up = std::move(ordered.found);
}

void reader_state::give_up(std::int32_t partition, held_partition& held) {
  auto& range = *held.given_up;
  while (range.first <= range.last && held.ledger.look(range.first) == offset_ledger::state::finished)
    held.ledger.receive(range.first++); // it counts as read, so that the commit point moves past it
  if (range.first > range.last) {
    held.given_up.reset();
    return;
  }
  if (const auto last = held.ledger.receive_unreadable(range.first, range.last)) {
    bad_record bad;
    bad.from.partition = partition;
    bad.from.assignment = held.assignment;
    bad.from.offset = range.first;
    // How far it goes is part of what it is: its end must not stand for another range that begins here.
    bad.from.identity = record_identity(held.ledger.topic_id(), -1, -1, range.code, std::to_string(*last), {});
    bad.why = fault::record_unreadable;
    bad.cause = range.code;
    if (*last > range.first)
      bad.last_offset = last;
    config.metrics->records_unreadable(static_cast<std::uint64_t>(*last - range.first + 1));
    --credit_records;
    append(std::move(bad));
    range.first = *last + 1;
  } else {
    ++range.first; // it is being worked on
  }
}

void reader_state::rewind(std::int32_t partition, held_partition& held, std::int64_t offset) {
  held.read_from(offset);
  port->rewind(partition, offset);
}

void reader_state::watch_progress() {
  if (left || closing)
    return;
  bool demanded = credit_records > 0 && credit_bytes > 0;
  std::string which;
  auto longest = stall_watch::time_point::duration::zero();
  for (auto& [partition, held] : assigned.all()) {
    bool wanted = demanded && held.live && !held.revoking && !held.ledger.intake_full();
    bool was_idle = held.search.idle();
    obey(partition, held, held.search.look(wanted, now()));
    held.more |= !was_idle && held.search.idle(); // what was passed meanwhile counts now
    held.reading.look(wanted && held.unread > 0, now());
    bool stands = held.reading.stalled(now());
    if (std::exchange(held.told_stalled, stands) != stands)
      config.metrics->partition_stalled(partition, stands);
    longest = std::max(longest, held.reading.due_for(now()));
    if (stands)
      which += (which.empty() ? "" : ", ") + std::to_string(partition);
  }
  ends_told.look(assigned.live_count() > 0, now());
  longest = std::max(longest, ends_told.due_for(now()));
  bool ends_unknown = ends_told.stalled(now());
  config.metrics->log_ends_unknown(ends_unknown);
  std::string why;
  if (!which.empty())
    why = "records wait, but for 30 s or longer none has come from partition " + which;
  if (ends_unknown)
    why += std::string{why.empty() ? "" : "; "}
           + "for 30 s or longer Kafka has not said where the partitions end: a broker does not answer";
  tell_stalled(why);
  if (!why.empty() && config.replacements->due(longest, now()))
    throw std::runtime_error("the Kafka client is replaced: " + why);
  read();
}

void reader_state::tell_stalled(const std::string& why) {
  if (why == stalled)
    return;
  if (why.empty())
    log::info("partitions_move_again");
  else
    log::error("partitions_stalled", {{"reason", why}});
  stalled = why;
  tell_holdings();
}

} // namespace mp
