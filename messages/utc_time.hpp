#pragma once
// Times as text.

#include <chrono>
#include <string>

namespace mp {

/// Appends `time` in UTC as ISO 8601 with milliseconds: 2026-11-23T10:07:00.125Z.
void append_iso_8601(std::string& out, std::chrono::system_clock::time_point time);

std::string iso_8601(std::chrono::system_clock::time_point time);

} // namespace mp
