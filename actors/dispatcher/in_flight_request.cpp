#include "actors/dispatcher/in_flight_request.hpp"

#include <bit>

namespace mp {
namespace {

/// Its model has not been called, or has to be called once more.
const char* check_unbegun(const in_flight_request& row) {
  if (row.owner != ownership::assigned)
    return "a request waits although its partition is not this service's";
  if (row.undelivered != 0)
    return "a request waits whose records are being published";
  if (!row.answer.text.view().empty())
    return "a request waits that has an answer";
  if (row.stage != request_stage::waiting && (row.ended_by || !row.records.empty()))
    return "a request that has its end is parked or follows another one";
  if (row.ended_by && row.records.empty() && row.attempts + row.assignments > 0)
    return "a request waits whose end after a call has no records";
  return nullptr;
}

/// A worker or the sanitizer has it.
const char* check_in_work(const in_flight_request& row) {
  if (row.assignments == 0 || row.host.empty())
    return "a request is at a host that was not chosen";
  if (row.ended_by || !row.records.empty() || row.undelivered != 0)
    return "a request is at a host that has its end";
  if (row.stage == request_stage::assigned && !row.answer.text.view().empty())
    return "a request is at a host that has an answer";
  return nullptr;
}

const char* check_published(const in_flight_request& row) {
  if (row.undelivered == 0)
    return "a request is being published that has no record left to publish";
  if (static_cast<std::size_t>(std::bit_width(row.undelivered)) > row.records.size())
    return "a request is being published without its records";
  if (row.reask || !row.question->prompt_json.view().empty() || !row.question->photo.view().empty())
    return "a request is being published that still holds its question";
  return nullptr;
}

const char* check_stage(const in_flight_request& row) {
  switch (row.stage) {
    case request_stage::waiting:
    case request_stage::following:
    case request_stage::parked: return check_unbegun(row);
    case request_stage::assigned:
    case request_stage::cleaning: return check_in_work(row);
    case request_stage::publishing:
    case request_stage::awaiting_redelivery: return check_published(row);
    case request_stage::held_by_producer:
      return row.assignments > 0 || !row.records.empty() || row.undelivered != 0
               ? "a request whose records the producer holds has an end of its own"
               : nullptr;
  }
  return "a request is in no stage";
}

} // namespace

const char* check_consistent(const in_flight_request& row) {
  if (row.ticket == 0)
    return "a request has no ticket";
  if (row.broke_off && row.stage != request_stage::parked)
    return "a call is in doubt whose request is not parked";
  if (row.adopts && (row.stage != request_stage::assigned || !row.called_remotely))
    return "a request waits for a call at another node that is not assigned there";
  if (row.dead_letter && !row.ended_by)
    return "a dead letter is published for a request that ends well";
  if (row.reask && row.reask_rounds != row.reask->round)
    return "the note for a re-ask is of another round";
  return check_stage(row);
}

} // namespace mp
