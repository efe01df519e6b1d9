#pragma once
// A call's time limits when its request has a deadline. Values in, values out.

#include "actors/ollama_worker/ollama_worker.hpp"

#include <algorithm>
#include <chrono>

namespace mp {

/// No limit lasts longer than what is `left` until the deadline. At least 1 ms stays of each, so that a call whose time
/// is up fails on its limit like any other. How long a cancelled call may take to end has nothing to do with the
/// deadline.
inline call_limits cut_to(call_limits limits, std::chrono::milliseconds left) {
  left = std::max(left, std::chrono::milliseconds{1});
  limits.first_byte = std::min(limits.first_byte, left);
  limits.idle = std::min(limits.idle, left);
  limits.whole = std::min(limits.whole, left);
  return limits;
}

} // namespace mp
