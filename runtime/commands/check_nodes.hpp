#pragma once
// What the command `check` says about the way from a worker node to its readers.

#include "runtime/commands/check_table.hpp"
#include "runtime/config/settings.hpp"

#include <vector>

namespace mp {

/// The certificate, and every address of every reader of NODE_JOIN: whether it is reached, lets this node in and speaks
/// a protocol of its. Joins none of them. Takes about 3 s for each address at most.
void add_node_rows(const settings& chosen, std::vector<check_row>& rows);

} // namespace mp
