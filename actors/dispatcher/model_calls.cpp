#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"
#include "messages/json/utf8.hpp"

#include <utility>

namespace mp {
namespace {

// Of an unusable answer the model is shown as much: an analysis of food has one or two kilobytes, and what is longer
// would push the question out of a small context.
constexpr std::size_t shown_answer_bytes_max = 8 * 1024;

reask_note note_of(std::uint32_t round, std::string_view answer, std::string problem) {
  return {round, mend_utf8(answer.substr(0, shown_answer_bytes_max)), std::move(problem)};
}

} // namespace

void dispatcher_state::offer_work() {
  auto i = workers.ids.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  if (i == workers.ids.end())
    return;
  if (hosts.set_free(i->second))
    after();
}

bool dispatcher_state::withdraw_demand() {
  auto i = workers.ids.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  return i != workers.ids.end() && hosts.set_not_free(i->second);
}

void dispatcher_state::assign_waiting() {
  using verdict = mp::hosts::placement::verdict;
  if (nodes.awaited)
    return;
  while (auto* row = table.next_waiting(hosts.held_back())) {
    auto place = hosts.place(*row, table, now());
    switch (place.what) {
      case verdict::wait: return;
      case verdict::later: table.park(*row, place.due); break;
      case verdict::poison: fail_for_good(*row, fault::poison, true); break;
      case verdict::given: assign(*row, place.worker); break;
    }
  }
}

void dispatcher_state::begin_assignment(in_flight_request& row) {
  ++row.assignments;
  if (row.assignments == 1) {
    row.first_assigned = now();
    config.metrics->queue_time(row.first_assigned - row.received);
  }
  table.move(row, request_stage::assigned);
}

void dispatcher_state::assign(in_flight_request& row, worker_pool::worker_id worker) {
  begin_assignment(row);
  row.called_remotely = workers.remote_hosts.contains(row.host);
  std::optional<std::chrono::milliseconds> left;
  if (row.deadline)
    left = std::chrono::ceil<std::chrono::milliseconds>(*row.deadline - now());
  auto model = model_of(row);
  if (model.refused && row.assignments == 1)
    config.metrics->model_not_allowed();
  self->send(workers.by_id.at(worker), assignment{row.ticket, row.assignments, row.question, std::move(model.name),
                                                  left, row.reask, row.had_useless_answer});
}

routed_model dispatcher_state::model_of(const in_flight_request& row) const {
  return route(config.routes, *row.question);
}

void dispatcher_state::cancel(const in_flight_request& row) {
  if (row.adopts)
    self->send(nodes.actor, cancel_call{row.ticket});
  else if (auto worker = hosts.worker_of(row.ticket))
    self->send(workers.by_id.at(*worker), cancel_call{row.ticket});
}

/// The slot of another node may be offered to another reader next: then this worker requests nothing for a while.
void dispatcher_state::remote_worker_done() {
  if (workers.remote_hosts.empty())
    return;
  auto i = workers.ids.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  if (i != workers.ids.end() && workers.remote_hosts.contains(hosts.host_of(i->second)))
    hosts.set_idle(i->second);
}

void dispatcher_state::call_done(const call_result& result) {
  remote_worker_done();
  auto* row = table.find(result.ticket, request_stage::assigned, result.call_number);
  if (row == nullptr)
    return; // of an older assignment, or its partition is gone
  row->model_time = result.duration;
  bool was_adopted = std::exchange(row->adopts, false);
  if (auto* answer = std::get_if<raw_answer>(&result.outcome)) {
    if (!was_adopted) // when and where it was made tells nothing of a host now
      note_answer(*row, result, *answer);
    row->answer = *answer;
    table.move(*row, request_stage::cleaning);
    send_to_cleaning(*row);
  } else if (was_adopted) {
    adoption_ended(*row);
  } else if (auto& failure = std::get<call_failure>(result.outcome); failure.why == fault::node_lost) {
    failed(*row, {fault::node_lost});
  } else if (info_of(failure.why).retry == retry_class::tell && failure.http_status == 0) {
    refuse(*row, failure.why);
  } else {
    log::info("call_failed", {{"id", row->id},
                              {"fault", code_of(failure.why)},
                              {"host", row->host},
                              {"status", failure.http_status},
                              {"attempt", row->attempts + 1}});
    config.metrics->answer_failed(row->kind, failure.why);
    call_failed(*row, failure, result.duration);
  }
  after();
}

void dispatcher_state::note_answer(const in_flight_request& row, const call_result& result, const raw_answer& answer) {
  auto model = model_of(row);
  config.metrics->model_time(row.kind, result.duration);
  config.metrics->tokens(model.label, answer.prompt_tokens, answer.answer_tokens);
  config.metrics->answer_speed(model.label, answer.answer_tokens, answer.answer_time);
  auto found = hosts.answered(row, model, answer, result.duration, now());
  if (found.reloaded)
    config.metrics->model_reloaded(row.host, model.label);
  if (found.often && *found.often)
    log::warning(
      "model_reloads_often",
      {{"host", row.host},
       {"model", model.label},
       {"advice",
        "other users of the host, OLLAMA_MAX_LOADED_MODELS or its memory make it load models again and again"}});
  else if (found.often)
    log::info("model_reloads_over", {{"host", row.host}});
}

/// The port has examined the request and made no model call.
void dispatcher_state::refuse(in_flight_request& row, fault why) {
  table.move(row, request_stage::waiting);
  if (row.attempts + row.reask_rounds == 0)
    row.host.clear();
  fail_for_good(row, why, false);
}

void dispatcher_state::send_to_cleaning(in_flight_request& row) {
  if (const auto& sanitizer = sanitizers[static_cast<std::size_t>(lane_of(row.answer.text.size()))])
    self->send(sanitizer, cleaning_job{row.ticket, row.assignments, row.kind, row.answer.finish, row.answer.text,
                                       row.question->schema_json});
}

void dispatcher_state::cleaned(const cleaning_result& result) {
  auto* row = table.find(result.ticket, request_stage::cleaning, result.call_number);
  if (row == nullptr)
    return;
  row->problem = result.problem;
  if (auto* clean = std::get_if<clean_text>(&result.outcome)) {
    count_reask(*row, reask_outcome::usable);
    config.metrics->answered(row->kind, quality_of(*row, *clean));
    end_well(*row, *clean);
  } else {
    forget_answer(*row);
    auto why = std::get<fault>(result.outcome);
    if (why == fault::invalid_answer && row->reask_rounds < config.reask_rounds) {
      ask_again(*row);
    } else {
      config.metrics->answer_failed(row->kind, why);
      failed(*row, {why});
    }
  }
  after();
}

void dispatcher_state::ask_again(in_flight_request& row) {
  config.metrics->call_failed(fault::invalid_answer);
  count_reask(row, reask_outcome::still_invalid);
  ++row.reask_rounds;
  row.reask = note_of(row.reask_rounds, row.answer.text.view(), row.problem);
  row.answer = {};
  log::info("answer_asked_again", {{"id", row.id}, {"host", row.host}, {"round", row.reask_rounds}});
  wait_again(row);
}

/// The request waits for a worker as if it had just come.
void dispatcher_state::wait_again(in_flight_request& row) {
  table.move(row, request_stage::waiting);
  if (!may_begin(row))
    hand_back(row);
  else if (row.deadline && *row.deadline <= now())
    expire(row);
  else
    table.queue(row);
}

void dispatcher_state::count_reask(const in_flight_request& row, reask_outcome outcome) {
  if (row.reask)
    config.metrics->reask_ended(outcome);
}

} // namespace mp
