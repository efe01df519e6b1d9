#include "runtime/photos/png_photo.hpp"

#include "messages/photo/photo_check.hpp"

#include <csetjmp>
#include <cstring>
#include <new>

#include <png.h>

namespace mp::photo {
namespace {

constexpr std::uint32_t side_max = decoder_side_max;
constexpr int compression = 3;               // the result goes to a server nearby and is read once

/// As in jpeg_photo.cpp: libpng leaves by longjmp, and only plain functions are between it and attempt().
template <class Codec>
bool attempt(Codec& codec, void (*step)(Codec&)) {
  if (setjmp(codec.landing) != 0)
    return false;
  step(codec);
  return true;
}

template <class Codec>
[[noreturn]] void leave(png_structp png, png_const_charp) {
  std::longjmp(static_cast<Codec*>(png_get_error_ptr(png))->landing, 1);
}

void stay_silent(png_structp, png_const_charp) {}

struct decoder {
  std::jmp_buf landing{};
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string_view rest;
  int passes = 1;
  png_bytep row = nullptr;

  ~decoder() { png_destroy_read_struct(&png, &info, nullptr); }
};

void read_bytes(png_structp png, png_bytep to, std::size_t count) {
  auto& rest = static_cast<decoder*>(png_get_io_ptr(png))->rest;
  if (count > rest.size())
    png_error(png, "end of file");
  std::memcpy(to, rest.data(), count);
  rest.remove_prefix(count);
}

void read_head(decoder& d) {
  d.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &d, leave<decoder>, stay_silent);
  d.info = d.png == nullptr ? nullptr : png_create_info_struct(d.png);
  if (d.info == nullptr)
    std::longjmp(d.landing, 1);
  png_set_read_fn(d.png, &d, read_bytes);
  png_set_user_limits(d.png, side_max, side_max);
  png_set_keep_unknown_chunks(d.png, PNG_HANDLE_CHUNK_NEVER, nullptr,
                              -1); // text, profiles and the like are not looked at
  png_read_info(d.png, d.info);
}

void start(decoder& d) {
  const auto has_alpha =
    (png_get_color_type(d.png, d.info) & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(d.png, d.info, PNG_INFO_tRNS) != 0;
  png_set_expand(d.png);
  png_set_scale_16(d.png);
  if (has_alpha)
    png_set_gray_to_rgb(d.png);
  d.passes = png_set_interlace_handling(d.png);
  png_read_update_info(d.png, d.info);
}

void read_row(decoder& d) { png_read_row(d.png, d.row, nullptr); }

struct encoder {
  std::jmp_buf landing{};
  png_structp png = nullptr;
  png_infop info = nullptr;
  const picture* from = nullptr;
  std::string out;

  ~encoder() { png_destroy_write_struct(&png, &info); }
};

void write_bytes(png_structp png, png_bytep bytes, std::size_t count) {
  bool fits = true;
  try {
    static_cast<encoder*>(png_get_io_ptr(png))->out.append(reinterpret_cast<const char*>(bytes), count);
  } catch (const std::bad_alloc&) {
    fits = false;
  }
  if (!fits)
    png_error(png, "no memory");
}

void flush_nothing(png_structp) {}

void write_all(encoder& e) {
  e.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &e, leave<encoder>, stay_silent);
  e.info = e.png == nullptr ? nullptr : png_create_info_struct(e.png);
  if (e.info == nullptr)
    std::longjmp(e.landing, 1);
  const auto& shape = e.from->shape;
  png_set_write_fn(e.png, &e, write_bytes, flush_nothing);
  png_set_compression_level(e.png, compression);
  const auto color = shape.channels == 1   ? PNG_COLOR_TYPE_GRAY
                     : shape.channels == 3 ? PNG_COLOR_TYPE_RGB
                                           : PNG_COLOR_TYPE_RGB_ALPHA;
  png_set_IHDR(e.png, e.info, shape.width, shape.height, 8, color, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(e.png, e.info);
  for (std::size_t y = 0; y < shape.height; ++y)
    png_write_row(e.png, e.from->pixels.data() + shape.row_bytes() * y);
  png_write_end(e.png, e.info);
}

} // namespace

bool decode_png(std::string_view bytes, bool keep_order, std::uint64_t pixels_max, pixel_sink& sink) {
  decoder d;
  d.rest = bytes;
  if (!attempt(d, read_head))
    return false;
  picture_shape shape{png_get_image_width(d.png, d.info), png_get_image_height(d.png, d.info), 0};
  if (std::uint64_t{shape.width} * shape.height > pixels_max || !attempt(d, start))
    return false;
  shape.channels = png_get_channels(d.png, d.info);
  const auto row_bytes = png_get_rowbytes(d.png, d.info);
  const auto has_known_shape =
    (shape.channels == 1 || shape.channels == 3 || shape.channels == 4) && row_bytes == shape.row_bytes();
  if (!has_known_shape)
    return false;
  const auto is_gathered = keep_order && d.passes > 1;
  std::vector<std::uint8_t> rows(is_gathered ? row_bytes * shape.height : row_bytes);
  sink.begin(shape);
  for (int pass = 0; pass < d.passes; ++pass)
    for (std::uint32_t y = 0; y < shape.height; ++y) {
      d.row = rows.data() + (is_gathered ? row_bytes * y : 0);
      if (!attempt(d, read_row))
        return false;
      if (!is_gathered || pass == d.passes - 1)
        sink.take(d.row);
    }
  return true;
}

std::string encode_png(const picture& from) {
  encoder e;
  e.from = &from;
  if (!attempt(e, write_all))
    return {};
  return std::move(e.out);
}

} // namespace mp::photo
