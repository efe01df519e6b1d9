#include "actors/dispatcher/host_breaker.hpp"

#include <algorithm>

namespace mp {
namespace {

enum class sign : std::uint8_t { none, against, runner_death, away };

sign sign_of(fault why, bool names_model) {
  switch (why) {
    case fault::host_unreachable: return sign::away;
    case fault::model_not_found: return names_model ? sign::none : sign::away;
    case fault::runner_died: return sign::runner_death;
    case fault::model_error:
    case fault::stream_cut:
    case fault::first_byte_timeout:
    case fault::idle_timeout:
    case fault::call_timeout:
    case fault::host_busy:
    // Loading the model anew, which is tried first, did not help or has to wait.
    case fault::degenerate_answer: return sign::against;
    // A restart of our worker is our own affair.
    case fault::cancelled:
    case fault::worker_lost:
    // The host did its work; what came of it is the model's or the question's affair.
    case fault::answer_empty:
    case fault::answer_too_large:
    case fault::truncated:
    case fault::invalid_answer:
    case fault::runaway_answer:
    case fault::reply_too_large:
    case fault::reply_refused:
    // The question is at fault. The server in front refuses it also while no runner works.
    case fault::not_json:
    case fault::not_utf8:
    case fault::not_an_object:
    case fault::no_user_email:
    case fault::request_too_large:
    case fault::record_unreadable:
    case fault::no_question:
    case fault::photo_not_base64:
    case fault::photo_unreadable:
    case fault::photo_truncated:
    case fault::photo_too_large:
    case fault::invalid_request:
    case fault::model_lacks_vision:
    case fault::model_refused:
    case fault::expired:
    case fault::rate_limited:
    case fault::poison: return sign::none;
  }
  return sign::none;
}

} // namespace

bool host_breaker::call_failed(fault why, ticket request, bool names_model) {
  if (state_ != breaker_state::closed)
    return false;
  switch (sign_of(why, names_model)) {
    case sign::none: return false;
    case sign::away: go(breaker_state::open); return true;
    case sign::runner_death:
      if (std::find(killers_.begin(), killers_.end(), request) != killers_.end())
        return false;
      killers_.push_back(request);
      break;
    case sign::against: break;
  }
  if (++failures_ < limits_.failures_max)
    return false;
  go(breaker_state::open);
  return true;
}

void host_breaker::trip() { go(breaker_state::open); }

void host_breaker::call_succeeded() {
  failures_ = 0;
  killers_.clear();
}

void host_breaker::probe_started() {
  if (state_ == breaker_state::open)
    go(breaker_state::half_open);
}

void host_breaker::probed(bool usable) {
  if (!usable)
    go(breaker_state::open);
  else if (state_ == breaker_state::half_open)
    go(breaker_state::closed);
}

void host_breaker::go(breaker_state state) {
  state_ = state;
  failures_ = 0;
  killers_.clear();
}

} // namespace mp
