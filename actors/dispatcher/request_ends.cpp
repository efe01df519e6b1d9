#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/instruments/log.hpp"
#include "messages/wire/reply_json.hpp"

#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// A record that the broker did not acknowledge is sent again after this time; the client library has by then tried for two minutes.
constexpr auto redelivery_delay = 1s;
// How long an answer waits for its request to be read again by a new reader. Longer than a session of the group, so that a partition
// that comes back at all has come back by then; what came to another member is answered there.
constexpr auto adrift_max = 60s;

double milliseconds_of(std::chrono::nanoseconds time) { return std::chrono::duration<double, std::milli>(time).count(); }

} // namespace

// ---- ends ------------------------------------------------------------------------------------------------------------

end_facts dispatcher_state::facts(request_kind kind) const {
  return {model_for(config.routes, kind), config.requests_topic, now(), config.wall_clock()};
}

/// identity_of with the model that it was, or would have been, put to.
bad_record dispatcher_state::whose_end(const request& question) const {
  auto whose = identity_of(question);
  whose.model = route(config.routes, question).name;
  return whose;
}


void dispatcher_state::end_well(in_flight_request& row, const clean_text& clean) {
  ++row.attempts;
  config.instruments->mended(clean.mends);
  auto followers = take_followers(row);
  for (auto* each : followers) { // one call, an end for each
    each->following = false;
    each->answer = row.answer;
    each->attempts = row.attempts;
    each->repair_rounds = row.repair_rounds;
    each->host = row.host;
    each->model_time = row.model_time;
  }
  followers.insert(followers.begin(), &row);
  for (auto* each : followers) {
    each->identity = shared_value<bad_record>{whose_end(*each->question)};
    publish(*each, {records_of_answer(*each, clean, facts(each->kind))});
  }
}

void dispatcher_state::fail_for_good(in_flight_request& row, fault why, bool dead_letter) {
  if (row.stage != request_stage::waiting) // else no call was made for this end
    ++row.attempts;
  count_repair(row, why == fault::invalid_answer ? repair_outcome::still_invalid : repair_outcome::failed);
  auto followers = take_followers(row);
  for (auto* each : followers) {
    each->following = false;
    each->attempts = row.attempts;
    each->repair_rounds = row.repair_rounds;
    each->host = row.host;
    each->answer = row.answer;
    each->problem = row.problem;
  }
  followers.insert(followers.begin(), &row);
  for (auto* each : followers) {
    auto whose = whose_end(*each->question);
    whose.why = why;
    end_in_fault(*each, whose, dead_letter);
  }
}

void dispatcher_state::end_in_fault(in_flight_request& row, const bad_record& whose, bool dead_letter) {
  row.ended_by = whose.why;
  row.dead_letter = dead_letter;
  publish(row, records_of_fault(row, whose, dead_letter, facts(row.kind)));
}

void dispatcher_state::publish(in_flight_request& row, std::vector<shared_outgoing> records) {
  auto bytes = row.identity->body.size(); // kept whole for a dead letter, should the reply turn out to be too large
  for (const auto& each : records)
    bytes += each->key.size() + each->body.size();
  row.question = {};
  row.answer = {};
  row.repair.reset();
  row.problem.clear();
  row.records = std::move(records);
  row.undelivered = (1u << row.records.size()) - 1;
  table.resize(row, bytes);
  table.move(row, request_stage::publishing);
  if (row.undelivered == 0)
    end(row); // nobody to tell and no dead letter: cannot happen with the table of faults, but must not hang
  else
    to_send.add(row);
}

void dispatcher_state::send_records() {
  if (!producer)
    return;
  publication batch;
  for (auto& each : to_send.take(table))
    batch.records.push_back({each.which, std::move(each.record), each.from,
                             static_cast<std::uint8_t>(outbox::record_of(each.which)), each.undelivered});
  if (!batch.records.empty())
    self->send(producer, std::move(batch));
}

void dispatcher_state::take_receipts(const receipts& delivered) {
  reader_told = delivered.reader_told;
  for (const auto& each : delivered.deliveries)
    take_delivery(each);
  for (const auto& each : delivered.stale)
    take_stale(each);
  for (const auto& each : delivered.ended)
    ended_at_producer(each);
  for (const auto& each : delivered.given_up) {
    promised.erase(each.record());
    if (auto* row = table.at(each); row != nullptr && row->at_producer)
      take_back(*row);
  }
  reader_told = false;
  after();
}

