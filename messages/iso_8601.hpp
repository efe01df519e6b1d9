#pragma once
// Times as text.

#include <chrono>
#include <string>

namespace mp {

/// Appends `at` in UTC as ISO 8601 with milliseconds, for example 2026-11-23T10:07:00.125Z. For the years 0 to 9999.
void append_iso_8601(std::string& out, std::chrono::system_clock::time_point at);

/// As append_iso_8601, alone.
std::string iso_8601(std::chrono::system_clock::time_point at);

} // namespace mp
