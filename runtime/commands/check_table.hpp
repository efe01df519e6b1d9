#pragma once
// The table that `check` prints.

#include <iosfwd>
#include <string>
#include <vector>

namespace mp {

enum class check_state { good, warning, failed };

struct check_row {
  std::string subject;   ///< what was looked at
  check_state state = check_state::good;
  std::string found;
  std::string advice;    ///< what to do about it; empty when nothing
};

/// Prints the rows in aligned columns, the advice on a line of its own below its row.
void print_check_table(std::ostream& out, const std::vector<check_row>& rows);

/// Whether some row has failed.
bool any_failed(const std::vector<check_row>& rows);

} // namespace mp
