#pragma once
// What tells a record from another one at the same partition and offset.

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp {

/// A number made of everything that is known of a record but its place: the same whenever this record is read, by any
/// reader in this process, and another one (but for one case in 2^64) for every other record. Of a body above 32 KiB
/// only the size, both ends of 4 KiB and 64 bytes of every 4 KiB count. Never 0. `topic_id`: of the log that holds it,
/// empty when not known. `leader_epoch`: of the broker that appended it, -1 when not known. Not a cryptographic hash,
/// and not the same on machines of another byte order.
std::uint64_t record_identity(std::string_view topic_id, std::int32_t leader_epoch, std::int64_t timestamp_ms,
                              std::string_view key, std::string_view body,
                              const std::vector<std::pair<std::string, std::string>>& headers);

} // namespace mp
