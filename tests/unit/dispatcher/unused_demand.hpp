#pragma once
// How much of the demand has not been used.

#include "actors/dispatcher/intake_budget.hpp"

#include <cstddef>

namespace mp::test {

/// How many records may still arrive. A copy is asked, one record after the other.
inline std::size_t unused_demand(intake_budget budget) {
  std::size_t records = 0;
  while (budget.received(0))
    ++records;
  return records;
}

} // namespace mp::test
