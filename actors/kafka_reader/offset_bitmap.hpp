#pragma once
// Finished offsets as text for the commit metadata.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace mp {

/// Writes the members of `finished` at or above `base` as "1" followed by base64 of a bit set: bit i of byte i/8 stands
/// for base + i. The empty set is "1". Members at or above base + spread_max are left out: they are read again, not
/// lost.
std::string write_offset_bitmap(std::int64_t base, const std::set<std::int64_t>& finished, std::int64_t spread_max);

/// Reads it back. Nothing when the text is foreign or damaged, or `base` above 2^62; the empty text (a commit by
/// another program) is an empty set.
std::optional<std::set<std::int64_t>> read_offset_bitmap(std::int64_t base, std::string_view text,
                                                         std::int64_t spread_max);

} // namespace mp
