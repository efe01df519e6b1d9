#include "runtime/photos/jpeg_photo.hpp"

#include <algorithm>
#include <csetjmp>
#include <cstdio> // jpeglib.h needs it
#include <cstdlib>

#include <jerror.h>
#include <jpeglib.h>

namespace mp::photo {
namespace {

constexpr int jpeg_quality = 90;
constexpr std::size_t decoder_bytes_base = 16u << 20;
constexpr std::size_t decoder_bytes_per_pixel = 8; // four components whose coefficients have two bytes each

/// libjpeg leaves by longjmp. Every call of it is made by a plain function without objects that would have to be
/// destroyed, under attempt(), which is where it lands.
struct trap {
  jpeg_error_mgr errors; // the first member: libjpeg hands back its address
  std::jmp_buf landing;
};

[[noreturn]] void leave(j_common_ptr of) { std::longjmp(reinterpret_cast<trap*>(of->err)->landing, 1); }

/// Warnings that say that image data are broken or missing end the decoding: libjpeg would make them up in grey.
void judge_message(j_common_ptr of, int level) {
  if (level >= 0)
    return;
  switch (of->err->msg_code) {
    case JWRN_HUFF_BAD_CODE:
    case JWRN_HIT_MARKER:
    case JWRN_JPEG_EOF:
    case JWRN_MUST_RESYNC: leave(of);
    default: break;
  }
}

void stay_silent(j_common_ptr) {}

void set(trap& t) {
  jpeg_std_error(&t.errors);
  t.errors.error_exit = leave;
  t.errors.emit_message = judge_message;
  t.errors.output_message = stay_silent;
}

template <class Codec>
bool attempt(Codec& codec, void (*step)(Codec&)) {
  if (setjmp(codec.errors.landing) != 0)
    return false;
  step(codec);
  return true;
}

struct decoder {
  trap errors{};
  jpeg_decompress_struct jpeg{};
  jpeg_progress_mgr progress{};
  jpeg_source_mgr source{};
  std::string_view behind; ///< what the library has not been given yet
  std::uint32_t side_wanted = 0;
  std::uint64_t pixels_max = 0;
  std::uint64_t scans_max = jpeg_scans_max;
  JSAMPROW row = nullptr;

  ~decoder() { jpeg_destroy_decompress(&jpeg); }
};

void count_scans(j_common_ptr of) {
  const auto* jpeg = reinterpret_cast<j_decompress_ptr>(of);
  if (static_cast<std::uint64_t>(jpeg->input_scan_number) > static_cast<decoder*>(of->client_data)->scans_max)
    leave(of);
}

// libjpeg-turbo reads image data by a quicker way that does not notice codes that no table has, unless it has only few
// bytes at hand. (The runner's decoder gives up at such a code, and then the runner dies.)
constexpr std::size_t bytes_at_hand = 256;

void do_nothing(j_decompress_ptr) {}

boolean hand_over(j_decompress_ptr of) {
  auto& d = *static_cast<decoder*>(of->client_data);
  if (d.behind.empty())
    leave(reinterpret_cast<j_common_ptr>(of));
  d.source.next_input_byte = reinterpret_cast<const JOCTET*>(d.behind.data());
  d.source.bytes_in_buffer = std::min(bytes_at_hand, d.behind.size());
  d.behind.remove_prefix(d.source.bytes_in_buffer);
  return TRUE;
}

void skip(j_decompress_ptr of, long count) {
  auto& d = *static_cast<decoder*>(of->client_data);
  const auto wanted = static_cast<std::size_t>(std::max(count, 0L));
  const auto at_hand = std::min(wanted, d.source.bytes_in_buffer);
  if (wanted - at_hand > d.behind.size())
    leave(reinterpret_cast<j_common_ptr>(of));
  d.source.next_input_byte += at_hand;
  d.source.bytes_in_buffer -= at_hand;
  d.behind.remove_prefix(wanted - at_hand);
}

void read_head(decoder& d) {
  jpeg_create_decompress(&d.jpeg);
  d.jpeg.client_data = &d;
  d.jpeg.src = &d.source;
  d.jpeg.mem->max_memory_to_use = static_cast<long>(decoder_bytes_base + d.pixels_max * decoder_bytes_per_pixel);
  d.progress.progress_monitor = count_scans;
  d.jpeg.progress = &d.progress;
  jpeg_read_header(&d.jpeg, TRUE);
}

void start(decoder& d) {
  auto& jpeg = d.jpeg;
  const auto longer = std::max(jpeg.image_width, jpeg.image_height);
  d.scans_max = std::clamp(jpeg_scan_pixels_max / (std::uint64_t{jpeg.image_width} * jpeg.image_height), jpeg_scans_min,
                           jpeg_scans_max);
  jpeg.scale_denom = 8;
  jpeg.scale_num = 1;
  while (jpeg.scale_num < 8 && std::uint64_t{longer} * jpeg.scale_num < std::uint64_t{d.side_wanted} * 8)
    jpeg.scale_num *= 2;
  const auto is_grey = jpeg.jpeg_color_space == JCS_GRAYSCALE;
  const auto is_print = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  jpeg.out_color_space = is_grey ? JCS_GRAYSCALE : is_print ? JCS_CMYK : JCS_RGB;
  jpeg_start_decompress(&jpeg);
}

void read_row(decoder& d) { jpeg_read_scanlines(&d.jpeg, &d.row, 1); }

/// Four inks to three lights, in place. Adobe's programs, which write nearly all such files, write them inverted.
void to_rgb(std::uint8_t* row, std::uint32_t width, bool is_inverted) {
  auto* out = row;
  for (const auto* in = row; width > 0; --width, in += 4, out += 3) {
    const unsigned flip = is_inverted ? 0 : 255;
    const auto light = [&](unsigned c) { return static_cast<std::uint8_t>((in[c] ^ flip) * (in[3] ^ flip) / 255); };
    const std::uint8_t rgb[] = {light(0), light(1), light(2)};
    std::copy(std::begin(rgb), std::end(rgb), out);
  }
}

struct encoder {
  trap errors{};
  jpeg_compress_struct jpeg{};
  const picture* from = nullptr;
  unsigned char* out = nullptr; // malloc'ed by libjpeg
  unsigned long size = 0;

