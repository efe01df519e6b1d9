#include "messages/photo/image_header.hpp"

#include <bit>
#include <cstdlib>

namespace mp::photo {
namespace image_detail {
namespace {

constexpr fault unreadable = fault::photo_unreadable;
constexpr fault truncated = fault::photo_truncated;

/// The facts, unless a side is zero.
header_result sized(image_kind kind, std::uint32_t width, std::uint32_t height, bool is_staged = false) {
  if (width == 0 || height == 0)
    return unreadable;
  return photo_facts{kind, width, height, is_staged};
}

constexpr std::uint32_t chunk_name(const char (&name)[5]) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i)
    number = number << 8 | static_cast<unsigned char>(name[i]);
  return number;
}

} // namespace

// PNG (ISO/IEC 15948): signature, then chunks of length, name, content and checksum up to IEND.
header_result read_png(const base64_view& bytes) {
  constexpr std::size_t signature_size = 8;
  constexpr std::size_t chunk_frame_size = 12; // all of a chunk but its content
  constexpr std::size_t header_size = 13;
  constexpr auto is_optional = [](std::uint32_t name) { return (name & 1u << 29) != 0; }; // the first letter is small

  const auto header = signature_size + 8;
  if (bytes.size() < header + header_size)
    return truncated;
  if (bytes.be32(signature_size) != header_size || bytes.be32(signature_size + 4) != chunk_name("IHDR"))
    return unreadable;
  const unsigned depth = bytes[header + 8];
  const unsigned color = bytes[header + 9];
  const auto has_palette = color == 3;
  const auto small_depth = depth == 1 || depth == 2 || depth == 4;
  const auto depth_exists = (small_depth && (color == 0 || has_palette)) || depth == 8 || (depth == 16 && !has_palette);
  const auto color_exists = color == 0 || color == 2 || color == 3 || color == 4 || color == 6;
  if (!depth_exists || !color_exists || bytes[header + 10] != 0 || bytes[header + 11] != 0 || bytes[header + 12] > 1)
    return unreadable;

  auto at = header + header_size + 4;
  std::size_t palette_entries = 0;
  bool data_seen = false;
  for (unsigned count = 0; count < png_chunks_max; ++count) {
    if (at + chunk_frame_size > bytes.size())
      return truncated;
    const std::size_t size = bytes.be32(at);
    const auto name = bytes.be32(at + 4);
    if (size > bytes.size() - at - chunk_frame_size)
      return truncated;
    if (name == chunk_name("IEND"))
      return data_seen ? sized(image_kind::png, bytes.be32(header), bytes.be32(header + 4), bytes[header + 12] == 1)
                       : unreadable;
    if (name == chunk_name("IDAT")) {
      // The first data chunk begins with a zlib header: deflate, no preset dictionary, divisible by 31 (RFC 1950).
      const auto zlib = bytes.be16(at + 8);
      if (has_palette && palette_entries == 0)
        return unreadable;
      if (!data_seen && (size < 2 || (zlib >> 8 & 15) != 8 || (zlib & 0x20) != 0 || zlib % 31 != 0))
        return unreadable;
      data_seen = true;
    } else if (name == chunk_name("PLTE")) {
      if (size == 0 || size > 3 * 256 || size % 3 != 0)
        return unreadable;
      palette_entries = size / 3;
    } else if (name == chunk_name("tRNS")) {
      const std::size_t one_color_size = color == 0 ? 2 : 6;
      const auto fits = has_palette ? size > 0 && size <= palette_entries : size == one_color_size;
      if (data_seen || !fits || color > 3)
        return unreadable;
    } else if (!is_optional(name)) {
      return unreadable;
    }
    at += chunk_frame_size + size;
  }
  return unreadable;
}

