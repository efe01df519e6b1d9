#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/kafka_advice.hpp"
#include "actors/telemetry/log.hpp"
#include "messages/wire/dead_letter_cut.hpp"

#include <string>

namespace mp {

void dispatcher_state::not_taken(in_flight_request& row, std::size_t which, const delivery& why) {
  auto& record = row.records[which];
  bool large = why.result == delivery_result::too_large;
  log::warning(large ? log::event<log::level::warning>{"record_too_large"} : "record_refused",
               {{"id", row.id},
                {"topic", topic_of(record->to)},
                {"code", why.code},
                {"bytes", record->key.size() + record->body.size()}});
  config.metrics->record_refused(large ? "too_large" : "invalid");
  row.rejections = 0;
  if (record->to == destination::dead_letter) {
    auto instead = large ? std::nullopt : dead_letter_with_key(*record, row.from, config.requests_topic);
    if (!instead)
      instead = cut_dead_letter(*record);
    if (!instead) {
      wait_for_topic(row, which, why.code);
      return;
    }
    record = shared_outgoing{std::move(*instead)};
    publishing.add_again(row, which);
    return;
  }
  if (!row.ended_by) {
    auto whose = *row.identity;
    whose.why = large ? fault::reply_too_large : fault::reply_refused;
    end_in_fault(row, whose, true);
    keep_revoked({&row});
  } else if (row.dead_letter) {
    bool is_done = publishing.is_done(row, which);
    row.published_as = {}; // the producer still waits for this record and will not tell the reader of the end
    if (is_done)
      end(row);
  } else { // its sender gets no reply, so a dead letter has to record it
    auto whose = *row.identity;
    whose.why = *row.ended_by;
    row.dead_letter = true;
    record = dead_letter_of(row, whose, facts(row.kind));
    publishing.add_again(row, which);
  }
}

void dispatcher_state::rejected(in_flight_request& row, std::size_t which, const delivery& why) {
  if (publishing.is_at_fault(row, which))
    not_taken(row, which, why);
  else
    wait_for_topic(row, which, why.code);
}

void dispatcher_state::wait_for_topic(in_flight_request& row, std::size_t which, const std::string& code) {
  auto to = row.records[which]->to;
  config.metrics->record_refused("topic_refuses");
  if (publishing.refused(row, which, code, now()))
    log::error("topic_refuses", {{"topic", topic_of(to)}, {"code", code}, {"advice", kafka_advice(code)}});
  if (row.owner == ownership::revoked) { // its partition's new owner answers it
    keep_answer(row);
    drop(row);
    return;
  }
  publishing.hold(row, which);
}

void dispatcher_state::topic_acknowledged(destination to) {
  if (publishing.acknowledged(to))
    log::info("topic_takes_records", {{"topic", topic_of(to)}});
}

void dispatcher_state::hear(const output_state& state) {
  publishing.reported(state, now());
  after();
}

void dispatcher_state::watch_output() {
  auto held = publishing.held_back();
  config.metrics->records_held_back(held);
  auto is_paused = intake.held_back_changed(held);
  if (is_paused && *is_paused)
    log::error("intake_paused", {{"reason", why_not_published()}, {"records_held", held}});
  else if (is_paused)
    log::info("intake_resumed");
}

std::string dispatcher_state::why_not_published() { return publishing.why_not(table, config.output_topics, now()); }

} // namespace mp
