#include "messages/json/utf8.hpp"

#include <cstring>

namespace mp {
namespace {

constexpr std::uint64_t high_bits = 0x8080808080808080u;

/// Whether the eight bytes at `at` exist and are all ASCII.
bool is_ascii_8(std::string_view text, std::size_t at) {
  if (at + 8 > text.size())
    return false;
  std::uint64_t word;
  std::memcpy(&word, text.data() + at, sizeof word);
  return (word & high_bits) == 0;
}

/// How many bytes the character with this first byte has; 0 when none begins so.
std::size_t announced_length(unsigned lead) {
  return lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0;
}

/// Whether the text ends within the character that begins at `at`: fewer bytes than announced, all of them
/// continuations.
bool is_cut_at_the_end(std::string_view text, std::size_t at) {
  if (announced_length(static_cast<unsigned char>(text[at])) <= text.size() - at)
    return false;
  for (const auto c : text.substr(at + 1))
    if ((static_cast<unsigned char>(c) & 0xC0) != 0x80)
      return false;
  return true;
}

} // namespace

std::size_t utf8_sequence_length(std::string_view text, std::size_t at) {
  // The table of well-formed byte sequences of the Unicode standard (chapter 3, table 3-7).
  const auto byte = [&](std::size_t offset) -> unsigned {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0u;
  };
  const auto follows = [&](std::size_t offset) { return (byte(offset) & 0xC0) == 0x80; };
  const auto lead = byte(0);
  if (lead < 0x80)
    return 1;
  if (lead >= 0xC2 && lead <= 0xDF)
    return follows(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!follows(1) || !follows(2) || (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) > 0x9F))
      return 0;
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!follows(1) || !follows(2) || !follows(3) || (lead == 0xF0 && byte(1) < 0x90)
        || (lead == 0xF4 && byte(1) > 0x8F))
      return 0;
    return 4;
  }
  return 0;
}

bool is_valid_utf8(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_ascii_8(text, at)) {
      at += 8;
      continue;
    }
    const auto length = utf8_sequence_length(text, at);
    if (length == 0)
      return false;
    at += length;
  }
  return true;
}

void append_utf8(std::string& out, std::uint32_t code_point) {
  const auto put = [&](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0 | (code_point >> 6));
    put(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    put(0xE0 | (code_point >> 12));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  } else {
    put(0xF0 | (code_point >> 18));
    put(0x80 | ((code_point >> 12) & 0x3F));
    put(0x80 | ((code_point >> 6) & 0x3F));
    put(0x80 | (code_point & 0x3F));
  }
}

std::string mend_utf8(std::string_view text) {
  constexpr std::string_view replacement_character = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    if (is_ascii_8(text, at)) {
      out += text.substr(at, 8);
      at += 8;
    } else if (const auto length = utf8_sequence_length(text, at); length != 0) {
      out += text.substr(at, length);
      at += length;
    } else if (is_cut_at_the_end(text, at)) {
      break;
    } else {
      out += replacement_character;
      ++at;
    }
  }
  return out;
}

} // namespace mp
