#include "messages/fault.hpp"

namespace mp {
namespace {

constexpr std::array<fault_info, fault_count> table{{
  {fault::not_json, "not_json", retry_class::dead_letter, "the request is not valid JSON"},
  {fault::not_utf8, "not_utf8", retry_class::dead_letter, "the request is not valid UTF-8"},
  {fault::not_an_object, "not_an_object", retry_class::dead_letter, "the request or its value is not a JSON object"},
  {fault::no_user_email, "no_user_email", retry_class::dead_letter, "the request names no user_email"},
  {fault::request_too_large, "request_too_large", retry_class::dead_letter, "the request is larger than allowed"},
  {fault::record_unreadable, "record_unreadable", retry_class::dead_letter, "the record cannot be read"},
  {fault::no_question, "no_question", retry_class::tell,
   "the request has no text: one of prompt, question, text, content or message must not be empty"},
  {fault::photo_not_base64, "photo_not_base64", retry_class::tell, "the photo is not base64"},
  {fault::photo_unreadable, "photo_unreadable", retry_class::tell, "the photo is no image of a supported kind"},
  {fault::photo_truncated, "photo_truncated", retry_class::tell, "the photo ends too early"},
  {fault::photo_too_large, "photo_too_large", retry_class::tell, "the photo is larger than allowed"},
  {fault::invalid_request, "invalid_request", retry_class::tell, "a field of the request has the wrong type"},
  {fault::model_not_found, "model_not_found", retry_class::give_up, "the requested model is not available"},
  {fault::model_lacks_vision, "model_lacks_vision", retry_class::give_up, "the model cannot look at photos"},
  {fault::model_refused, "model_refused", retry_class::give_up, "the model server refused the request"},
  {fault::question_too_long, "question_too_long", retry_class::tell,
   "the question, with its history, exceeds the model's context"},
  {fault::expired, "expired", retry_class::tell, "the request's deadline has passed"},
  {fault::rate_limited, "rate_limited", retry_class::tell, "too many requests from this user"},
  {fault::host_unreachable, "host_unreachable", retry_class::wait_for_host, "no model server could be reached"},
  {fault::host_busy, "host_busy", retry_class::wait_for_host, "the model server is busy"},
  {fault::runner_died, "runner_died", retry_class::retry, "the model stopped while answering"},
  {fault::model_error, "model_error", retry_class::retry, "the model server failed"},
  {fault::stream_cut, "stream_cut", retry_class::retry, "the answer broke off"},
  {fault::first_byte_timeout, "first_byte_timeout", retry_class::retry_once,
   "the model did not begin to answer in time"},
  {fault::idle_timeout, "idle_timeout", retry_class::retry_once, "the model stopped answering"},
  {fault::call_timeout, "call_timeout", retry_class::retry_once, "the model did not finish in time"},
  {fault::cancelled, "cancelled", retry_class::wait_for_host, "the call was cancelled"},
  {fault::answer_empty, "answer_empty", retry_class::retry, "the model gave an empty answer"},
  {fault::answer_too_large, "answer_too_large", retry_class::give_up, "the model's answer is larger than allowed"},
  {fault::truncated, "truncated", retry_class::give_up, "the model's answer was cut at its length limit"},
  {fault::invalid_answer, "invalid_answer", retry_class::give_up,
   "the model's answer holds no valid JSON, or does not follow the schema"},
  {fault::runaway_answer, "runaway_answer", retry_class::retry_once, "the model repeated itself without end"},
  {fault::degenerate_answer, "degenerate_answer", retry_class::retry, "the model gave nothing but repeated signs"},
  {fault::poison, "poison", retry_class::give_up, "the request stopped the model more than once"},
  {fault::worker_lost, "worker_lost", retry_class::retry, "the worker stopped while the model was answering"},
  {fault::node_lost, "node_lost", retry_class::wait_for_host, "the worker node was lost while the model was answering"},
  {fault::reply_too_large, "reply_too_large", retry_class::give_up, "the reply is larger than the broker accepts"},
  {fault::reply_refused, "reply_refused", retry_class::give_up, "the topic of the replies does not take this reply"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].kind) != i || table[i].code.empty())
      return false;
  return true;
}
static_assert(in_order(), "the table has one row per fault, in the enumeration's order");

} // namespace

const std::array<fault_info, fault_count>& faults() { return table; }

const fault_info& info_of(fault f) { return table[static_cast<std::size_t>(f)]; }

std::string_view to_string(retry_class value) {
  switch (value) {
    case retry_class::dead_letter: return "dead_letter";
    case retry_class::tell: return "tell";
    case retry_class::wait_for_host: return "wait_for_host";
    case retry_class::retry: return "retry";
    case retry_class::retry_once: return "retry_once";
    case retry_class::give_up: return "give_up";
  }
  return "give_up";
}

} // namespace mp
