#pragma once
// What is known of one request between its receipt and its end. No actors.

#include "messages/answer.hpp"
#include "messages/outgoing.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

enum class request_stage : std::uint8_t {
  waiting,             ///< for a free worker
  following,           ///< for the end of an equal request that is worked on, which will be its own
  parked,              ///< until its retry is due
  assigned,            ///< a worker calls the model
  cleaning,            ///< the sanitizer works on the answer
  publishing,          ///< its records are on their way to the broker
  held_by_producer,    ///< likewise, but an earlier dispatcher has handed them over: they are not here
  awaiting_redelivery, ///< its records can be published after a reader has read it again, see stale_record
};
inline constexpr std::size_t request_stage_count = 8;

/// No worker has taken it yet, or it is put back.
constexpr bool is_unbegun(request_stage stage) {
  return stage == request_stage::waiting || stage == request_stage::following || stage == request_stage::parked;
}

/// It has had its end, which only remains to be published.
constexpr bool is_ended(request_stage stage) {
  return stage == request_stage::publishing || stage == request_stage::held_by_producer
         || stage == request_stage::awaiting_redelivery;
}

/// Whether the partition of a request is this service's, as far as its reader has reported. Kafka's words.
enum class ownership : std::uint8_t {
  assigned,
  revoking,    ///< the partition is about to be taken away: nothing new is begun for it
  revoked,     ///< it was taken away: the end of the request no longer concerns the reader
  reader_lost, ///< the reader has died, and no other has read the request again
};

/// What an owner becomes when the reader reports that its partition is being revoked.
constexpr ownership on_revoking(ownership before) {
  return before == ownership::assigned ? ownership::revoking : before;
}

/// What it becomes when its reader dies: whose a revoked partition is does not change with that.
constexpr ownership on_reader_lost(ownership before) {
  return before == ownership::revoked ? before : ownership::reader_lost;
}

/// A call that broke off, and what was known then.
struct broken_call {
  fault why = fault::stream_cut;
  bool refused = false;
  bool host_was_well = false;
};

/// One request. The dispatcher changes everything but the stage, which only the table moves.
struct in_flight_request {
  std::uint64_t ticket = 0;
  origin from;
  request_kind kind = request_kind::text;
  request_stage stage = request_stage::waiting;
  ownership owner = ownership::assigned;
  shared_request question;          ///< a default one for a bad record
  std::string id;                   ///< for the log
  std::size_t bytes = 0;            ///< what it holds in memory, roughly
  std::string model;                ///< canonical name of the one it is routed to
  std::uint8_t model_group = 0;     ///< hosts::group_of(model)

  std::uint32_t assignments = 0;    ///< number of the present assignment
  unsigned attempts = 0;            ///< calls charged
  unsigned runner_deaths = 0;       ///< at which it was present, or its photo with another request
  bool beside_photo = false;        ///< assigned: another request's photo was at its host when a runner died there
  unsigned waits = 0;               ///< times put back without a charge
  unsigned refusals =
    0;            ///< times that an HTTP status in Ollama's place refused it; of a busy host from the second wait on
  std::uint64_t assigned_at = 0;    ///< the present or last assignment among the dispatcher's events
  std::uint64_t refused_at = 0;     ///< the last refusal among them that was not for being busy, 0: none
  std::optional<broken_call>
    broke_off; ///< parked: its call broke off, and whether the whole server died is not known yet
  std::string host;                 ///< of the present or last assignment
  bool adopts = false; ///< assigned: to no worker, it waits for the end of a call that another node holds
  bool called_remotely = false; ///< another node has worked on it, and keeps its answer until it has had its end
  bool had_useless_answer = false; ///< a call has answered, and the answer could not be used
  std::string avoid; ///< host to avoid next time
  unsigned reask_rounds = 0; ///< further calls because the answer could not be used
  std::optional<reask_note> reask; ///< of the present round
  std::string problem; ///< what is wrong with `answer`; may quote it: never logged
  std::optional<std::chrono::steady_clock::time_point> deadline; ///< set by the table

  raw_answer answer; ///< set from cleaning on
  std::vector<shared_outgoing> records; ///< set from publishing on
  unsigned undelivered = 0; ///< bit i: record i is not acknowledged yet
  unsigned rejections = 0; ///< times one of its records was refused for a reason that may be the record's
  std::uint64_t rejected_at = 0; ///< what its topic had acknowledged at the first of them
  std::chrono::steady_clock::time_point publishing_since{};
  std::chrono::steady_clock::time_point awaiting_since{}; ///< awaiting_redelivery: since when
  shared_value<bad_record> identity; ///< whose it is, should the reply turn out to be too large
  std::optional<fault> ended_by; ///< empty: it ends well
  origin published_as; ///< its origin when its records last went to the producer
  bool dead_letter = false; ///< one of the records is a dead letter
  bool of_own_model = false; ///< ended in error: it named a model that no route leads to
  bool fails_alone = false; ///< ended in error: its host answered others than its user then

  std::chrono::steady_clock::time_point received{};
  std::chrono::steady_clock::time_point first_assigned{};
  std::chrono::nanoseconds model_time{0};
};

/// Null when the fields of the row are a combination that is legal between two messages, else what is not. In builds
/// with checks (dispatcher_config::rows_checked) the dispatcher crashes for it.
const char* check_consistent(const in_flight_request& row);

} // namespace mp