// GIF (87a, 89a): screen, then images and extensions made of small blocks, up to the trailer.
header_result read_gif(const base64_view& bytes) {
  constexpr std::uint8_t image = 0x2C, extension = 0x21, trailer = 0x3B, has_table = 0x80, code_bits_max = 12;
  constexpr auto table_size = [](unsigned flags) -> std::size_t {
    return flags & has_table ? 3u * (2u << (flags & 7)) : 0;
  };

  if (bytes.size() < 13)
    return truncated;
  const auto width = bytes.le16(6);
  const auto height = bytes.le16(8);
  const unsigned screen_flags = bytes[10];
  auto at = 13 + table_size(screen_flags);
  bool image_seen = false;
  while (at < bytes.size()) {
    const auto block = bytes[at];
    if (block == trailer)
      return image_seen ? sized(image_kind::gif, width, height) : unreadable;
    if (block == image) {
      if (at + 11 > bytes.size())
        return truncated;
      const unsigned flags = bytes[at + 9];
      if (!image_seen) { // the runner looks at the first one only
        const auto image_width = bytes.le16(at + 5);
        const auto image_height = bytes.le16(at + 7);
        if (image_width == 0 || image_height == 0 || bytes.le16(at + 1) + image_width > width
            || bytes.le16(at + 3) + image_height > height || ((flags | screen_flags) & has_table) == 0)
          return unreadable;
      }
      at += 10 + table_size(flags);
      if (!image_seen && bytes[at] > code_bits_max)
        return unreadable;
      ++at;
      image_seen = true;
    } else if (block == extension) {
      at += 2;
    } else {
      return unreadable;
    }
    while (at < bytes.size() && bytes[at] != 0)
      at += 1u + bytes[at];
    ++at;
  }
  return truncated;
}

constexpr std::size_t bmp_masks_size = 12; // one number each for red, green and blue

/// Whether the three colour masks of a BMP at `at` can be used; nothing when the file ends before them.
std::optional<bool> bmp_masks_are_sound(const base64_view& bytes, std::size_t at) {
  if (bytes.size() < at + bmp_masks_size)
    return std::nullopt;
  const auto red = bytes.le32(at);
  const auto green = bytes.le32(at + 4);
  const auto blue = bytes.le32(at + 8);
  const auto is_sound = [](std::uint32_t mask) { return mask != 0 && std::popcount(mask) <= 8; };
  return is_sound(red) && is_sound(green) && is_sound(blue) && (red != green || green != blue);
}

// BMP: file header of 14 bytes, an information header whose first number is its size, palette, rows padded to 4 bytes.
header_result read_bmp(const base64_view& bytes) {
  constexpr std::size_t file_header_size = 14;
  constexpr std::uint32_t uncompressed = 0, bit_fields = 3;

  const std::size_t data_at = bytes.le32(10);
  const std::size_t header_size = bytes.le32(file_header_size);
  if (bytes.size() < file_header_size + 4)
    return truncated;
  const auto is_os2 = header_size == 12;
  if (!is_os2 && header_size != 40 && header_size != 56 && header_size != 108 && header_size != 124)
    return unreadable;
  if (bytes.size() < file_header_size + header_size)
    return truncated;

  const auto width = is_os2 ? bytes.le16(18) : bytes.le32(18);
  const auto signed_height = is_os2 ? static_cast<std::int64_t>(bytes.le16(20))
                                    : static_cast<std::int64_t>(static_cast<std::int32_t>(bytes.le32(22)));
  const auto height = std::llabs(signed_height); // a negative one says that the rows go down
  const auto fields_at = is_os2 ? 22u : 26u;
  const auto planes = bytes.le16(fields_at);
  const auto bits = bytes.le16(fields_at + 2);
  const auto compression = is_os2 ? uncompressed : bytes.le32(30);
  const auto has_palette = bits == 1 || bits == 4 || bits == 8;
  const auto has_masks = compression == bit_fields && (bits == 16 || bits == 32);
  const auto bits_exist = has_palette || bits == 24 || (!is_os2 && (bits == 16 || bits == 32));
  if (planes != 1 || !bits_exist || (compression != uncompressed && !has_masks) || width > INT32_MAX
      || height > INT32_MAX)
    return unreadable;

  // Where the decoder looks for palette, masks and pixels. For the 12-byte header it counts the palette's entries from
  // 12 bytes too far, so we do as well.
  const auto headers_size = file_header_size + header_size;
  const auto masks_stand_behind = has_masks && header_size <= 56;
  if (has_palette) {
    const auto palette_at = is_os2 ? file_header_size + 24 : headers_size;
    const std::size_t entry_size = is_os2 ? 3 : 4;
    if (data_at < palette_at + entry_size || (data_at - palette_at) / entry_size > 256)
      return unreadable;
  } else if (data_at != headers_size + (masks_stand_behind ? bmp_masks_size : 0)) {
    return unreadable;
  }
  if (has_masks) {
    const auto sound = bmp_masks_are_sound(bytes, masks_stand_behind ? headers_size : file_header_size + 40);
    if (!sound)
      return truncated;
    if (!*sound)
      return unreadable;
  }
  // Below 2^33 times 2^31: no overflow.
  const auto row_size = (std::uint64_t{width} * bits + 31) / 32 * 4;
  const auto pixels_end = data_at + row_size * static_cast<std::uint64_t>(height);
  const auto facts = sized(image_kind::bmp, width, static_cast<std::uint32_t>(height));
  if (std::holds_alternative<photo_facts>(facts) && pixels_end > bytes.size())
    return truncated;
  return facts;
}

