#pragma once
// Where an item came from, and so where its end has to be reported.

#include <compare>
#include <cstdint>

namespace mp {

/// The place of a record in the requests topic, in one assignment of its partition. It holds no handle: readers are restarted.
/// A service reads one topic, so the partition alone names the log.
struct origin {
  std::int32_t partition = 0;
  std::uint32_t epoch = 0;  ///< counts assignments in this process; a result of an older epoch never touches offsets
  std::int64_t offset = 0;

  auto operator<=>(const origin&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, origin& x) {
  return f.object(x).fields(f.field("partition", x.partition), f.field("epoch", x.epoch), f.field("offset", x.offset));
}

} // namespace mp
