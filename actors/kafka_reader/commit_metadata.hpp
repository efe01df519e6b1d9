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
  std::int32_t leader_epoch =
    -1;   ///< of the newest record read when it was written; negative: not known. Records of a greater one came later
  std::set<std::int64_t> finished{}; ///< offsets at or above the committed one

  bool operator==(const commit_metadata&) const = default;
};

/// Text for a commit at offset `base`: "2", topic id (none where the broker has none: before Kafka 2.8), ".", leader
/// epoch, "." and the bitmap of offset_bitmap.hpp. At most 1,460 bytes with spread_max 8,192.
std::string write_commit_metadata(std::int64_t base, const commit_metadata& what, std::int64_t spread_max);

/// Reads it back, also the empty text (a commit by another program). Nothing when the text is foreign or damaged, or
/// when `base` is no offset that a log can have. Foreign is also a bitmap alone, which is what the service wrote before
/// version 2: nothing in it tells whether its offsets are of this log [kafka 16], and an answer twice is better than
/// none.
std::optional<commit_metadata> read_commit_metadata(std::int64_t base, std::string_view text, std::int64_t spread_max);

} // namespace mp
