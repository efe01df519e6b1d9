#pragma once
// One log line as text: logfmt or JSON. Plain values in, text out.

#include "actors/telemetry/event_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace mp::log {

enum class line_format : std::uint8_t {
  logfmt, ///< time=2026-11-23T10:00:00.123Z level=INFO event=request_done id=a1 attempts=2
  json,   ///< {"time":"2026-11-23T10:00:00.123Z","level":"INFO","event":"request_done","id":"a1","attempts":2}
};

/// Text values are cut to this many bytes, the end then says "...": enough for every id and reason, too little for a
/// photo.
inline constexpr std::size_t value_bytes_max = 512;

/// A named value: a number, a bool or text, which is only referred to. `name` is written as it is.
struct field {
  template <class T>
  field(std::string_view n, const T& v) : name(n) {
    if constexpr (std::is_same_v<T, bool>)
      value = v;
    else if constexpr (std::is_floating_point_v<T>)
      value = static_cast<double>(v);
    else if constexpr (std::is_integral_v<T>)
      value = static_cast<std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>>(v);
    else
      value = std::string_view{v};
  }

  std::string_view name;
  std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool> value;
};

/// Appends one line without its line end. Text is quoted where a reader of logfmt needs it, and escaped
/// (append_escaped()).
void append_line(std::string& out, line_format format, std::chrono::system_clock::time_point time, level l,
                 std::string_view event, std::span<const field> fields);

} // namespace mp::log
