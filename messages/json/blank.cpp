#include "messages/json/blank.hpp"

#include <algorithm>

namespace mp {

std::size_t blank_length(std::string_view utf8) {
  const auto first = static_cast<unsigned char>(utf8.front());
  if (first <= ' ')
    return 1;
  if (first < 0xC2)
    return 0;
  for (const std::string_view blank :
       {"\u0085", "\u00A0", "\u1680", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000", "\uFEFF"})
    if (utf8.starts_with(blank))
      return blank.size();
  // U+2000 to U+200A are spaces of different widths, U+200B is one of no width.
  return utf8.starts_with("\xE2\x80") && utf8.size() > 2 && static_cast<unsigned char>(utf8[2]) <= 0x8B ? 3 : 0;
}

std::string_view without_blanks_in_front(std::string_view utf8) {
  while (!utf8.empty()) {
    const auto length = blank_length(utf8);
    if (length == 0)
      break;
    utf8.remove_prefix(length);
  }
  return utf8;
}

std::string_view without_blanks_behind(std::string_view utf8) {
  constexpr std::size_t blank_bytes_max = 3;
  const auto blank_at_end = [&] {
    for (std::size_t length = 1; length <= std::min(blank_bytes_max, utf8.size()); ++length)
      if (blank_length(utf8.substr(utf8.size() - length)) == length)
        return length;
    return std::size_t{0};
  };
  for (auto length = std::size_t{1}; !utf8.empty() && length > 0;) {
    length = blank_at_end();
    utf8.remove_suffix(length);
  }
  return utf8;
}

} // namespace mp
