#include "actors/dispatcher/flood_guard.hpp"

namespace mp {

end_sign sign_of(const request_end& end) {
  if (!end.in_error)
    return end_sign::good;
  const auto cure = row(*end.in_error).cure;
  const auto own_doing = cure == remedy::wait_for_host || cure == remedy::retry || cure == remedy::retry_once;
  const auto chosen_by_sender =
      end.of_own_model && (*end.in_error == fault::model_not_found || *end.in_error == fault::model_lacks_vision);
  const auto says_something = end.dead_letter && cure != remedy::dead_letter && (end.attempts > 0 || own_doing) && !chosen_by_sender;
  return says_something ? end_sign::bad : end_sign::none;
}

// Requests in flight when intake closes serve as trials for the first interval.
void flood_guard::ended(end_sign sign, time_point now) {
  if (sign == end_sign::none)
    return;
  if (!open()) {
    if (sign == end_sign::good)
      *this = flood_guard{limits_};
    return;
  }
  dead_[next_] = sign == end_sign::bad;
  next_ = (next_ + 1) % ends_max;
  if (dead_.count() * 100 > limits_.stop_percent * ends_max)
    next_trial_ = now + limits_.trial_interval;
}

void flood_guard::trial_taken(time_point now) {
  if (!open())
    next_trial_ = now + limits_.trial_interval;
}

void flood_guard::trial_said_nothing(time_point now) {
  if (!open())
    next_trial_ = now;
}

} // namespace mp
