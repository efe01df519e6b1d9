#include "runtime/threads/decoding_queue.hpp"

namespace mp {

decoding_queue::number decoding_queue::enter(decoding_weight weight) {
  const auto which = next_++;
  (weight == decoding_weight::heavy ? heavy_waiting_ : light_waiting_).insert(which);
  return which;
}

bool decoding_queue::may_go(number which) const {
  if (under_way_.size() >= places)
    return false;
  const auto first_heavy = heavy_may_go() && !heavy_waiting_.empty() ? *heavy_waiting_.begin() : next_;
  if (heavy_waiting_.contains(which))
    return which == first_heavy && (light_waiting_.empty() || which < *light_waiting_.begin() || under_way_.size() + 1 < places);
  return light_waiting_.contains(which) && which == *light_waiting_.begin() && (which < first_heavy || under_way_.size() + 1 < places);
}

void decoding_queue::begin(number which) {
  light_waiting_.erase(which);
  if (heavy_waiting_.erase(which) > 0)
    heavy_under_way_ = which;
  under_way_.insert(which);
}

void decoding_queue::end(number which) {
  under_way_.erase(which);
  if (heavy_under_way_ == which)
    heavy_under_way_ = 0;
}

} // namespace mp