  ~encoder() {
    jpeg_destroy_compress(&jpeg);
    std::free(out);
  }
};

void write_all(encoder& e) {
  const auto& shape = e.from->shape;
  auto& jpeg = e.jpeg;
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, &e.out, &e.size);
  jpeg.image_width = shape.width;
  jpeg.image_height = shape.height;
  jpeg.input_components = static_cast<int>(shape.channels);
  jpeg.in_color_space = shape.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, jpeg_quality, TRUE);
  jpeg_start_compress(&jpeg, TRUE);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<JSAMPROW>(e.from->pixels.data() + shape.row_bytes() * jpeg.next_scanline);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
}

} // namespace

bool decode_jpeg(std::string_view bytes, std::uint32_t side_wanted, std::uint64_t pixels_max, pixel_sink& sink) {
  decoder d;
  set(d.errors);
  d.jpeg.err = &d.errors.errors;
  d.source.init_source = d.source.term_source = do_nothing;
  d.source.fill_input_buffer = hand_over;
  d.source.skip_input_data = skip;
  d.source.resync_to_restart = jpeg_resync_to_restart;
  d.behind = bytes;
  d.side_wanted = side_wanted;
  d.pixels_max = pixels_max;
  if (!attempt(d, read_head) || std::uint64_t{d.jpeg.image_width} * d.jpeg.image_height > pixels_max
      || !attempt(d, start))
    return false;
  const auto is_print = d.jpeg.out_color_space == JCS_CMYK;
  const auto channels = is_print ? 3u : static_cast<unsigned>(d.jpeg.output_components);
  std::vector<std::uint8_t> row(std::size_t{d.jpeg.output_width} * static_cast<unsigned>(d.jpeg.output_components));
  d.row = row.data();
  sink.begin({d.jpeg.output_width, d.jpeg.output_height, channels});
  while (d.jpeg.output_scanline < d.jpeg.output_height) {
    if (!attempt(d, read_row))
      return false;
    if (is_print)
      to_rgb(row.data(), d.jpeg.output_width, d.jpeg.saw_Adobe_marker != 0);
    sink.take(row.data());
  }
  return true;
}

std::string encode_jpeg(const picture& from) {
  encoder e;
  set(e.errors);
  e.jpeg.err = &e.errors.errors;
  e.from = &from;
  if (!attempt(e, write_all))
    return {};
  return {reinterpret_cast<const char*>(e.out), e.size};
}

} // namespace mp::photo
