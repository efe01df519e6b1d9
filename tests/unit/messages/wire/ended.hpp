#pragma once
// A request that has failed, as the dispatcher hands it to those who write error replies and dead letters.

#include "actors/dispatcher/ends.hpp"

namespace mp::wire_test {

inline bad_record ended(const request& question, fault why) {
  auto whose = identity_of(question);
  whose.why = why;
  return whose;
}

} // namespace mp::wire_test
