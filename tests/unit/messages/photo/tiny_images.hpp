#pragma once
// The smallest whole images of each kind, made in code, and the base64 of any bytes.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mp::tiny {

using namespace std::string_literals;

inline std::string to_base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const auto byte = [&](std::size_t i) {
      return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::uint8_t{0};
    };
    const unsigned group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
    out += alphabet[group >> 18];
    out += alphabet[group >> 12 & 63];
    out += at + 1 < bytes.size() ? alphabet[group >> 6 & 63] : '=';
    out += at + 2 < bytes.size() ? alphabet[group & 63] : '=';
  }
  return out;
}

inline std::string be(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i)
    out += static_cast<char>(number >> (8 * i));
  return out;
}

inline std::string le(std::uint32_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>(number >> (8 * i));
  return out;
}

/// One JPEG segment with its marker.
inline std::string segment(std::uint8_t marker, std::string_view content) {
  return "\xFF"s + static_cast<char>(marker) + be(static_cast<std::uint32_t>(content.size() + 2), 2)
         + std::string{content};
}

inline const auto jpeg_start = "\xFF\xD8"s;
inline const auto jpeg_end = "\xFF\xD9"s;

inline std::string jpeg_quantization() { return segment(0xDB, "\0"s + std::string(64, '\1')); }

/// A table with one code of one bit, for the symbol 0.
inline std::string jpeg_huffman() {
  const auto table = "\1"s + std::string(15, '\0') + "\0"s;
  return segment(0xC4, "\x00"s + table + "\x10"s + table);
}

inline std::string jpeg_frame(unsigned width, unsigned height, std::uint8_t marker = 0xC0) {
  return segment(marker, "\x08"s + be(height, 2) + be(width, 2) + "\1\1\x11\0"s);
}

inline std::string jpeg_scan(std::string_view data = "\x3F") {
  return segment(0xDA, "\1\1\0\0\x3F\0"s) + std::string{data};
}

/// A grey baseline JPEG; its one block decodes for sides up to 8. `extra` goes in front of the tables.
inline std::string jpeg(unsigned width = 8, unsigned height = 8, std::string_view extra = {}) {
  return jpeg_start + std::string{extra} + jpeg_quantization() + jpeg_huffman() + jpeg_frame(width, height)
         + jpeg_scan() + jpeg_end;
}

/// One PNG chunk with its checksum.
inline std::string chunk(std::string_view name, std::string_view content) {
  const auto named = std::string{name} + std::string{content};
  std::uint32_t checksum = 0xFFFFFFFF;
  for (const auto c : named) {
    checksum ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit)
      checksum = checksum >> 1 ^ (checksum & 1 ? 0xEDB88320u : 0u);
  }
  return be(static_cast<std::uint32_t>(content.size()), 4) + named + be(~checksum, 4);
}

inline const auto png_signature = "\x89PNG\r\n\x1A\n"s;

inline std::string png_header(std::uint32_t width, std::uint32_t height, unsigned depth = 8, unsigned color = 0) {
  return chunk("IHDR", be(width, 4) + be(height, 4) + be(depth, 1) + be(color, 1) + "\0\0\0"s);
}

/// Rows of zeros in a deflate block that is stored as it is.
inline std::string png_data(std::size_t raw_bytes = 2) {
  const auto size = static_cast<std::uint32_t>(raw_bytes);
  return chunk("IDAT",
               "\x78\x01\x01"s + le(size, 2) + le(~size, 2) + std::string(raw_bytes, '\0') + be(size << 16 | 1, 4));
}

inline const auto png_end = chunk("IEND", "");

/// A grey PNG of 1 by 1; with other sides only header and chunks are right.
inline std::string png(std::uint32_t width = 1, std::uint32_t height = 1) {
  return png_signature + png_header(width, height) + png_data() + png_end;
}

/// One GIF picture of 1 by 1 that uses the screen's table.
inline const auto gif_picture = "\x2C\0\0\0\0\1\0\1\0\0\2\2\x44\1\0"s;

inline std::string gif(unsigned width = 1, unsigned height = 1, std::string_view extra = {}) {
  return "GIF89a"s + le(width, 2) + le(height, 2) + "\x80\0\0"s + "\0\0\0\xFF\xFF\xFF"s + std::string{extra}
         + gif_picture + ";"s;
}

/// A BMP of 24 bits; a negative height says that the rows go down.
inline std::string bmp(std::int32_t width = 3, std::int32_t height = 2) {
  const auto rows = static_cast<std::uint32_t>(height < 0 ? -height : height);
  const auto row_bytes = (static_cast<std::uint32_t>(width) * 3 + 3) / 4 * 4;
  return "BM"s + le(54 + rows * row_bytes, 4) + le(0, 4) + le(54, 4) + le(40, 4)
         + le(static_cast<std::uint32_t>(width), 4) + le(static_cast<std::uint32_t>(height), 4) + le(1, 2) + le(24, 2)
         + le(0, 4) + le(rows * row_bytes, 4) + std::string(16, '\0') + std::string(rows * row_bytes, '\x7F');
}

/// The head of a lossless, lossy or extended WebP with some bytes behind it: enough for reading its header.
inline std::string webp(std::string_view first_chunk, std::string_view content) {
  const auto chunk_bytes = std::string{content} + std::string(content.size() % 2, '\0');
  return "RIFF"s + le(static_cast<std::uint32_t>(chunk_bytes.size() + 12), 4) + "WEBP"s + std::string{first_chunk}
         + le(static_cast<std::uint32_t>(content.size()), 4) + chunk_bytes;
}

inline std::string webp_lossless(unsigned width, unsigned height) {
  return webp("VP8L", "\x2F"s + le((width - 1) | (height - 1) << 14, 4) + std::string(9, '\0'));
}

} // namespace mp::tiny
