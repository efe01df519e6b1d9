#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"

#include <utility>

namespace mp {
namespace {

double milliseconds_of(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

} // namespace

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
  auto followers = order.take_followers(row, table);
  for (auto* each : followers) { // one call, an end for each
    each->answer = row.answer;
    each->attempts = row.attempts;
    each->reask_rounds = row.reask_rounds;
    each->host = row.host;
    each->model_time = row.model_time;
  }
  followers.insert(followers.begin(), &row);
  for (auto* each : followers) {
    each->identity = shared_value<bad_record>{whose_end(*each->question)};
    publish(*each, {records_of_answer(*each, clean, facts(each->kind))});
  }
  keep_revoked(followers);
}

void dispatcher_state::fail_for_good(in_flight_request& row, fault why, bool dead_letter) {
  if (row.stage != request_stage::waiting) // else no call was made for this end
    ++row.attempts;
  count_reask(row, why == fault::invalid_answer ? reask_outcome::still_invalid : reask_outcome::failed);
  auto followers = order.take_followers(row, table);
  for (auto* each : followers) {
    each->attempts = row.attempts;
    each->reask_rounds = row.reask_rounds;
    each->host = row.host;
    each->answer = row.answer;
    each->problem = row.problem;
  }
  followers.insert(followers.begin(), &row);
  for (auto* each : followers) {
    auto whose = whose_end(*each->question);
    whose.why = why;
    each->of_own_model = model_of(*each).of_its_own;
    each->fails_alone =
      hosts.fails_alone(each->host, each->question->user_email, now()); // the question is given up with publish()
    end_in_fault(*each, whose, dead_letter);
  }
  keep_revoked(followers);
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
  row.reask.reset();
  row.broke_off.reset(); // its deadline may have come first
  row.problem.clear();
  row.records = std::move(records);
  row.undelivered = (1u << row.records.size()) - 1;
  row.publishing_since = now();
  table.resize(row, bytes);
  table.move(row, request_stage::publishing);
  if (row.undelivered == 0)
    end(row); // neither reply nor dead letter: cannot happen with the table of faults, but must not hang
  else if (row.owner != ownership::revoked)
    publishing.add(row);
}

void dispatcher_state::keep_answer(const in_flight_request& row) {
  if (!draining.begun)
    publishing.keep(row, now());
}

void dispatcher_state::keep_revoked(const std::vector<in_flight_request*>& ended_now) {
  for (auto* row : ended_now)
    if (row->owner == ownership::revoked) {
      keep_answer(*row);
      drop(*row);
    }
}

void dispatcher_state::end(in_flight_request& row) {
  publishing.ended(row, now());
  if (row.called_remotely) { // whoever reads the record of a partition that is gone may still need the answer
    bool is_ours = row.owner == ownership::assigned || row.owner == ownership::revoking;
    (is_ours ? nodes.settled : nodes.released).push_back(row.from.record());
  }
  if (row.ended_by)
    config.metrics->request_ended(row.kind, *row.ended_by);
  else
    config.metrics->request_ended_well(row.kind);
  if (row.dead_letter)
    config.metrics->dead_lettered(*row.ended_by);
  auto sign =
    row.fails_alone ? end_sign::none : sign_of({row.ended_by, row.dead_letter, row.attempts, row.of_own_model});
  intake.ended(row.ticket, row.attempts > 0, sign, now());
  log::info("request_done", {{"id", row.id},
                             {"kind", row.kind == request_kind::photo ? "photo" : "text"},
                             {"outcome", row.ended_by ? code_of(*row.ended_by) : std::string_view{"ok"}},
                             {"attempts", row.attempts},
                             {"host", row.host},
                             {"model_ms", milliseconds_of(row.model_time)},
                             {"total_ms", milliseconds_of(now() - row.received)},
                             {"partition", row.from.partition},
                             {"offset", row.from.offset}});
  drop(row);
}

} // namespace mp
