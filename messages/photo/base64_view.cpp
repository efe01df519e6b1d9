#include "messages/photo/base64_view.hpp"

#include <algorithm>
#include <array>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace mp::photo {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t foreign = 0x80; ///< no value of 6 bits has this bit

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  for (auto& value : table)
    value = foreign;
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  return table;
}();

constexpr std::uint8_t value_of(char c) { return values[static_cast<unsigned char>(c)]; }

/// How many of the last two characters are padding.
std::size_t padding_of(std::string_view text) {
  if (!text.ends_with('='))
    return 0;
  return text.ends_with("==") ? 2 : 1;
}

/// The three bytes of four characters as one number, the first byte on top.
std::uint32_t group_at(std::string_view text, std::size_t at) {
  const auto six = [&](std::size_t offset) { return static_cast<std::uint32_t>(value_of(text[at + offset]) & 0x3F); };
  return six(0) << 18 | six(1) << 12 | six(2) << 6 | six(3);
}

} // namespace

namespace base64_detail {

bool in_alphabet_portable(std::string_view text) {
  // One test at the end: a loop without a branch is several times faster, and nearly every photo is valid.
  std::uint8_t seen = 0;
  for (const auto c : text)
    seen = static_cast<std::uint8_t>(seen | value_of(c));
  return (seen & foreign) == 0;
}

#ifdef __SSE2__

bool in_alphabet(std::string_view text) {
  // A range test of signed bytes in one comparison: move the range's first value to -128, then compare with its end.
  const auto below = [](__m128i chars, char first, int count) {
    return _mm_cmplt_epi8(_mm_sub_epi8(chars, _mm_set1_epi8(static_cast<char>(first + 128))),
                          _mm_set1_epi8(static_cast<char>(count - 128)));
  };
  const auto valid = [&](const char* at) {
    const auto chars = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto letters = below(_mm_or_si128(chars, _mm_set1_epi8(0x20)), 'a', 26);
    const auto digits_and_slash = below(chars, '/', 11);
    return _mm_or_si128(_mm_or_si128(letters, digits_and_slash), _mm_cmpeq_epi8(chars, _mm_set1_epi8('+')));
  };
  std::size_t at = 0;
  for (; at + 64 <= text.size(); at += 64) {
    const auto* from = text.data() + at;
    const auto all =
      _mm_and_si128(_mm_and_si128(valid(from), valid(from + 16)), _mm_and_si128(valid(from + 32), valid(from + 48)));
    if (_mm_movemask_epi8(all) != 0xFFFF)
      return false;
  }
  return in_alphabet_portable(text.substr(at));
}

#else

bool in_alphabet(std::string_view text) { return in_alphabet_portable(text); }

#endif

} // namespace base64_detail

bool is_standard_base64(std::string_view text) {
  return text.size() % 4 == 0 && base64_detail::in_alphabet(text.substr(0, text.size() - padding_of(text)));
}

std::optional<std::string> to_standard_base64(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  while (!text.empty()) { // line by line: much faster than character by character
    auto line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    out += line;
  }
  out.resize(out.size() - padding_of(out));
  if (!base64_detail::in_alphabet(out)) {
    std::erase(out, '\r');
    std::replace(out.begin(), out.end(), '-', '+');
    std::replace(out.begin(), out.end(), '_', '/');
    if (!base64_detail::in_alphabet(out))
      return std::nullopt;
  }
  // One character over a group of four stands for no whole byte: something is missing.
  if (out.size() % 4 == 1)
    return std::nullopt;
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

base64_view::base64_view(std::string_view text) : text_(text.substr(0, text.size() / 4 * 4)) {
  size_ = text_.size() / 4 * 3 - padding_of(text_);
}

std::uint8_t base64_view::operator[](std::size_t index) const noexcept {
  if (index >= size_)
    return 0;
  return static_cast<std::uint8_t>(group_at(text_, index / 3 * 4) >> (16 - 8 * (index % 3)));
}

bool base64_view::has(std::size_t index, std::string_view bytes) const noexcept {
  if (index > size_ || bytes.size() > size_ - index)
    return false;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    if ((*this)[index + i] != static_cast<unsigned char>(bytes[i]))
      return false;
  return true;
}

std::uint32_t base64_view::be16(std::size_t index) const noexcept {
  return static_cast<std::uint32_t>((*this)[index] << 8 | (*this)[index + 1]);
}

std::uint32_t base64_view::be32(std::size_t index) const noexcept { return be16(index) << 16 | be16(index + 2); }

std::uint32_t base64_view::le16(std::size_t index) const noexcept {
  return static_cast<std::uint32_t>((*this)[index] | (*this)[index + 1] << 8);
}

std::uint32_t base64_view::le32(std::size_t index) const noexcept { return le16(index) | le16(index + 2) << 16; }

std::size_t base64_view::copy(std::size_t index, std::uint8_t* to, std::size_t bytes_max) const noexcept {
  const auto count = index < size_ ? std::min(bytes_max, size_ - index) : 0;
  std::size_t done = 0;
  while (done < count) {
    const auto group = group_at(text_, (index + done) / 3 * 4);
    for (auto part = (index + done) % 3; part < 3 && done < count; ++part)
      to[done++] = static_cast<std::uint8_t>(group >> (16 - 8 * part));
  }
  return count;
}

} // namespace mp::photo
