#include "runtime/commands/check_table.hpp"

#include <algorithm>
#include <iomanip>
#include <ostream>

namespace mp {
namespace {

const char* mark(check_state state) {
  switch (state) {
    case check_state::good: return "ok     ";
    case check_state::warning: return "warning";
    case check_state::failed: return "FAILED ";
  }
  return "";
}

} // namespace

void print_check_table(std::ostream& out, const std::vector<check_row>& rows) {
  std::size_t width = 0;
  for (const auto& each : rows)
    width = std::max(width, each.subject.size());
  for (const auto& each : rows) {
    out << mark(each.state) << "  " << std::left << std::setw(static_cast<int>(width)) << each.subject << "  "
        << each.found << "\n";
    if (!each.advice.empty())
      out << "         -> " << each.advice << "\n";
  }
}

bool any_failed(const std::vector<check_row>& rows) {
  return std::any_of(rows.begin(), rows.end(), [](const check_row& each) { return each.state == check_state::failed; });
}

} // namespace mp
