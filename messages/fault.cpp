#include "messages/fault.hpp"

namespace mp {
namespace {

constexpr std::array<fault_row, fault_count> table{{
  {fault::not_json, "not_json", remedy::dead_letter, "the request is not valid JSON"},
  {fault::not_utf8, "not_utf8", remedy::dead_letter, "the request is not valid UTF-8"},
  {fault::not_an_object, "not_an_object", remedy::dead_letter, "the request or its value is not a JSON object"},
  {fault::no_user_email, "no_user_email", remedy::dead_letter, "the request names no user_email"},
  {fault::request_too_large, "request_too_large", remedy::dead_letter, "the request is larger than allowed"},
  {fault::record_unreadable, "record_unreadable", remedy::dead_letter, "the record cannot be read"},
  {fault::no_question, "no_question", remedy::tell,
   "the request has no text: one of prompt, question, text, content or message must not be empty"},
  {fault::photo_not_base64, "photo_not_base64", remedy::tell, "the photo is not base64"},
  {fault::photo_unreadable, "photo_unreadable", remedy::tell, "the photo is no image of a supported kind"},
  {fault::photo_truncated, "photo_truncated", remedy::tell, "the photo ends too early"},
  {fault::photo_too_large, "photo_too_large", remedy::tell, "the photo is larger than allowed"},
  {fault::invalid_request, "invalid_request", remedy::tell, "a field of the request has the wrong type"},
  {fault::model_not_found, "model_not_found", remedy::give_up, "the requested model is not available"},
  {fault::model_lacks_vision, "model_lacks_vision", remedy::give_up, "the model cannot look at photos"},
  {fault::model_refused, "model_refused", remedy::give_up, "the model server refused the request"},
  {fault::question_too_long, "question_too_long", remedy::tell, "the question, with its history, exceeds the model's context"},
  {fault::expired, "expired", remedy::tell, "the request's deadline has passed"},
  {fault::rate_limited, "rate_limited", remedy::tell, "too many requests from this user"},
  {fault::host_unreachable, "host_unreachable", remedy::wait_for_host, "no model server could be reached"},
  {fault::host_busy, "host_busy", remedy::wait_for_host, "the model server is busy"},
  {fault::runner_died, "runner_died", remedy::retry, "the model stopped while answering"},
  {fault::model_error, "model_error", remedy::retry, "the model server failed"},
  {fault::stream_cut, "stream_cut", remedy::retry, "the answer broke off"},
  {fault::first_byte_timeout, "first_byte_timeout", remedy::retry_once, "the model did not begin to answer in time"},
  {fault::idle_timeout, "idle_timeout", remedy::retry_once, "the model stopped answering"},
  {fault::call_timeout, "call_timeout", remedy::retry_once, "the model did not finish in time"},
  {fault::cancelled, "cancelled", remedy::wait_for_host, "the call was cancelled"},
  {fault::answer_empty, "answer_empty", remedy::retry, "the model gave an empty answer"},
  {fault::answer_too_large, "answer_too_large", remedy::give_up, "the model's answer is larger than allowed"},
  {fault::truncated, "truncated", remedy::give_up, "the model's answer was cut at its length limit"},
  {fault::invalid_answer, "invalid_answer", remedy::give_up, "the model's answer holds no valid JSON, or does not follow the schema"},
  {fault::runaway_answer, "runaway_answer", remedy::retry_once, "the model repeated itself without end"},
  {fault::degenerate_answer, "degenerate_answer", remedy::retry, "the model gave nothing but repeated signs"},
  {fault::poison, "poison", remedy::give_up, "the request stopped the model more than once"},
  {fault::worker_lost, "worker_lost", remedy::retry, "the worker stopped while the model was answering"},
  {fault::reply_too_large, "reply_too_large", remedy::give_up, "the reply is larger than the broker accepts"},
  {fault::reply_refused, "reply_refused", remedy::give_up, "the topic of the replies does not take this reply"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].kind) != i || table[i].code.empty())
      return false;
  return true;
}
static_assert(in_order(), "the table has one row per fault, in the enumeration's order");

} // namespace

const std::array<fault_row, fault_count>& faults() { return table; }

const fault_row& row(fault f) { return table[static_cast<std::size_t>(f)]; }

std::string_view to_string(remedy cure) {
  switch (cure) {
    case remedy::dead_letter: return "dead_letter";
    case remedy::tell: return "tell";
    case remedy::wait_for_host: return "wait_for_host";
    case remedy::retry: return "retry";
    case remedy::retry_once: return "retry_once";
    case remedy::give_up: return "give_up";
  }
  return "give_up";
}

} // namespace mp
