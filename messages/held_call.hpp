#pragma once
// A model call that outlives the reader that began it.

#include "messages/origin.hpp"

#include <compare>
#include <string>

namespace mp {

/// A request, whoever reads it. The record alone would not do: a worker node may work for services of several topics.
struct call_key {
  std::string topic; ///< of the requests
  record_key record;

  auto operator<=>(const call_key&) const = default;
};

/// A call that a worker node goes on with, or whose answer it keeps, although the reader that began it is gone.
struct held_call {
  call_key key;
  std::string model;     ///< that was called
  bool finished = false; ///< the answer is there
};

} // namespace mp
