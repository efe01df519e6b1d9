#pragma once
// What readers would say to a worker node that wants to join. For the command `check`.

#include "runtime/config/settings.hpp"

#include <string>
#include <vector>

namespace mp {

struct asked_reader {
  std::string name;    ///< of NODE_JOIN
  std::string address; ///< one of its addresses; empty: it has none
  std::string why{};   ///< it cannot be joined, or refuses; empty: it would take the node
};

/// Dials every address of every name of NODE_JOIN and asks without joining. Blocks, about 3 s for each address at most.
/// Throws std::runtime_error when the files of NODE_CERT, NODE_KEY and NODE_CA cannot be used.
std::vector<asked_reader> ask_readers(const settings& chosen);

} // namespace mp
