#pragma once
// What can become of a partition's log behind the back of a group that has committed positions in it.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mp {

enum class log_change : std::uint8_t {
  none,
  made_anew,  ///< it belongs to another topic of the same name: nothing that was ever finished is finished in it
  truncated,  ///< its end was lost, as by an unclean leader election, and may have been written anew
  beyond_end, ///< the committed position lies behind its end, and nothing tells that it was this log's
  trimmed,    ///< it begins above the position: what lay between is gone, unread
};

inline constexpr std::size_t log_change_count = static_cast<std::size_t>(log_change::trimmed) + 1;

/// Metric label and log field.
constexpr std::string_view name_of(log_change change) {
  constexpr std::string_view names[log_change_count] = {"none", "made_anew", "truncated", "beyond_end", "trimmed"};
  return names[static_cast<std::size_t>(change)];
}

} // namespace mp
