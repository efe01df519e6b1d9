#include "actors/kafka_reader/offset_bitmap.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace mp {
namespace {

constexpr char version = '1';
constexpr std::int64_t base_max = std::int64_t{1} << 62; // far above any log's end, far below where sums overflow
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i)
    values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto values = make_values();

void append_base64(std::string& out, const std::vector<std::uint8_t>& bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    auto left = bytes.size() - i;
    std::uint32_t group = std::uint32_t{bytes[i]} << 16;
    if (left > 1)
      group |= std::uint32_t{bytes[i + 1]} << 8;
    if (left > 2)
      group |= bytes[i + 2];
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += left > 1 ? alphabet[group >> 6 & 63] : '=';
    out += left > 2 ? alphabet[group & 63] : '=';
  }
}

/// Strict: whole groups of four, padding only at the end.
std::optional<std::vector<std::uint8_t>> read_base64(std::string_view text) {
  if (text.size() % 4 != 0)
    return std::nullopt;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    bool last = i + 4 == text.size();
    std::size_t padding = !last ? 0 : text[i + 3] != '=' ? 0 : text[i + 2] != '=' ? 1 : 2;
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      auto value = k >= 4 - padding ? 0 : values[static_cast<unsigned char>(text[i + k])];
      if (value < 0)
        return std::nullopt;
      group = group << 6 | static_cast<std::uint32_t>(value);
    }
    bytes.push_back(static_cast<std::uint8_t>(group >> 16));
    if (padding < 2)
      bytes.push_back(static_cast<std::uint8_t>(group >> 8));
    if (padding < 1)
      bytes.push_back(static_cast<std::uint8_t>(group));
  }
  return bytes;
}

} // namespace

std::string write_offset_bitmap(std::int64_t base, const std::set<std::int64_t>& finished, std::int64_t spread_max) {
  std::vector<std::uint8_t> bits;
  for (auto i = finished.lower_bound(base); i != finished.end() && *i - base < spread_max; ++i) {
    auto bit = static_cast<std::size_t>(*i - base);
    if (bits.size() <= bit / 8)
      bits.resize(bit / 8 + 1);
    bits[bit / 8] = static_cast<std::uint8_t>(bits[bit / 8] | 1u << bit % 8);
  }
  std::string text{version};
  append_base64(text, bits);
  return text;
}

std::optional<std::set<std::int64_t>> read_offset_bitmap(std::int64_t base, std::string_view text,
                                                         std::int64_t spread_max) {
  std::set<std::int64_t> finished;
  if (base > base_max)
    return std::nullopt;
  if (text.empty())
    return finished;
  if (text.front() != version)
    return std::nullopt;
  auto bits = read_base64(text.substr(1));
  if (!bits || static_cast<std::int64_t>(bits->size()) * 8 > spread_max)
    return std::nullopt;
  for (std::size_t bit = 0; bit < bits->size() * 8; ++bit)
    if ((*bits)[bit / 8] >> bit % 8 & 1)
      finished.insert(base + static_cast<std::int64_t>(bit));
  return finished;
}

} // namespace mp
