#pragma once
// What is stored beside a committed offset: which offsets above it have had their end, and in which log.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace mp {

struct commit_metadata {
  std::string topic_id{};           ///< of the log that the offsets belong to; empty: not known
  std::int32_t leader_epoch = -1;   ///< of the newest record read when it was written; negative: not known. Records of a greater one came later
  std::set<std::int64_t> finished{}; ///< offsets at or above the committed one

  bool operator==(const commit_metadata&) const = default;
};

/// Text for a commit at offset `base`: "2", topic id, ".", leader epoch, "." and the bitmap of offset_bitmap.hpp; without a topic id
/// only the bitmap (version 1), as a service of before version 2 writes and reads it. At most 1,460 bytes with spread_max 8,192.
std::string write_commit_metadata(std::int64_t base, const commit_metadata& what, std::int64_t spread_max);

/// Reads it back, also version 1 and the empty text (a commit by another program). Nothing when the text is foreign or damaged, or
/// when `base` is no offset that a log can have.
std::optional<commit_metadata> read_commit_metadata(std::int64_t base, std::string_view text, std::int64_t spread_max);

} // namespace mp
