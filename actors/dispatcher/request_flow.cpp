#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <utility>

namespace mp {
namespace {

// Of an unusable answer the model is shown as much: an analysis of food has one or two kilobytes, and what is longer would push
// the question out of a small context.
constexpr std::size_t shown_answer_bytes_max = 8 * 1024;
// A call on trial ends soon, or its host rests.
constexpr auto trial_pause = std::chrono::seconds{1};

repair_note note_of(std::uint32_t round, std::string_view answer, std::string problem) {
  return {round, mend_utf8(answer.substr(0, shown_answer_bytes_max)), std::move(problem)};
}

} // namespace

// ---- in --------------------------------------------------------------------------------------------------------------

void dispatcher_state::take_in(const record_batch& batch) {
  for (const auto& each : batch.records)
    std::visit([this](const auto& record) { accept(record); }, each);
  after();
}

void dispatcher_state::arrived(std::size_t bytes) {
  if (!budget.received(bytes) && !draining && guard.open())
    log::error("demand_exceeded");
}

in_flight_request* dispatcher_state::accept(const origin& from, std::size_t bytes) {
  arrived(bytes);
  if (!ended.contains(from, now())) {
    auto* fresh = table.accept(from, bytes, now());
    if (fresh != nullptr && std::exchange(trial_coming, false))
      trial = fresh->ticket;
    if (auto* held = table.at(from); fresh == nullptr && held->adrift) {
      table.bring_ashore(*held);
      to_send.add(*held);
    }
    if (fresh == nullptr)
      trial_said_nothing();
    return fresh;
  }
  trial_said_nothing();
  config.metrics->records_skipped_as_finished(1);
  settled.finished.push_back(from);
  return nullptr;
}

void dispatcher_state::accept(const shared_request& question) {
  auto* row = accept(question->from, question->bytes);
  if (row == nullptr)
    return;
  row->kind = question->kind;
  row->id = question->id;
  row->question = question;
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
  if (auto retry_after = limiter.take(question->user_email, now())) {
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
  row->dead_letter = mp::row(bad->why).cure == remedy::dead_letter;
  if (!leave_to_producer(*row))
    enter(*row);
}

bool dispatcher_state::leave_to_producer(in_flight_request& row) {
  if (promised.erase(row.from.record()) == 0)
    return false;
  if (config.order_by_key)
    lanes.enter(row.id, row.ticket); // those behind it wait for its end
  row.at_producer = true;
  table.move(row, request_stage::publishing);
  return true;
}

bool dispatcher_state::may_begin(const in_flight_request& row) const {
  return !draining && !row.leaving && !row.gone && !row.unowned;
}

void dispatcher_state::take_back(in_flight_request& row) {
  row.at_producer = false;
  table.move(row, request_stage::waiting);
  if (!may_begin(row))
    hand_back(row);
  else if (!config.order_by_key || lanes.may_go(row.id, row.ticket))
    let_go_on(row);
}

void dispatcher_state::accept(const skipped_record& skipped) {
  arrived(skipped.bytes);
  trial_said_nothing();
  config.metrics->request_skipped();
  settled.finished.push_back(skipped.from);
}

void dispatcher_state::disown() {
  for (auto* row : table.all())
    row->unowned = true;
  for (auto* row : table.unbegun())
    drop(*row);
}

void dispatcher_state::catch_up(const partitions_taken& taken) {
  for (const auto& each : taken.partitions)
    for (auto* row : table.all()) {
      bool ended_elsewhere = row->from.offset < each.next
                             || std::binary_search(each.finished.begin(), each.finished.end(), row->from.offset);
      bool on_its_way = row->stage == request_stage::publishing && !row->adrift && !waits_for_topic(*row);
      bool concerned = row->unowned || row->from.epoch == each.epoch;
      if (!concerned || row->from.partition != each.partition || !ended_elsewhere || on_its_way)
        continue;
      call_off(*row);
    }
  after();
}

void dispatcher_state::let_go(const partitions_leaving& leaving_ones) {
  for (const auto& each : leaving_ones.partitions) {
    for (auto* row : table.of_partition(each.partition, each.epoch))
      row->leaving = true;
    for (auto* row : table.unbegun())
      if (row->leaving && row->from.partition == each.partition)
        hand_back(*row);
  }
  after();
}

void dispatcher_state::forget(const partitions_gone& gone) {
  std::vector<in_flight_request*> rows;
  for (const auto& each : gone.partitions)
    for (auto* row : table.of_partition(each.partition, each.epoch)) {
      row->gone = true;
      if (row->stage == request_stage::waiting || row->stage == request_stage::parked || (draining && row->stage != request_stage::publishing))
        rows.push_back(row);
      if (row->stage == request_stage::publishing && waits_for_topic(*row)) { // it will not be published here
        keep_answer(*row);
        rows.push_back(row);
      }
    }
  for (auto* row : rows)
    call_off(*row);
  after();
}

void dispatcher_state::call_off(in_flight_request& row) {
  if (row.stage == request_stage::assigned)
    cancel(row);
  drop(row);
}

void dispatcher_state::cancel(const in_flight_request& row) {
  if (auto worker = pool.worker_of(row.ticket))
    self->send(workers.at(*worker), cancel_call{row.ticket});
}

void dispatcher_state::holdings(const group_state& state) {
  partitions = state.partitions;
  reader_trouble = state.trouble;
  stalled = state.stalled;
  tell_monitor();
}

void dispatcher_state::tell_monitor() {
  if (monitor)
    self->send(monitor, intake_state{partitions, draining, flooded, reader_trouble, stalled});
}

// ---- to the model and back -------------------------------------------------------------------------------------------

void dispatcher_state::offer_work() {
  auto i = worker_ids.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  if (i == worker_ids.end())
    return;
  if (auto lost = pool.set_free(i->second); !lost)
    return;
  after();
}

void dispatcher_state::assign_waiting() {
  while (auto* row = table.next_waiting()) {
    if (row->kind == request_kind::photo) {
      auto standing = photos.standing(row->question->photo.view(), now());
      if (standing == photo_standing::poison) {
        fail_for_good(*row, fault::poison, true);
        continue;
      }
      if (standing == photo_standing::suspect) {
        if (is_being_asked(row->question->photo.view()))
          return;                                              // it finds out for all of them
        row->runner_deaths = std::max(row->runner_deaths, 1u); // that of another request with this photo
      }
    }
    if (auto turn = refusals.next_call(row->refusals, row->refused_at, now())) {
      table.park(*row, *turn);
      continue;
    }
    // One call at a time finds out how a host is: that of a user whose calls fail would find out nothing.
    if (only_trials() && fails_there(*row) && failing_count() < table.queued()) {
      table.park(*row, now() + trial_pause);
      continue;
    }
    // A suspect whose turn has come waits for a host without work, and all behind it wait, too: else there might never be one.
    auto worker = asked_alone(*row) ? pool.choose_alone(row->ticket, row->avoid) : pool.choose(row->ticket, row->avoid);
    if (!worker)
      return;
    refusals.called(row->refusals, row->refused_at, now());
    row->beside_photo = false;
    row->assigned_at = ++events;
    ++row->assignments;
    row->host = pool.host_of(*worker);
    if (row->assignments == 1) {
      row->first_assigned = now();
      config.metrics->queue_time(row->first_assigned - row->received);
    }
    table.move(*row, request_stage::assigned);
    std::optional<std::chrono::milliseconds> left;
    if (row->deadline)
      left = std::chrono::ceil<std::chrono::milliseconds>(*row->deadline - now());
    auto model = model_of(*row);
    if (model.refused && row->assignments == 1)
      config.metrics->model_not_allowed();
    self->send(workers.at(*worker), assignment{row->ticket, row->assignments, row->question, std::move(model.name), left, row->repair});
  }
}

routed_model dispatcher_state::model_of(const in_flight_request& row) const { return route(config.routes, *row.question); }

void dispatcher_state::call_done(const call_result& result) {
  auto* row = table.find(result.ticket, request_stage::assigned, result.attempt);
  if (row == nullptr)
    return; // of an older assignment, or its partition is gone
  row->model_time = result.duration;
  if (auto* answer = std::get_if<raw_answer>(&result.outcome)) {
    host_answered(*row);
    if (row->kind == request_kind::photo)
      photos.acquit(row->question->photo.view());
    note_answer(*row, result, *answer);
    row->answer = *answer;
    table.move(*row, request_stage::cleaning);
    send_to_cleaning(*row);
  } else if (auto& failure = std::get<call_failure>(result.outcome); mp::row(failure.why).cure == remedy::tell && failure.http_status == 0) {
    refuse(*row, failure.why);
  } else {
    log::info("call_failed", {{"id", row->id}, {"fault", code_of(failure.why)}, {"host", row->host},
                              {"status", failure.http_status}, {"attempt", row->attempts + 1}});
    config.metrics->answer_failed(row->kind, failure.why);
    call_failed(*row, failure, result.duration);
  }
  after();
}

void dispatcher_state::send_to_cleaning(in_flight_request& row) {
  if (const auto& sanitizer = sanitizers[static_cast<std::size_t>(lane_of(row.answer.text.size()))])
    self->send(sanitizer, cleaning_job{row.ticket, row.assignments, row.kind, row.answer.finish, row.answer.text,
                                       row.question->schema_json});
}

void dispatcher_state::cleaned(const cleaning_result& result) {
  auto* row = table.find(result.ticket, request_stage::cleaning, result.attempt);
  if (row == nullptr)
    return;
  row->problem = result.problem;
  if (auto* clean = std::get_if<clean_text>(&result.outcome)) {
    count_repair(*row, repair_outcome::repaired);
    config.metrics->answered(row->kind, quality_of(*row, *clean));
    end_well(*row, *clean);
  } else if (auto why = std::get<fault>(result.outcome); why == fault::invalid_answer && row->repair_rounds < config.repair_rounds) {
    ask_again(*row);
  } else {
    config.metrics->answer_failed(row->kind, why);
    failed(*row, {why});
  }
  after();
}

void dispatcher_state::ask_again(in_flight_request& row) {
  config.metrics->call_failed(fault::invalid_answer);
  count_repair(row, repair_outcome::still_invalid);
  ++row.repair_rounds;
  row.repair = note_of(row.repair_rounds, row.answer.text.view(), row.problem);
  row.answer = {};
  log::info("answer_asked_again", {{"id", row.id}, {"host", row.host}, {"round", row.repair_rounds}});
  table.move(row, request_stage::waiting);
  if (!may_begin(row))
    hand_back(row);
  else if (row.deadline && *row.deadline <= now())
    expire(row);
  else
    table.queue(row);
}

void dispatcher_state::count_repair(const in_flight_request& row, repair_outcome outcome) {
  if (row.repair)
    config.metrics->repair_round_ended(outcome);
}

bool dispatcher_state::is_being_asked(std::string_view photo) {
  auto asked = table.in_stage(request_stage::assigned);
  return std::any_of(asked.begin(), asked.end(), [&](const auto* each) { return each->question->photo.view() == photo; });
}

bool dispatcher_state::asked_alone(const in_flight_request& row) {
  return row.runner_deaths >= (row.kind == request_kind::photo ? 1u : 2u);
}

void dispatcher_state::hand_back(in_flight_request& row) {
  if (!row.gone)
    settled.handed_back.push_back(row.from);
  drop(row);
}

} // namespace mp
