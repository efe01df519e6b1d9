#include "actors/dispatcher/flood_guard.hpp"

namespace mp {

void flood_guard::ended(bool dead_letter, time_point now) {
  if (!open() && !dead_letter)
    *this = flood_guard{limits_};
  else
    note(dead_letter, now);
}

// The requests that are in the house when it closes are trials enough for the first interval.
void flood_guard::note(bool dead_letter, time_point now) {
  if (!open())
    return;
  dead_[next_] = dead_letter;
  next_ = (next_ + 1) % ends_max;
  if (dead_.count() * 100 <= limits_.stop_percent * ends_max)
    return;
  next_trial_ = now + limits_.trial_interval;
}

void flood_guard::trial_taken(time_point now) {
  if (!open())
    next_trial_ = now + limits_.trial_interval;
}

} // namespace mp
