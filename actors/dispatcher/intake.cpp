#include "actors/dispatcher/intake.hpp"

#include <utility>

namespace mp {

void intake::accepted(ticket request) {
  if (std::exchange(trial_requested_, false))
    trial_ = request;
}

void intake::said_nothing(time_point now) {
  if (std::exchange(trial_requested_, false))
    breaker_.trial_said_nothing(now);
}

void intake::ended(ticket request, bool is_called, end_sign sign, time_point now) {
  breaker_.ended(sign, now);
  if (is_called && trial_ == request)
    trial_.reset(); // it did say something
}

void intake::left(ticket request, time_point now) {
  if (trial_ != request)
    return;
  trial_.reset();
  breaker_.trial_said_nothing(now);
}

std::optional<bool> intake::dead_letters_changed() {
  if (paused_ == paused_by_dead_letters())
    return std::nullopt;
  paused_ = paused_by_dead_letters();
  trial_requested_ = false;
  trial_.reset();
  if (paused_)
    budget_.reset();
  return paused_;
}

std::optional<bool> intake::held_back_changed(std::size_t held_back) {
  // Not open again at once: a topic that takes records again is sent all of them.
  bool is_held_back = held_back_ ? held_back > held_back_max / 2 : held_back >= held_back_max;
  if (std::exchange(held_back_, is_held_back) == is_held_back)
    return std::nullopt;
  return is_held_back;
}

std::optional<intake_grant> intake::next(const intake_load& load, time_point now) {
  if (held_back_)
    return std::nullopt;
  if (breaker_.lets_in())
    return budget_.next(load);
  if (!breaker_.trial_due(now))
    return std::nullopt;
  auto grant = budget_.trial(load);
  if (grant) {
    breaker_.trial_taken(now);
    trial_requested_ = true;
  }
  return grant;
}

} // namespace mp
