#define CAF_SUITE in_flight_request
#include "tests/support/test.hpp"

#include "actors/dispatcher/in_flight_request.hpp"

#include <functional>
#include <string>
#include <vector>

using namespace mp;
using stage = request_stage;

namespace {

/// A row as the dispatcher leaves it in this stage.
in_flight_request row_in(stage at) {
  in_flight_request row;
  row.ticket = 1;
  row.stage = at;
  request asked;
  asked.prompt_json = text_slice{std::string{"\"How much?\""}};
  row.question = shared_request{asked};
  if (at == stage::parked || at == stage::assigned || at == stage::cleaning)
    row.host = "a", row.assignments = 1;
  if (at == stage::cleaning)
    row.answer.text = text_slice{std::string{"much"}};
  if (at == stage::publishing || at == stage::awaiting_redelivery) {
    row.question = {};
    row.records.resize(1);
    row.undelivered = 1;
  }
  return row;
}

constexpr auto stages = {stage::waiting,  stage::following,  stage::parked,           stage::assigned,
                         stage::cleaning, stage::publishing, stage::held_by_producer, stage::awaiting_redelivery};

bool is_legal(const in_flight_request& row) { return check_consistent(row) == nullptr; }

bool is_legal(stage at, const std::function<void(in_flight_request&)>& change) {
  auto row = row_in(at);
  change(row);
  return is_legal(row);
}

/// The stages in which the change is legal.
std::vector<stage> legal_in(const std::function<void(in_flight_request&)>& change) {
  std::vector<stage> legal;
  for (auto each : stages)
    if (is_legal(each, change))
      legal.push_back(each);
  return legal;
}

using stage_list = std::vector<stage>;

} // namespace

TEST_CASE("a row is legal in each stage as the dispatcher leaves it there") {
  CHECK_EQ(stages.size(), request_stage_count);
  for (auto each : stages)
    CHECK(is_legal(row_in(each)));
}

TEST_CASE("a stage is unbegun, in work or ended") {
  stage_list unbegun, ended;
  for (auto each : stages) {
    if (is_unbegun(each))
      unbegun.push_back(each);
    if (is_ended(each))
      ended.push_back(each);
  }
  CHECK(unbegun == (stage_list{stage::waiting, stage::following, stage::parked}));
  CHECK(ended == (stage_list{stage::publishing, stage::held_by_producer, stage::awaiting_redelivery}));
}

TEST_CASE(
  "a partition that was revoked stays so when its reader dies, and what a dead reader had is not being revoked") {
  using enum ownership;
  CHECK(on_revoking(assigned) == revoking);
  CHECK(on_revoking(revoked) == revoked);
  CHECK(on_revoking(reader_lost) == reader_lost);
  CHECK(on_reader_lost(assigned) == reader_lost);
  CHECK(on_reader_lost(revoking) == reader_lost);
  CHECK(on_reader_lost(revoked) == revoked);
}

TEST_CASE("only what a worker has taken outlives the assignment of its partition") {
  for (auto each : {ownership::revoking, ownership::revoked, ownership::reader_lost})
    CHECK(legal_in([&](auto& row) { row.owner = each; })
          == (stage_list{stage::assigned, stage::cleaning, stage::publishing, stage::held_by_producer,
                         stage::awaiting_redelivery}));
}

TEST_CASE("records are held only by what is published here, and by a kept answer that waits for its turn") {
  CHECK(legal_in([](auto& row) { row.records.resize(2); })
        == (stage_list{stage::waiting, stage::publishing, stage::awaiting_redelivery}));
  CHECK(legal_in([](auto& row) { row.undelivered = 0; })
        == (stage_list{stage::waiting, stage::following, stage::parked, stage::assigned, stage::cleaning,
                       stage::held_by_producer}));
  CHECK(legal_in([](auto& row) { row.records.resize(1), row.undelivered = 2; }).empty());
  CHECK(legal_in([](auto& row) { row.records.resize(2), row.undelivered = 2; })
        == (stage_list{stage::publishing, stage::awaiting_redelivery}));
}

TEST_CASE("a request with its end waits for its turn or is published") {
  CHECK(legal_in([](auto& row) { row.ended_by = fault::rate_limited; })
        == (stage_list{stage::waiting, stage::publishing, stage::held_by_producer, stage::awaiting_redelivery}));
  CHECK(!is_legal(stage::waiting, [](auto& row) { row.ended_by = fault::model_error, row.attempts = 1; }));
  CHECK(is_legal(stage::waiting,
                 [](auto& row) { row.ended_by = fault::model_error, row.attempts = 1, row.records.resize(1); }));
}

TEST_CASE("a dead letter is of an end in error") {
  CHECK(legal_in([](auto& row) { row.dead_letter = true; }).empty());
  CHECK(is_legal(stage::publishing, [](auto& row) { row.dead_letter = true, row.ended_by = fault::model_error; }));
}

TEST_CASE("an answer is held until it is cleaned, and for what is published") {
  CHECK(legal_in([](auto& row) { row.answer.text = text_slice{std::string{"much"}}; })
        == (stage_list{stage::cleaning, stage::publishing, stage::held_by_producer, stage::awaiting_redelivery}));
}

TEST_CASE("a question is held until its request has its end") {
  request photo;
  photo.photo = text_slice{std::string{"AAAA"}};
  CHECK(!is_legal(stage::publishing, [&](auto& row) { row.question = shared_request{photo}; }));
  CHECK(!is_legal(stage::awaiting_redelivery, [&](auto& row) { row.question = shared_request{photo}; }));
  CHECK(is_legal(stage::waiting, [&](auto& row) { row.question = shared_request{photo}; }));
}

TEST_CASE("a call is in doubt only while its request is parked") {
  CHECK(legal_in([](auto& row) { row.broke_off = broken_call{}; }) == stage_list{stage::parked});
}

TEST_CASE("what a worker or the sanitizer has was given to a host") {
  for (auto each : {stage::assigned, stage::cleaning}) {
    CHECK(!is_legal(each, [](auto& row) { row.host.clear(); }));
    CHECK(!is_legal(each, [](auto& row) { row.assignments = 0; }));
  }
  CHECK(!is_legal(stage::held_by_producer, [](auto& row) { row.assignments = 1; }));
}

TEST_CASE("the note for a repair round is of the present one") {
  auto note = [](std::uint32_t round) {
    return [round](auto& row) { row.reask = reask_note{round, {}, {}}, row.reask_rounds = 1; };
  };
  CHECK(is_legal(stage::waiting, note(1)));
  CHECK(!is_legal(stage::waiting, note(2)));
  CHECK(!is_legal(stage::publishing, note(1)));
}

TEST_CASE("a row without a ticket or in no stage is of no request") {
  CHECK(legal_in([](auto& row) { row.ticket = 0; }).empty());
  CHECK(!is_legal(stage::waiting, [](auto& row) { row.stage = static_cast<stage>(request_stage_count); }));
}
