#pragma once
// Letters, digits and white space of ASCII. Not those of <cctype>, which depend on the process's locale.

#include <algorithm>
#include <string>
#include <string_view>

namespace mp {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

/// Bytes beyond ASCII stay as they are, here and below.
constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// 0 to 15, or -1 where `c` is no hexadecimal digit.
constexpr int hex_value(char c) {
  const auto small = lower(c);
  return is_digit(c) ? c - '0' : small >= 'a' && small <= 'f' ? small - 'a' + 10 : -1;
}

std::string lower_case(std::string_view text);

constexpr bool same_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

/// What JSON allows between its tokens (RFC 8259, section 2).
inline constexpr std::string_view json_white_space = " \t\r\n";

/// `text` without those of `blanks` at its beginning and end.
constexpr std::string_view trimmed(std::string_view text, std::string_view blanks = json_white_space) {
  const auto begin = text.find_first_not_of(blanks);
  return begin == std::string_view::npos ? std::string_view{}
                                         : text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// `text` with each `%` before two hexadecimal digits read as the byte that they name (RFC 3986, section 2.1); others
/// are kept.
std::string without_percent_escapes(std::string_view text);

} // namespace mp
