#include "messages/json/escaped_text.hpp"

#include "messages/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mp {
namespace {

/// As in JSON: \uXXXX, two of them (a surrogate pair) above U+FFFF.
void append_escape(std::string& out, std::uint32_t code_point) {
  constexpr auto digits = "0123456789abcdef";
  if (code_point > 0xFFFF) {
    append_escape(out, 0xD800 + ((code_point - 0x10000) >> 10));
    append_escape(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
    return;
  }
  out += "\\u";
  for (auto shift = 12; shift >= 0; shift -= 4)
    out += digits[(code_point >> shift) & 0xF];
}

/// The character of a well-formed sequence of two to four bytes.
std::uint32_t code_point_of(std::string_view sequence) {
  auto value = static_cast<unsigned char>(sequence[0]) & (0x7Fu >> sequence.size());
  for (const auto c : sequence.substr(1))
    value = (value << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  return value;
}

struct character_range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Characters that show nothing themselves but change how a viewer shows the rest: terminals obey C1 controls, viewers
/// break lines at U+2028 and U+2029, bidirectional controls reorder what stands beside them (CVE-2021-42574), the
/// others are not seen at all (Default_Ignorable_Code_Point of Unicode 15, without the variation selectors that emoji
/// have).
constexpr std::array<character_range, 17> hidden_characters{{{0x80, 0x9F},
                                                             {0xAD, 0xAD},
                                                             {0x34F, 0x34F},
                                                             {0x61C, 0x61C},
                                                             {0x115F, 0x1160},
                                                             {0x17B4, 0x17B5},
                                                             {0x180B, 0x180F},
                                                             {0x200B, 0x200F},
                                                             {0x2028, 0x202E},
                                                             {0x2060, 0x206F},
                                                             {0x3164, 0x3164},
                                                             {0xFEFF, 0xFEFF},
                                                             {0xFFA0, 0xFFA0},
                                                             {0xFFF0, 0xFFFB},
                                                             {0x1BCA0, 0x1BCA3},
                                                             {0x1D173, 0x1D17A},
                                                             {0xE0000, 0xE0FFF}}};

bool is_hidden(std::uint32_t character) {
  return std::any_of(hidden_characters.begin(), hidden_characters.end(),
                     [character](const auto& range) { return character >= range.first && character <= range.last; });
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
        append_escape(out, static_cast<unsigned char>(c));
      else
        out += c;
  }
}

} // namespace

void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_sequence_length(text, at);
    if (length == 1)
      append_ascii(out, text[at]);
    else if (length == 0)
      append_utf8(out, 0xFFFD);
    else if (const auto character = code_point_of(text.substr(at, length)); is_hidden(character))
      append_escape(out, character);
    else
      out += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
}

} // namespace mp
