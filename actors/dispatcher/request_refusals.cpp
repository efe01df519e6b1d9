#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/kafka_advice.hpp"
#include "actors/telemetry/log.hpp"
#include "messages/wire/dead_letter_cut.hpp"

#include <array>
#include <string>

namespace mp {
namespace {

using namespace std::chrono_literals;

// Reading stops when this many records wait for topics that refuse: each may have cost a model call.
constexpr std::size_t held_back_max = 100;
// A record that was rejected this often, while its topic took others, is at fault itself.
constexpr unsigned rejections_max = 5;
// A topic that has acknowledged nothing for this long, although records were sent, is reported in /ready.
constexpr auto silence_max = 30s;
// The producer repeats its trouble more often than that, and its successor when it has the same.
constexpr auto output_trouble_kept = 60s;

constexpr std::array all_destinations{destination::photo_reply, destination::text_reply, destination::dead_letter};

} // namespace

void dispatcher_state::not_taken(in_flight_request& row, std::size_t which, const delivery& why) {
  auto& record = row.records[which];
  bool large = why.result == delivery_result::too_large;
  log::warning(large ? log::event<log::level::warning>{"record_too_large"} : "record_refused",
               {{"id", row.id}, {"topic", topic_of(record->to)}, {"code", why.code},
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
    to_send.add_again(outbox::token_of(row.ticket, which), to_send.generation());
    return;
  }
  if (!row.ended_by) {
    auto whose = *row.identity;
    whose.why = large ? fault::reply_too_large : fault::reply_refused;
    end_in_fault(row, whose, true);
    keep_gone({&row});
  } else if (row.dead_letter) {
    row.undelivered &= ~(1u << which);
    row.published_as = {}; // the producer still waits for this record and will not tell the reader of the end
    if (row.undelivered == 0)
      end(row);
  } else { // its sender gets no reply, so a dead letter has to record it
    auto whose = *row.identity;
    whose.why = *row.ended_by;
    row.dead_letter = true;
    record = dead_letter_of(row, whose, facts(row.kind));
    to_send.add_again(outbox::token_of(row.ticket, which), to_send.generation());
  }
}

void dispatcher_state::rejected(in_flight_request& row, std::size_t which, const delivery& why) {
  auto taken = destinations.acknowledgements(row.records[which]->to);
  if (row.rejections++ == 0)
    row.rejected_at = taken;
  if (row.rejections >= rejections_max && taken > row.rejected_at)
    not_taken(row, which, why);
  else
    wait_for_topic(row, which, why.code);
}

void dispatcher_state::wait_for_topic(in_flight_request& row, std::size_t which, const std::string& code) {
  auto to = row.records[which]->to;
  config.metrics->record_refused("topic_refuses");
  if (destinations.refused(to, row.ticket, code, now()))
    log::error("topic_refuses", {{"topic", topic_of(to)}, {"code", code}, {"advice", kafka_advice(code)}});
  if (row.gone) { // its partition's new owner answers it
    keep_answer(row);
    drop(row);
    return;
  }
  destinations.hold(to, outbox::token_of(row.ticket, which));
}

void dispatcher_state::topic_acknowledged(destination to) {
  if (!destinations.acknowledged(to))
    return;
  log::info("topic_takes_records", {{"topic", topic_of(to)}});
  to_send.add_released(destinations.release(to));
}

bool dispatcher_state::waits_for_topic(const in_flight_request& row) const {
  for (std::size_t i = 0; i < row.records.size(); ++i)
    if ((row.undelivered >> i & 1) != 0 && destinations.refusing(row.records[i]->to))
      return true;
  return false;
}

void dispatcher_state::hear(const output_state& state) {
  output_trouble = state.trouble;
  output_trouble_at = now();
  after();
}

void dispatcher_state::watch_output() {
  auto held = destinations.held();
  config.metrics->records_held_back(held);
  // Not open again at once: a topic that takes records again is sent all of them.
  bool stuck = output_stuck ? held > held_back_max / 2 : held >= held_back_max;
  if (std::exchange(output_stuck, stuck) == stuck)
    return;
  if (stuck)
    log::error("intake_paused", {{"reason", why_not_published()}, {"records_held", held}});
  else
    log::info("intake_resumed");
}

std::string dispatcher_state::why_not_published() {
  std::string text;
  auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  if (!output_trouble.empty() && now() - output_trouble_at < output_trouble_kept)
    add(output_trouble);
  else if (no_producer_since && now() - *no_producer_since >= silence_max)
    add("no producer is ready for "
        + std::to_string(std::chrono::floor<std::chrono::seconds>(now() - *no_producer_since).count())
        + " s; check that the brokers run, with DELIVERY=exactly-once also that their transaction coordinator does"
          " (transaction.state.log.replication.factor)");
  std::array<std::size_t, all_destinations.size()> waiting{};
  std::array<std::chrono::seconds, all_destinations.size()> oldest{};
  for (const auto* row : table.in_stage(request_stage::publishing)) {
    auto age = std::chrono::floor<std::chrono::seconds>(now() - row->publishing_since);
    for (std::size_t i = 0; i < row->records.size() && !row->adrift; ++i)
      if ((row->undelivered >> i & 1) != 0) {
        auto to = static_cast<std::size_t>(row->records[i]->to);
        ++waiting[to];
        oldest[to] = std::max(oldest[to], age);
      }
  }
  for (auto to : all_destinations) {
    auto i = static_cast<std::size_t>(to);
    auto wait = ", " + std::to_string(waiting[i]) + " record(s) wait";
    if (waiting[i] > 0 && destinations.refusing(to))
      add("topic " + topic_of(to) + " refuses records (" + with_advice(destinations.code(to)) + ")" + wait);
    else if (oldest[i] >= silence_max)
      add("topic " + topic_of(to) + " has not acknowledged a record for " + std::to_string(oldest[i].count()) + " s" + wait);
  }
  return text;
}

} // namespace mp
