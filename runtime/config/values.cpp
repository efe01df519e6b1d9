#include "runtime/config/values.hpp"

#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <span>
#include <utility>

namespace mp::config {
namespace {

struct number_and_unit {
  double number;
  std::string_view unit;
};

/// "12.5 MiB" -> 12.5, "MiB". A sign, an exponent or a second number is not part of it.
std::optional<number_and_unit> split(std::string_view text) {
  text = trimmed(text);
  const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
  const auto number = parse_decimal(text.substr(0, end));
  if (!number || *number < 0)
    return std::nullopt;
  return number_and_unit{*number, trimmed(text.substr(end))};
}

struct unit {
  std::string_view name;
  double factor;
};

std::optional<double> factor_of(std::span<const unit> units, std::string_view name) {
  for (const auto& u : units)
    if (same_ignoring_case(u.name, name))
      return u.factor;
  return std::nullopt;
}

constexpr double in_milliseconds_max = 1e12; // 30 years: far above every bound, far below any overflow
constexpr double in_bytes_max = 1e15;        // doubles are exact up to here

constexpr std::array<unit, 5> duration_units{{{"", 1e3}, {"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}}};

constexpr std::array<unit, 14> byte_units{{{"", 1},
                                           {"b", 1},
                                           {"k", 1e3},
                                           {"kb", 1e3},
                                           {"m", 1e6},
                                           {"mb", 1e6},
                                           {"g", 1e9},
                                           {"gb", 1e9},
                                           {"ki", 1u << 10},
                                           {"kib", 1u << 10},
                                           {"mi", 1u << 20},
                                           {"mib", 1u << 20},
                                           {"gi", 1u << 30},
                                           {"gib", 1u << 30}}};

} // namespace

std::string_view trimmed(std::string_view text) { return mp::trimmed(text, " \t\r\n\v\f"); }

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  const auto parts = split(text);
  const auto factor = parts ? factor_of(duration_units, parts->unit) : std::nullopt;
  if (!factor || parts->number * *factor > in_milliseconds_max)
    return std::nullopt;
  return std::chrono::milliseconds{std::llround(parts->number * *factor)};
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const auto parts = split(text);
  const auto factor = parts ? factor_of(byte_units, parts->unit) : std::nullopt;
  if (!factor)
    return std::nullopt;
  const auto bytes = parts->number * *factor;
  if (bytes > in_bytes_max || bytes != std::floor(bytes))
    return std::nullopt;
  return static_cast<std::uint64_t>(bytes);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  text = trimmed(text);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

std::optional<double> parse_decimal(std::string_view text) {
  text = trimmed(text);
  const auto digits = text.starts_with('-') ? text.substr(1) : text;
  if (!std::any_of(digits.begin(), digits.end(), is_digit)
      || digits.find_first_not_of("0123456789.") != std::string_view::npos)
    return std::nullopt;
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  return error == std::errc{} && end == text.data() + text.size() ? std::optional{value} : std::nullopt;
}

std::string duration_text(std::chrono::milliseconds duration) {
  constexpr std::int64_t second = 1000;
  constexpr std::int64_t hour = 3600 * second;
  const auto ms = duration.count();
  if (ms != 0 && ms % hour == 0)
    return std::to_string(ms / hour) + " h";
  return ms % second == 0 ? std::to_string(ms / second) + " s" : std::to_string(ms) + " ms";
}

std::string bytes_text(std::uint64_t bytes) {
  constexpr std::array<std::pair<unsigned, std::string_view>, 3> units{{{30, " GiB"}, {20, " MiB"}, {10, " KiB"}}};
  for (const auto& [bits, name] : units)
    if (bytes != 0 && bytes % (std::uint64_t{1} << bits) == 0)
      return std::to_string(bytes >> bits).append(name);
  return std::to_string(bytes);
}

} // namespace mp::config
