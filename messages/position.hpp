#pragma once
// A committed position of a consumer group.

#include <cstdint>
#include <string>

namespace mp {

/// A place in a partition with what is stored beside it in the group's commit.
struct position {
  static constexpr std::int64_t none = -1; ///< nothing was ever committed
  std::int32_t partition = 0;
  std::int64_t offset = none;              ///< the next offset to read
  std::string metadata; ///< printable text, at most 4,096 bytes (the broker's offset.metadata.max.bytes)
  std::int64_t read_from = none; ///< for assign(): where reading begins when that is not `offset`
};

} // namespace mp
