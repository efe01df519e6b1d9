#include "actors/dispatcher/ends.hpp"

#include "messages/wire/reply_json.hpp"

namespace mp {
namespace {

reply_facts facts_of(const in_flight_request& row, std::string model, std::string_view finish, std::string mends,
                     const end_facts& facts) {
  auto duration = std::chrono::duration_cast<std::chrono::milliseconds>(facts.now - row.received);
  return {row.attempts + row.reask_rounds, std::move(model), row.host, duration, finish, std::move(mends)};
}

std::string_view finish_of(const in_flight_request& row, const clean_text& clean) {
  if (row.answer.finish == finish_reason::length)
    return "truncated";
  return clean.syntax_mended || row.reask_rounds > 0 ? "repaired" : "stop";
}

} // namespace

bad_record identity_of(const request& question) {
  bad_record whose;
  whose.from = question.from;
  whose.id = question.id;
  whose.kind = question.kind;
  whose.user_email = question.user_email;
  whose.model = question.model;
  for (const auto& [name, value] : question.passed_through)
    whose.passed_through.emplace_back(name, text_slice{std::string{value.view()}});
  whose.headers = question.headers;
  whose.bytes = question.bytes;
  whose.body = question.body;
  return whose;
}

answer_quality quality_of(const in_flight_request& row, const clean_text& clean) {
  if (row.answer.finish == finish_reason::length)
    return answer_quality::truncated;
  if (row.reask_rounds > 0)
    return answer_quality::reasked;
  return clean.syntax_mended || !clean.mends.empty() ? answer_quality::mended : answer_quality::clean;
}

shared_outgoing records_of_answer(const in_flight_request& row, const clean_text& clean, const end_facts& facts) {
  auto said = facts_of(row, row.answer.model, finish_of(row, clean), clean.mends, facts);
  return shared_outgoing{row.kind == request_kind::photo ? photo_reply(*row.question, clean.text, said)
                                                         : text_reply(*row.question, clean.text, clean.object, said)};
}

shared_outgoing dead_letter_of(const in_flight_request& row, const bad_record& whose, const end_facts& facts) {
  return shared_outgoing{
    mp::dead_letter(whose, {row.attempts + row.reask_rounds, facts.requests_topic, facts.wall_clock})};
}

std::vector<shared_outgoing> records_of_fault(const in_flight_request& row, const bad_record& whose, bool dead_letter,
                                              const end_facts& facts) {
  std::vector<shared_outgoing> records;
  if (!whose.user_email.empty())
    records.emplace_back(
      error_reply(whose, facts_of(row, whose.model.empty() ? facts.default_model : whose.model, {}, {}, facts)));
  if (dead_letter) {
    std::string_view said = row.answer.text.view();
    if (said.empty() && row.reask)
      said = row.reask->answer; // asked again, it gave none
    records.emplace_back(mp::dead_letter(
      whose, {row.attempts + row.reask_rounds, facts.requests_topic, facts.wall_clock, said, row.problem}));
  }
  return records;
}

} // namespace mp