// WebP (RFC 9649): a RIFF file whose first chunk is lossy, lossless or extended.
header_result read_webp(const base64_view& bytes) {
  constexpr std::size_t content = 20; // of the first chunk
  if (bytes.size() < content + 10)
    return truncated;
  const std::uint64_t riff_size = bytes.le32(4);
  const std::uint64_t chunk_size = bytes.le32(16);
  if (riff_size < 22 || chunk_size > riff_size - 12)
    return unreadable;
  if (riff_size + 8 > bytes.size())
    return truncated;
  if (bytes.has(12, "VP8 ")) {
    if ((bytes[content] & 1) != 0 || !bytes.has(content + 3, "\x9D\x01\x2A"))
      return unreadable;
    return sized(image_kind::webp, bytes.le16(content + 6) & 0x3FFF, bytes.le16(content + 8) & 0x3FFF);
  }
  if (bytes.has(12, "VP8L")) {
    const auto sizes = bytes.le32(content + 1);
    if (bytes[content] != 0x2F)
      return unreadable;
    return photo_facts{image_kind::webp, (sizes & 0x3FFF) + 1, (sizes >> 14 & 0x3FFF) + 1};
  }
  if (bytes.has(12, "VP8X"))
    return photo_facts{image_kind::webp, (bytes.le32(content + 4) & 0xFFFFFF) + 1,
                       (bytes.le32(content + 7) & 0xFFFFFF) + 1};
  return unreadable;
}

} // namespace image_detail

std::optional<image_kind> kind_of_image(const base64_view& bytes) {
  if (bytes.has(0, "\xFF\xD8\xFF"))
    return image_kind::jpeg;
  if (bytes.has(0, "\x89PNG\r\n\x1A\n"))
    return image_kind::png;
  if (bytes.has(0, "GIF87a") || bytes.has(0, "GIF89a"))
    return image_kind::gif;
  if (bytes.has(0, "RIFF") && bytes.has(8, "WEBP"))
    return image_kind::webp;
  if (bytes.has(0, "BM"))
    return image_kind::bmp;
  return std::nullopt;
}

header_result read_image_header(image_kind kind, const base64_view& bytes) {
  switch (kind) {
    case image_kind::jpeg: return image_detail::read_jpeg(bytes);
    case image_kind::png: return image_detail::read_png(bytes);
    case image_kind::gif: return image_detail::read_gif(bytes);
    case image_kind::bmp: return image_detail::read_bmp(bytes);
    case image_kind::webp: return image_detail::read_webp(bytes);
  }
  return fault::photo_unreadable;
}

} // namespace mp::photo
