#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"
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
  config.metrics->mended(clean.mends);
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
  keep_gone(followers);
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
    each->of_own_model = model_of(*each).of_its_own;
    end_in_fault(*each, whose, dead_letter);
  }
  keep_gone(followers);
}

/// The port has examined the request and made no model call.
void dispatcher_state::refuse(in_flight_request& row, fault why) {
  table.move(row, request_stage::waiting);
  if (row.attempts + row.repair_rounds == 0)
    row.host.clear();
  fail_for_good(row, why, false);
}

void dispatcher_state::end_in_fault(in_flight_request& row, const bad_record& whose, bool dead_letter) {
  row.ended_by = whose.why;
  row.dead_letter = dead_letter;
  if (!dead_letter) // should the error reply not be taken
    row.identity = shared_value<bad_record>{whose};
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
  row.publishing_since = now();
  table.resize(row, bytes);
  table.move(row, request_stage::publishing);
  if (row.undelivered == 0)
    end(row); // neither reply nor dead letter: cannot happen with the table of faults, but must not hang
  else if (!row.gone)
    to_send.add(row);
}

void dispatcher_state::keep_answer(const in_flight_request& row) {
  if (row.attempts > 0 && !draining) // an end without a call costs nothing
    kept.add(row.from.record(),
             {row.records, row.ended_by, row.dead_letter, row.identity, row.attempts, row.repair_rounds, row.host, row.model_time,
              row.bytes},
             now());
}

void dispatcher_state::keep_gone(const std::vector<in_flight_request*>& ended_now) {
  for (auto* row : ended_now)
    if (row->gone) {
      keep_answer(*row);
      drop(*row);
    }
}

bool dispatcher_state::use_kept_answer(in_flight_request& row) {
  auto answer = kept.take(row.from.record(), now());
  if (!answer)
    return false;
  log::info("kept_answer_used", {{"id", row.id}, {"partition", row.from.partition}, {"offset", row.from.offset}});
  config.metrics->kept_answer_used();
  row.records = std::move(answer->records);
  row.ended_by = answer->ended_by;
  row.dead_letter = answer->dead_letter;
  row.identity = std::move(answer->identity);
  row.attempts = answer->attempts;
  row.repair_rounds = answer->repair_rounds;
  row.host = std::move(answer->host);
  row.model_time = answer->model_time;
  enter(row);
  return true;
}

void dispatcher_state::send_records() {
  if (!producer)
    return;
  publication batch;
  for (auto& each : to_send.take(table, destinations, now()))
    batch.records.push_back({each.which, std::move(each.record), each.from,
                             static_cast<std::uint8_t>(outbox::record_of(each.which)), each.undelivered, each.trial});
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
  auto which = outbox::record_of(each.token);
  auto bit = 1u << which;
  if (row == nullptr || row->stage != request_stage::publishing || (row->undelivered & bit) == 0)
    return; // of an earlier producer; sent again since
  switch (each.result) {
    case delivery_result::acknowledged:
      topic_acknowledged(row->records[which]->to);
      row->undelivered &= ~bit;
      if (row->undelivered == 0)
        end(*row);
      else
        row->published_as = {}; // the rest may be on its way as a part of the whole, of which the producer has forgotten this record
      break;
    case delivery_result::too_large:
    case delivery_result::invalid: not_taken(*row, which, each); break;
    case delivery_result::rejected: rejected(*row, which, each); break;
    case delivery_result::topic_refuses: wait_for_topic(*row, which, each.code); break;
    case delivery_result::failed: send_again_later(each.token, each.code); break;
    case delivery_result::withdrawn: to_send.add_again(each.token, to_send.generation()); break;
  }
}

void dispatcher_state::take_stale(const stale_record& stale) {
  to_send.returned();
  destinations.said_nothing(outbox::ticket_of(stale.token), now());
  auto* row = table.find(outbox::ticket_of(stale.token));
  if (row == nullptr || row->stage != request_stage::publishing || row->adrift)
    return;
  if (row->from != stale.from) { // read again meanwhile
    to_send.add_again(stale.token, to_send.generation());
  } else if (row->gone || draining) {
    keep_answer(*row);
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

void dispatcher_state::send_again_later(std::uint64_t token, const std::string& code) {
  log::warning("delivery_failed", {{"ticket", outbox::ticket_of(token)}, {"code", code}});
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
    config.metrics->request_ended(row.kind, *row.ended_by);
  else
    config.metrics->request_ended_well(row.kind);
  if (row.dead_letter)
    config.metrics->dead_lettered(*row.ended_by);
  guard.ended(fails_alone(row) ? end_sign::none : sign_of({row.ended_by, row.dead_letter, row.attempts, row.of_own_model}), now());
  if (row.attempts > 0 && trial == row.ticket)
    trial.reset(); // it did say something
  log::info("request_done",
            {{"id", row.id}, {"kind", row.kind == request_kind::photo ? "photo" : "text"},
             {"outcome", row.ended_by ? code_of(*row.ended_by) : std::string_view{"ok"}}, {"attempts", row.attempts},
             {"host", row.host}, {"model_ms", milliseconds_of(row.model_time)},
             {"total_ms", milliseconds_of(now() - row.received)}, {"partition", row.from.partition}, {"offset", row.from.offset}});
  drop(row);
}

} // namespace mp
