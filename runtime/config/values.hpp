#pragma once
// How the values of settings are written: durations, sizes, numbers. Text in, value out; nothing where the text is not
// one.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mp::config {

/// `text` without white space at both ends.
std::string_view trimmed(std::string_view text);

/// "2", "0.5" are seconds; with a unit: "500ms", "60 s", "5m", "1h". Rounded to milliseconds. Never negative.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// "1048576" are bytes; with a unit: "64MiB", "512 KiB", "1Gi" are powers of 1024, "64MB", "512k", "1G" powers of 1000
/// (as in Kubernetes). Any case. Never a fraction of a byte.
std::optional<std::uint64_t> parse_bytes(std::string_view text);

/// A whole number, negative ones too.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// "0.7"; no exponents, no "inf" or "nan".
std::optional<double> parse_decimal(std::string_view text);

/// In the largest unit that needs no fraction: "24 h", "60 s", "500 ms". parse_duration reads it back.
std::string duration_text(std::chrono::milliseconds duration);

/// In the largest unit that needs no fraction: "12 MiB", "1000". parse_bytes reads it back.
std::string bytes_text(std::uint64_t bytes);

} // namespace mp::config
