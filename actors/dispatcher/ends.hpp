#pragma once
// What is published at the end of a request. Values in, values out.

#include "actors/dispatcher/in_flight_table.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/clean_answer.hpp"
#include "messages/outgoing.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace mp {

/// What the records of an end need besides the request.
struct end_facts {
  const std::string& default_model;  ///< for records that are no question and name none
  const std::string& requests_topic; ///< dead letters name it as their source
  std::chrono::steady_clock::time_point now;
  std::chrono::system_clock::time_point wall_clock;
};

/// The sender's identity without the question: all that an error reply or dead letter needs. Its texts are copies and
/// do not keep the record's buffer alive, except the record itself where dead letters carry payloads.
bad_record identity_of(const request& question);

/// What became of an answer that is published, for metrics.
answer_quality quality_of(const in_flight_request& row, const clean_text& clean);

/// The reply with a clean answer.
shared_outgoing records_of_answer(const in_flight_request& row, const clean_text& clean, const end_facts& facts);

/// A dead letter for a request whose error reply cannot be published; no model's answer is with it.
shared_outgoing dead_letter_of(const in_flight_request& row, const bad_record& whose, const end_facts& facts);

/// The error reply, where the sender is known, and for `dead_letter` the dead letter. `whose.why` says what went wrong.
std::vector<shared_outgoing> records_of_fault(const in_flight_request& row, const bad_record& whose, bool dead_letter,
                                              const end_facts& facts);

} // namespace mp
