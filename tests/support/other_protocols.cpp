// Linked in place of runtime/node/spoken_protocols.cpp: the program as a later or an earlier release would be, which
// speaks the protocols OLDEST and NEWEST of the environment.

#include "runtime/node/spoken_protocols.hpp"

#include <cstdlib>

namespace mp {
namespace {

std::uint32_t number_in(const char* variable, std::uint32_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : static_cast<std::uint32_t>(std::strtoul(text, nullptr, 10));
}

} // namespace

node_protocols spoken_protocols() {
  return {number_in("OLDEST", our_protocols.oldest), number_in("NEWEST", our_protocols.newest)};
}

} // namespace mp
