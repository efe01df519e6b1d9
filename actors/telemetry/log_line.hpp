#pragma once
// One log line as text: logfmt or JSON. Plain values in, text out.

#include "actors/telemetry/event_table.hpp"

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace mp::log {

enum class line_format : std::uint8_t {
  logfmt, ///< time=2026-11-23T10:00:00.123Z level=INFO event=request_done id=a1 attempt=2
  json,   ///< {"time":"2026-11-23T10:00:00.123Z","level":"INFO","event":"request_done","id":"a1","attempt":2}
};

/// Text values are cut to this many bytes, the end then says "...". Long enough for every id and reason, short enough
/// that nobody's photo ever comes through by mistake.
inline constexpr std::size_t value_bytes_max = 512;

using field_value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

/// A named value. Text is only referred to: a field must not outlive what it was made from.
/// `name` is written as it is, so it has to be a plain name from our own code, with its unit: "duration_ms".
struct field {
  field(std::string_view n, bool v) : name(n), value(v) {}
  field(std::string_view n, const char* v) : name(n), value(std::string_view{v}) {}
  field(std::string_view n, std::string_view v) : name(n), value(v) {}
  field(std::string_view n, const std::string& v) : name(n), value(std::string_view{v}) {}
  field(std::string_view n, std::floating_point auto v) : name(n), value(static_cast<double>(v)) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  field(std::string_view n, T v) : name(n) {
    if constexpr (std::is_signed_v<T>)
      value = static_cast<std::int64_t>(v);
    else
      value = static_cast<std::uint64_t>(v);
  }

  std::string_view name;
  field_value value;
};

/// Appends ISO 8601 in UTC with milliseconds: 2026-11-23T10:00:00.123Z.
void append_time(std::string& out, std::chrono::system_clock::time_point time);

/// Appends one line without its line end. The time is written in UTC. Text values are quoted where a logfmt reader
/// needs it; control characters, line separators, bidirectional controls and characters without width are escaped and
/// bytes that are no UTF-8 become U+FFFD, so a line stays one line, in its order, whatever a value holds.
void append_line(std::string& out, line_format format, std::chrono::system_clock::time_point time, level l,
                 std::string_view event, std::span<const field> fields);

} // namespace mp::log
