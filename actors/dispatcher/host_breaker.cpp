#include "actors/dispatcher/host_breaker.hpp"

#include <algorithm>

namespace mp {
namespace {

// A host may be mended any moment, and its calls may have been of one user alone.
constexpr std::chrono::milliseconds rest_max{5'000};

enum class sign : std::uint8_t {
  none,
  against,
  once, ///< against, but not more than once for a request
  away,
};

sign sign_of(fault why, bool names_model, bool refused) {
  switch (why) {
    case fault::host_unreachable: return refused ? sign::once : sign::away;
    case fault::model_not_found: return names_model ? sign::none : sign::once;
    case fault::runner_died: return sign::once;
    case fault::host_busy: return refused ? sign::once : sign::against;
    case fault::model_error:
    case fault::stream_cut:
    case fault::first_byte_timeout:
    case fault::idle_timeout:
    case fault::call_timeout:
    // Loading the model anew, which is tried first, did not help or has to wait.
    case fault::degenerate_answer: return sign::against;
    // A restart of our worker is our own affair.
    case fault::cancelled:
    case fault::worker_lost:
    case fault::node_lost:
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
    case fault::question_too_long:
    case fault::expired:
    case fault::rate_limited:
    case fault::poison: return sign::none;
  }
  return sign::none;
}

} // namespace

bool host_breaker::call_failed(fault why, ticket request, bool names_model, bool refused) {
  if (state_ != breaker_state::closed)
    return false;
  const auto said = sign_of(why, names_model, refused);
  if (said == sign::none || (said == sign::once && is_known(request)))
    return false;
  ++failures_;
  const auto is_enough =
    said == sign::away || (said == sign::against && openings_ > 0) || failures_ >= limits_.failures_max;
  if (!is_enough)
    return false;
  go(breaker_state::open);
  ++openings_;
  return true;
}

bool host_breaker::is_known(ticket request) {
  if (std::find(counted_.begin(), counted_.end(), request) != counted_.end())
    return true;
  counted_.push_back(request);
  return false;
}

std::chrono::milliseconds host_breaker::pause() const {
  if (openings_ < 2)
    return std::chrono::milliseconds{0};
  constexpr unsigned doublings_max = 3;
  return std::min(rest_max, std::chrono::milliseconds{1'000 << std::min(openings_ - 2, doublings_max)});
}

void host_breaker::trip() { go(breaker_state::open); }

void host_breaker::call_succeeded() {
  failures_ = 0;
  counted_.clear();
  if (state_ == breaker_state::closed)
    openings_ = 0;
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
  counted_.clear();
}

} // namespace mp
