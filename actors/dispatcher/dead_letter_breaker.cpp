#include "actors/dispatcher/dead_letter_breaker.hpp"

namespace mp {

end_sign sign_of(const request_end& end) {
  if (!end.in_error)
    return end_sign::good;
  const auto retry = info_of(*end.in_error).retry;
  const auto own_doing =
    retry == retry_class::wait_for_host || retry == retry_class::retry || retry == retry_class::retry_once;
  const auto chosen_by_sender =
    end.of_own_model && (*end.in_error == fault::model_not_found || *end.in_error == fault::model_lacks_vision);
  const auto says_something =
    end.dead_letter && retry != retry_class::dead_letter && (end.attempts > 0 || own_doing) && !chosen_by_sender;
  return says_something ? end_sign::bad : end_sign::none;
}

// Requests in flight when intake stops serve as trials for the first interval.
void dead_letter_breaker::ended(end_sign sign, time_point now) {
  if (sign == end_sign::none)
    return;
  if (!lets_in()) {
    if (sign == end_sign::good)
      *this = dead_letter_breaker{limits_};
    return;
  }
  dead_[next_] = sign == end_sign::bad;
  next_ = (next_ + 1) % ends_max;
  if (dead_.count() * 100 > limits_.stop_percent * ends_max)
    next_trial_ = now + limits_.trial_interval;
}

void dead_letter_breaker::trial_taken(time_point now) {
  if (!lets_in())
    next_trial_ = now + limits_.trial_interval;
}

void dead_letter_breaker::trial_said_nothing(time_point now) {
  if (!lets_in())
    next_trial_ = now;
}

} // namespace mp
