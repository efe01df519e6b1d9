#include "actors/dispatcher/rate_limiter.hpp"

#include <algorithm>

namespace mp {

using namespace std::chrono_literals;

// The minute is rounded down to whole intervals, so that a full bucket holds exactly `per_minute` requests.
rate_limiter::rate_limiter(unsigned per_minute)
  : interval_(per_minute == 0 ? 0ns : std::chrono::nanoseconds{1min} / per_minute), whole_(interval_ * per_minute) {}

std::optional<std::chrono::milliseconds> rate_limiter::take(std::string_view user, time_point now) {
  if (interval_ == 0ns)
    return std::nullopt;
  while (!by_time_.empty() && by_time_.begin()->first <= now)
    forget(full_at_.find(*by_time_.begin()->second));
  user = user.substr(0, name_bytes_max);
  auto i = full_at_.find(user);
  auto full_at = (i == full_at_.end() ? now : i->second) + interval_;
  if (full_at - now > whole_)
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(full_at - now - whole_), 1ms);
  if (i == full_at_.end()) {
    if (full_at_.size() == users_max)
      forget(full_at_.find(*by_time_.begin()->second));
    i = full_at_.emplace(user, full_at).first;
  } else {
    by_time_.erase({i->second, &i->first});
    i->second = full_at;
  }
  by_time_.emplace(full_at, &i->first);
  return std::nullopt;
}

void rate_limiter::forget(buckets::iterator which) {
  by_time_.erase({which->second, &which->first});
  full_at_.erase(which);
}

} // namespace mp
