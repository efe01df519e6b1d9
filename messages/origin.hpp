#pragma once
// Where an item came from, and so where its end has to be reported.

#include <compare>
#include <cstdint>

namespace mp {

/// One record, whoever reads it and however often: what a component that outlives an assignment may remember a request
/// by. Partition and offset alone do not name a record: a topic that was deleted and made anew has others at the same
/// offsets.
struct record_key {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::uint64_t identity = 0; ///< record_identity() of it; 0: not known

  auto operator<=>(const record_key&) const = default;
};

/// The place of a record in the requests topic, in one assignment of its partition. It holds no handle: readers are
/// restarted. A service reads one topic, so the partition alone names the log.
struct origin {
  std::int32_t partition = 0;
  std::uint32_t assignment =
    0;    ///< counts assignments in this process; a result of an older assignment never touches offsets
  std::int64_t offset = 0;
  std::uint64_t identity = 0; ///< record_identity() of the record, the same whenever it is read; 0: not known

  record_key record() const { return {partition, offset, identity}; }

  auto operator<=>(const origin&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, origin& x) {
  return f.object(x).fields(f.field("partition", x.partition), f.field("assignment", x.assignment),
                            f.field("offset", x.offset), f.field("identity", x.identity));
}

} // namespace mp