void dispatcher_state::take_delivery(const delivery& each) {
  to_send.returned();
  auto* row = table.find(outbox::ticket_of(each.token));
  auto bit = 1u << outbox::record_of(each.token);
  if (row == nullptr || row->stage != request_stage::publishing || (row->undelivered & bit) == 0)
    return; // of an earlier producer; sent again since
  switch (each.result) {
    case delivery_result::acknowledged:
      row->undelivered &= ~bit;
      if (row->undelivered == 0)
        end(*row);
      break;
    case delivery_result::too_large: too_large(*row, outbox::record_of(each.token)); break;
    case delivery_result::failed: send_again_later(each.token); break;
  }
}

void dispatcher_state::take_stale(const stale_record& stale) {
  to_send.returned();
  auto* row = table.find(outbox::ticket_of(stale.token));
  if (row == nullptr || row->stage != request_stage::publishing || row->adrift)
    return;
  if (row->from != stale.from) { // read again meanwhile
    to_send.add_again(stale.token, to_send.generation());
  } else if (row->gone || draining) {
    drop(*row);
  } else {
    table.set_adrift(*row, now());
    if (!std::exchange(sweeping, true))
      self->run_delayed(adrift_max, [this] { sweep_adrift(); });
  }
}

void dispatcher_state::sweep_adrift() {
  sweeping = false;
  for (auto* row : table.in_stage(request_stage::publishing))
    if (row->adrift && now() - *row->adrift >= adrift_max)
      drop(*row);
    else if (row->adrift && !std::exchange(sweeping, true))
      self->run_delayed(*row->adrift + adrift_max - now(), [this] { sweep_adrift(); });
  after();
}

void dispatcher_state::ended_at_producer(const origin& from) {
  promised.erase(from.record());
  ended.add(from, now());
  auto* row = table.at(from);
  if (row == nullptr || !row->at_producer)
    return;
  if (!row->gone)
    settled.finished.push_back(row->from);
  log::info("request_done", {{"id", row->id}, {"outcome", "published_before"}, {"partition", row->from.partition},
                             {"offset", row->from.offset}});
  drop(*row);
}

void dispatcher_state::too_large(in_flight_request& row, std::size_t which) {
  log::warning("record_too_large", {{"id", row.id}, {"bytes", row.bytes}});
  auto& record = row.records[which];
  if (record->to == destination::dead_letter && !record->body.empty()) {
    auto shorter = *record;
    shorter.body.clear();
    std::erase_if(shorter.headers, [](const auto& each) { return each.first == dead_letter_answer_header; });
    record = shared_outgoing{std::move(shorter)};
    to_send.add_again(outbox::token_of(row.ticket, which), to_send.generation());
    return;
  }
  if (row.ended_by) {
    row.undelivered &= ~(1u << which);
    if (row.undelivered == 0)
      end(row);
    return;
  }
  auto whose = *row.identity;
  whose.why = fault::reply_too_large;
  end_in_fault(row, whose, true);
}

void dispatcher_state::send_again_later(std::uint64_t token) {
  log::warning("delivery_failed", {{"ticket", outbox::ticket_of(token)}});
  self->run_delayed(redelivery_delay, [this, token, generation = to_send.generation()] {
    to_send.add_again(token, generation);
    after();
  });
}

void dispatcher_state::end(in_flight_request& row) {
  if (!row.gone && !(reader_told && row.from == row.published_as))
    settled.finished.push_back(row.from);
  ended.add(row.from, now());
  if (row.ended_by)
    config.instruments->request_ended(row.kind, *row.ended_by);
  else
    config.instruments->request_ended_well(row.kind);
  if (row.dead_letter)
    config.instruments->dead_lettered(*row.ended_by);
  if (row.ended_by && !row.dead_letter)
    guard.told(now());
  else
    guard.ended(row.dead_letter, now());
  log::info("request_done",
            {{"id", row.id}, {"kind", row.kind == request_kind::photo ? "photo" : "text"},
             {"outcome", row.ended_by ? code_of(*row.ended_by) : std::string_view{"ok"}}, {"attempts", row.attempts},
             {"host", row.host}, {"model_ms", milliseconds_of(row.model_time)},
             {"total_ms", milliseconds_of(now() - row.received)}, {"partition", row.from.partition}, {"offset", row.from.offset}});
  drop(row);
}

} // namespace mp
