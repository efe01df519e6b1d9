#pragma once
// JPEG and PNG files of every kind, drawn and written by the libraries themselves, and their pixels read back.

#include "runtime/photos/jpeg_photo.hpp"
#include "runtime/photos/png_photo.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>

#include <jpeglib.h>
#include <png.h>

namespace mp::drawn {

inline constexpr std::uint64_t pixels_max = 12'000'000;

/// Four fields of one colour each: red and green above, blue and white below; in grey their reds. Of four channels the
/// last is alpha, 255 but for the field below on the right, which is transparent.
inline photo::picture four_fields(std::uint32_t width, std::uint32_t height, unsigned channels = 3) {
  constexpr std::uint8_t colors[4][4] = {
    {200, 20, 20, 255}, {20, 200, 20, 255}, {20, 20, 200, 255}, {250, 250, 250, 0}};
  photo::picture out{{width, height, channels}, {}};
  for (std::uint32_t y = 0; y < height; ++y)
    for (std::uint32_t x = 0; x < width; ++x)
      for (unsigned c = 0; c < channels; ++c)
        out.pixels.push_back(colors[(2 * y >= height ? 2 : 0) + (2 * x >= width ? 1 : 0)][c]);
  return out;
}

struct jpeg_style {
  bool progressive = false;
  bool inks = false; ///< CMYK as Adobe writes it; the picture's colours then come out inverted twice, so the same
};

/// A JPEG of a kind that encode_jpeg does not write.
inline std::string jpeg(const photo::picture& from, const jpeg_style& style) {
  jpeg_error_mgr errors;
  jpeg_compress_struct c{};
  c.err = jpeg_std_error(&errors);
  jpeg_create_compress(&c);
  unsigned char* out = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&c, &out, &size);
  c.image_width = from.shape.width;
  c.image_height = from.shape.height;
  c.input_components = style.inks ? 4 : static_cast<int>(from.shape.channels);
  c.in_color_space = style.inks ? JCS_CMYK : from.shape.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&c);
  jpeg_set_quality(&c, 95, TRUE);
  c.write_Adobe_marker = style.inks ? TRUE : c.write_Adobe_marker;
  if (style.progressive)
    jpeg_simple_progression(&c);
  jpeg_start_compress(&c, TRUE);
  for (std::size_t y = 0; y < from.shape.height; ++y) {
    std::string row(reinterpret_cast<const char*>(from.pixels.data() + from.shape.row_bytes() * y),
                    from.shape.row_bytes());
    if (style.inks) {
      std::string with_black;
      for (std::size_t x = 0; x < from.shape.width; ++x)
        with_black += row.substr(3 * x, 3) + '\xFF';
      row = with_black;
    }
    auto* at = reinterpret_cast<JSAMPROW>(row.data());
    jpeg_write_scanlines(&c, &at, 1);
  }
  jpeg_finish_compress(&c);
  std::string bytes{reinterpret_cast<const char*>(out), size};
  jpeg_destroy_compress(&c);
  std::free(out);
  return bytes;
}

struct png_style {
  bool interlaced = false;
  bool deep = false;    ///< 16 bits a channel
  bool palette = false; ///< two colours, the second one transparent: black, and red
};

/// A PNG of a kind that encode_png does not write. With a palette the picture's red says which colour: below 128 the
/// first.
inline std::string png(const photo::picture& from, const png_style& style) {
  auto* p = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  auto* info = png_create_info_struct(p);
  std::string bytes;
  png_set_write_fn(
    p, &bytes,
    [](png_structp of, png_bytep data, std::size_t size) {
      static_cast<std::string*>(png_get_io_ptr(of))->append(reinterpret_cast<const char*>(data), size);
    },
    [](png_structp) {});
  const auto channels = from.shape.channels;
  const auto color = style.palette   ? PNG_COLOR_TYPE_PALETTE
                     : channels == 1 ? PNG_COLOR_TYPE_GRAY
                     : channels == 3 ? PNG_COLOR_TYPE_RGB
                                     : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(p, info, from.shape.width, from.shape.height, style.deep ? 16 : 8, color,
               style.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, 0, 0);
  const png_color colors[] = {{0, 0, 0}, {255, 0, 0}};
  const png_byte alphas[] = {255, 0};
  if (style.palette) {
    png_set_PLTE(p, info, colors, 2);
    png_set_tRNS(p, info, alphas, 2, nullptr);
  }
  png_write_info(p, info);
  std::vector<std::vector<png_byte>> rows;
  for (std::size_t y = 0; y < from.shape.height; ++y) {
    auto& row = rows.emplace_back();
    const auto* at = from.pixels.data() + from.shape.row_bytes() * y;
    for (std::size_t i = 0; i < from.shape.row_bytes(); i += style.palette ? channels : 1) {
      row.push_back(style.palette ? at[i] >= 128 : at[i]);
      if (style.deep)
        row.push_back(at[i]);
    }
  }
  std::vector<png_bytep> starts;
  for (auto& row : rows)
    starts.push_back(row.data());
  png_write_image(p, starts.data());
  png_write_end(p, info);
  png_destroy_write_struct(&p, &info);
  return bytes;
}

struct collector final : photo::pixel_sink {
  photo::picture all;
  void begin(const photo::picture_shape& shape) override { all.shape = shape; }
  void take(const std::uint8_t* row) override { all.pixels.insert(all.pixels.end(), row, row + all.shape.row_bytes()); }
};

/// What a file shows, in full size; nothing when it cannot be decoded.
inline std::optional<photo::picture> shown(std::string_view bytes) {
  collector pixels;
  const auto good = bytes.starts_with("\x89PNG") ? photo::decode_png(bytes, true, pixels_max, pixels)
                                                 : photo::decode_jpeg(bytes, 65'500, pixels_max, pixels);
  return good ? std::optional{pixels.all} : std::nullopt;
}

/// "r,g,b" (or as many channels as there are) of the pixel at a place in percent of the sides.
inline std::string pixel(const photo::picture& of, unsigned across, unsigned down) {
  const auto x = std::size_t{of.shape.width} * across / 100;
  const auto y = std::size_t{of.shape.height} * down / 100;
  std::string text;
  for (unsigned c = 0; c < of.shape.channels; ++c)
    text += (c == 0 ? "" : ",") + std::to_string(of.pixels[y * of.shape.row_bytes() + x * of.shape.channels + c]);
  return text;
}

} // namespace mp::drawn
