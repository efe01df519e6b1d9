#include "actors/dispatcher/dispatcher_state.hpp"

#include "messages/model_name.hpp"

#include "actors/telemetry/log.hpp"

#include <utility>

namespace mp {

void dispatcher_state::take_in(const record_batch& batch) {
  for (const auto& each : batch.records)
    std::visit([this](const auto& record) { accept(record); }, each);
  after();
}

void dispatcher_state::arrived(std::size_t bytes) {
  if (!intake.arrived(bytes) && !draining.begun)
    log::error("demand_exceeded");
}

in_flight_request* dispatcher_state::accept(const origin& from, std::size_t bytes) {
  arrived(bytes);
  if (publishing.has_ended(from, now())) {
    intake.said_nothing(now());
    config.metrics->records_skipped_as_finished(1);
    publishing.finished(from);
    return nullptr;
  }
  auto* fresh = table.accept(from, bytes, now());
  if (fresh != nullptr) {
    intake.accepted(fresh->ticket);
  } else {
    intake.said_nothing(now());
    publishing.redelivered(*table.at(from), table);
  }
  return fresh;
}

void dispatcher_state::accept(const shared_request& question) {
  auto* row = accept(question->from, question->bytes);
  if (row == nullptr)
    return;
  row->kind = question->kind;
  row->id = question->id;
  row->question = question;
  row->model = canonical_model_name(model_of(*row).name);
  row->model_group = hosts.group_of(row->model);
  if (leave_to_producer(*row))
    return;
  if (!may_begin(*row)) {
    hand_back(*row);
    return;
  }
  if (use_kept_answer(*row))
    return;
  if (auto when = deadline_of(*question))
    table.set_deadline(*row, *when);
  if (auto retry_after = intake.over_limit(question->user_email, now())) {
    auto whose = whose_end(*question);
    whose.why = fault::rate_limited;
    whose.retry_after = retry_after;
    row->identity = shared_value<bad_record>{std::move(whose)};
    row->ended_by = fault::rate_limited;
  }
  enter(*row);
}

void dispatcher_state::accept(const shared_value<bad_record>& bad) {
  auto* row = accept(bad->from, bad->bytes);
  if (row == nullptr)
    return;
  row->kind = bad->kind;
  row->id = bad->id;
  row->identity = bad;
  row->ended_by = bad->why;
  row->dead_letter = info_of(bad->why).retry == retry_class::dead_letter;
  if (!leave_to_producer(*row))
    enter(*row);
}

void dispatcher_state::accept(const skipped_record& skipped) {
  arrived(skipped.bytes);
  intake.said_nothing(now());
  config.metrics->request_skipped();
  publishing.finished(skipped.from);
}

bool dispatcher_state::leave_to_producer(in_flight_request& row) {
  if (!publishing.take_held(row.from.record()))
    return false;
  order.enter_in_front(row);
  table.move(row, request_stage::held_by_producer);
  return true;
}

void dispatcher_state::take_back(in_flight_request& row) {
  table.move(row, request_stage::waiting);
  if (!may_begin(row))
    hand_back(row);
  else if (order.has_turn(row))
    admit(row);
}

bool dispatcher_state::use_kept_answer(in_flight_request& row) {
  auto answer = publishing.take_kept(row.from.record(), now());
  if (!answer)
    return false;
  log::info("kept_answer_used", {{"id", row.id}, {"partition", row.from.partition}, {"offset", row.from.offset}});
  config.metrics->kept_answer_used();
  row.records = std::move(answer->records);
  row.ended_by = answer->ended_by;
  row.dead_letter = answer->dead_letter;
  row.identity = std::move(answer->identity);
  row.attempts = answer->attempts;
  row.reask_rounds = answer->reask_rounds;
  row.host = std::move(answer->host);
  row.model_time = answer->model_time;
  enter(row);
  return true;
}

std::optional<dispatcher_state::time_point> dispatcher_state::deadline_of(const request& question) const {
  if (!question.deadline_ms)
    return std::nullopt;
  using std::chrono::milliseconds;
  // More than a day is as good as never, and senders' absurd numbers stay out of the clock's arithmetic.
  constexpr milliseconds far = std::chrono::hours{24};
  auto wall = std::chrono::floor<milliseconds>(config.wall_clock().time_since_epoch());
  milliseconds when{*question.deadline_ms};
  if (when > wall + far)
    return std::nullopt;
  return when > wall ? now() + (when - wall) : now();
}

} // namespace mp
