#pragma once
// When a request is no longer worth an answer. Values in, values out.

#include <chrono>
#include <cstdint>
#include <optional>

namespace mp {

/// The earlier of the sender's deadline and the record's greatest age; nothing when neither is known. `header_ms`:
/// header `deadline`, Unix time in milliseconds. Whoever wrote it may have written any number: what lies beyond the
/// clock's range is taken as its first or last moment. `max_age`: REQUEST_MAX_AGE, counted from `record_time`, the
/// record's timestamp; a record without one is not judged by its age.
std::optional<std::chrono::system_clock::time_point>
deadline_of(std::optional<std::int64_t> header_ms, std::optional<std::chrono::milliseconds> max_age,
            std::optional<std::chrono::system_clock::time_point> record_time);

} // namespace mp
