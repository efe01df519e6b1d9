#define CAF_SUITE image_header
#include "tests/support/test.hpp"

#include "messages/photo/image_header.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"

using namespace mp;
using namespace mp::tiny;

namespace {

/// "8x6", a fault's code, or "no image".
std::string header_of(std::string_view bytes) {
  const auto text = to_base64(bytes);
  const photo::base64_view view{text};
  const auto kind = photo::kind_of_image(view);
  if (!kind)
    return "no image";
  const auto result = photo::read_image_header(*kind, view);
  if (const auto* why = std::get_if<fault>(&result))
    return std::string{to_string(*why)};
  const auto& facts = std::get<photo::photo_facts>(result);
  return std::to_string(facts.width) + "x" + std::to_string(facts.height);
}

bool is_staged(std::string_view bytes) {
  const auto text = to_base64(bytes);
  const photo::base64_view view{text};
  return std::get<photo::photo_facts>(photo::read_image_header(*photo::kind_of_image(view), view)).is_staged;
}

struct broken {
  const char* what;
  std::string bytes;
};

void check_all_unreadable(const std::vector<broken>& cases) {
  for (const auto& [what, bytes] : cases)
    CHECK_EQ(std::string{what} + ": " + header_of(bytes), std::string{what} + ": photo_unreadable");
}

std::string bmp_with(std::size_t at, std::string_view bytes) {
  auto image = bmp();
  return image.replace(at, bytes.size(), bytes);
}

std::string gif_with(std::size_t at, std::string_view bytes) {
  auto image = gif();
  return image.replace(at, bytes.size(), bytes);
}

std::string png_of(std::string_view chunks) { return png_signature + std::string{chunks}; }

} // namespace

TEST_CASE("the kind is known by the first bytes") {
  CHECK_EQ(header_of(jpeg(8, 6)), "8x6");
  CHECK_EQ(header_of(png(4032, 3024)), "4032x3024");
  CHECK_EQ(header_of(gif(7, 5)), "7x5");
  CHECK_EQ(header_of(bmp(3, 2)), "3x2");
  CHECK_EQ(header_of(webp_lossless(5, 4)), "5x4");
}

TEST_CASE("pictures that come in several passes are told from others") {
  const auto head = jpeg_start + jpeg_quantization() + jpeg_huffman();
  CHECK(!is_staged(jpeg(8, 6)));
  CHECK(is_staged(head + jpeg_frame(8, 8, 0xC2) + jpeg_scan() + jpeg_end));
  auto interlaced = png(4, 4);
  interlaced[28] = 1;
  CHECK(!is_staged(png(4, 4)));
  CHECK(is_staged(interlaced));
  CHECK(!is_staged(gif(7, 5)));
  CHECK(!is_staged(bmp(3, 2)));
}

TEST_CASE("bytes of no supported kind are no image") {
  for (const auto& bytes :
       {""s, "\xFF"s, "\xFF\xD8"s, "hello world, this is text"s, "\x89PNG\r\n\x1A"s, "GIF88a;"s, "II*\0\1\2\3\4"s,
        "\0\0\0\x18"
        "ftypheic\0\0\0\0mif1"s,
        "RIFF\x24\0\0\0WAVEfmt "s, "%PDF-1.7"s, "<svg xmlns"s, "ID3\3\0"s})
    CHECK_EQ(header_of(bytes), "no image");
}

TEST_CASE("a JPEG's size is found behind segments of any length and behind padding") {
  CHECK_EQ(header_of(jpeg(8, 8, segment(0xE1, "Exif" + std::string(65'000, 'x')) + segment(0xFE, "a comment"))), "8x8");
  CHECK_EQ(header_of(jpeg(8, 8, segment(0xE0, "") + "\0\0\0"s + segment(0xDD, "\0\1"s))), "8x8");
  CHECK_EQ(header_of(jpeg(8, 8, "\xFF\xFF\xFF"s + segment(0xE2, "ICC"))), "8x8");
  std::string profile;
  for (int i = 0; i < 255; ++i)
    profile += segment(0xE2, std::string(100, 'p'));
  CHECK_EQ(header_of(jpeg(8, 8, profile)), "8x8");
}

TEST_CASE("a picture inside of a JPEG's segment is not taken for the picture") {
  CHECK_EQ(header_of(jpeg(8, 6, segment(0xE1, jpeg(160, 120)))), "8x6");
}

TEST_CASE("a JPEG's end mark is found in front of other bytes, behind escapes, restarts and further scans") {
  CHECK_EQ(header_of(jpeg() + "a film of some seconds"), "8x8");
  const auto head = jpeg_start + jpeg_quantization() + jpeg_huffman() + jpeg_frame(8, 8);
  CHECK_EQ(header_of(head + jpeg_scan("\x11\xFF\x00\xD9\xFF\xD0\x22\xFF\xFF\xD9 more"s)), "8x8");
  CHECK_EQ(header_of(head + jpeg_scan("\x11\xFF\x00"s) + jpeg_huffman() + jpeg_scan() + jpeg_end + "more"), "8x8");
  CHECK_EQ(header_of(head + jpeg_scan(std::string(1'535, '\x11') + "\xFF"s) + "\xD9 more"), "8x8");
  CHECK_EQ(header_of(head + jpeg_scan() + segment(0xDC, "\0\x08"s) + jpeg_end + "more"), "8x8");
  CHECK_EQ(header_of(head + jpeg_scan(std::string(5'000, '\x11')) + "more"), "photo_truncated");
}

TEST_CASE("a JPEG that the decoder would refuse is unreadable") {
  const auto tables = jpeg_quantization() + jpeg_huffman();
  const auto with_frame = [&](std::string_view content) {
    return jpeg_start + tables + segment(0xC0, content) + jpeg_scan() + jpeg_end;
  };
  const auto with_huffman = [&](std::string_view content) {
    return jpeg_start + segment(0xC4, content) + tables + jpeg_frame(8, 8) + jpeg_scan() + jpeg_end;
  };
  const auto with_scan = [&](std::string_view content, std::uint8_t frame = 0xC0) {
    return jpeg_start + tables + jpeg_frame(8, 8, frame) + segment(0xDA, content) + "\x3F" + jpeg_end;
  };
  check_all_unreadable({
    {"no width", jpeg(0, 8)},
    {"height left open", jpeg(8, 0)},
    {"12 bits", with_frame("\x0C\0\x08\0\x08\1\1\x11\0"s)},
    {"two components", with_frame("\x08\0\x08\0\x08\2\1\x11\0\2\x11\0"s)},
    {"frame longer than its components", with_frame("\x08\0\x08\0\x08\1\1\x11\0\0"s)},
    {"no subsampling", with_frame("\x08\0\x08\0\x08\1\1\x01\0"s)},
    {"subsampling by 5", with_frame("\x08\0\x08\0\x08\1\1\x15\0"s)},
    {"subsampling by 3 of 2", with_frame("\x08\0\x08\0\x08\3\1\x31\0\2\x21\0\3\x11\0"s)},
    {"quantization table 4", with_frame("\x08\0\x08\0\x08\1\1\x11\4"s)},
    {"lossless frame", jpeg_start + tables + jpeg_frame(8, 8, 0xC3) + jpeg_scan() + jpeg_end},
    {"arithmetic frame", jpeg_start + tables + jpeg_frame(8, 8, 0xC9) + jpeg_scan() + jpeg_end},
    {"two frames", jpeg_start + tables + jpeg_frame(8, 8) + jpeg_frame(8, 8) + jpeg_scan() + jpeg_end},
    {"scan before frame", jpeg_start + tables + jpeg_scan() + jpeg_end},
    {"no scan", jpeg_start + tables + jpeg_frame(8, 8) + jpeg_end},
    {"no Huffman table", jpeg_start + jpeg_quantization() + jpeg_frame(8, 8) + jpeg_scan() + jpeg_end},
    {"no quantization table", jpeg_start + jpeg_huffman() + jpeg_frame(8, 8) + jpeg_scan() + jpeg_end},
    {"bytes between frame and scan", jpeg_start + tables + jpeg_frame(8, 8) + "xx" + jpeg_scan() + jpeg_end},
    {"unknown segment", jpeg(8, 8, segment(0xF0, "??"))},
    {"restart mark between segments", jpeg(8, 8, "\xFF\xD0")},
    {"segment shorter than its length field", jpeg(8, 8, "\xFF\xE0\0\1"s)},
    {"restart interval of 3 bytes", jpeg(8, 8, segment(0xDD, "\0\1\2"s))},
    {"line count that differs",
     jpeg_start + tables + jpeg_frame(8, 8) + segment(0xDC, "\0\x09"s) + jpeg_scan() + jpeg_end},
    {"quantization table cut", jpeg(8, 8, segment(0xDB, std::string(64, '\0')))},
    {"quantization table of a third precision", jpeg(8, 8, segment(0xDB, "\x20"s + std::string(128, '\1')))},
    {"Huffman table of a third kind", with_huffman("\x20\1"s + std::string(16, '\0'))},
    {"Huffman table cut", with_huffman("\0\2"s + std::string(15, '\0') + "\0"s)},
    {"three Huffman codes of one bit", with_huffman("\0\3"s + std::string(15, '\0') + "\0\1\2"s)},
    {"300 Huffman symbols", with_huffman("\0"s + std::string(14, '\0') + "\x96\x96"s + std::string(300, '\1'))},
    {"scan of an unknown component", with_scan("\1\7\0\0\x3F\0"s)},
    {"scan of two components of one", with_scan("\2\1\0\1\0\0\x3F\0"s)},
    {"scan longer than its components", with_scan("\1\1\0\0\x3F\0\0"s)},
    {"scan with Huffman table 4", with_scan("\1\1\x40\0\x3F\0"s)},
    {"baseline scan that begins in the middle", with_scan("\1\1\0\5\x3F\0"s)},
    {"progressive scan that ends before it begins", with_scan("\1\1\0\5\4\0"s, 0xC2)},
    {"nothing but an end mark", jpeg_start + jpeg_end},
  });
}

TEST_CASE("a JPEG of more segments than any program writes is unreadable, and costs no more than a photo") {
  std::string comments;
  for (int i = 0; i < 500'000; ++i)
    comments += segment(0xFE, "");
  CHECK_EQ(header_of(jpeg(8, 8, comments)), "photo_unreadable");
  std::string scans;
  for (int i = 0; i < 100'000; ++i)
    scans += jpeg_scan();
  CHECK_EQ(header_of(jpeg_start + jpeg_quantization() + jpeg_huffman() + jpeg_frame(8, 8) + scans + jpeg_end + "more"),
           "photo_unreadable");
}

TEST_CASE("PNGs of every kind of color are read, with transparency and bytes behind the end") {
  const auto palette = chunk("PLTE", std::string(9, 'p'));
  for (const auto depth : {1u, 2u, 4u, 8u, 16u})
    CHECK_EQ(header_of(png_of(png_header(2, 3, depth, 0) + png_data() + png_end)), "2x3");
  for (const auto color : {2u, 4u, 6u})
    CHECK_EQ(header_of(png_of(png_header(2, 3, 16, color) + png_data() + png_end)), "2x3");
  CHECK_EQ(header_of(png_of(png_header(2, 3, 4, 3) + palette + chunk("tRNS", "\1\2"s) + png_data() + png_end)), "2x3");
  CHECK_EQ(header_of(png_of(png_header(2, 3, 8, 2) + chunk("tRNS", std::string(6, '\0')) + png_data() + png_end)),
           "2x3");
  CHECK_EQ(header_of(png_of(png_header(2, 3) + chunk("tEXt", "a\0b"s) + png_data() + png_data() + png_end + "behind")),
           "2x3");
}

TEST_CASE("a PNG whose last chunk promises more than there is is truncated") {
  CHECK_EQ(header_of(png_of(png_header(2, 3) + png_data() + be(1, 4) + "IEND" + be(0xAE426082, 4))), "photo_truncated");
  CHECK_EQ(header_of(png_of(png_header(2, 3) + png_data() + be(0xFFFFFFFF, 4) + "tEXt" + png_end)), "photo_truncated");
}

TEST_CASE("a PNG that the decoder would refuse is unreadable") {
  const auto whole = [](std::string_view header) { return png_of(std::string{header} + png_data() + png_end); };
  const auto header_ending = [](std::string_view ending) {
    return chunk("IHDR", be(2, 4) + be(3, 4) + std::string{ending});
  };
  check_all_unreadable({
    {"no width", png(0, 1)},
    {"no height", png(1, 0)},
    {"header of 14 bytes", whole(header_ending("\x08\0\0\0\0\0"s))},
    {"another chunk first", whole(chunk("gAMA", std::string(13, '\0')))},
    {"3 bits", whole(png_header(2, 3, 3, 0))},
    {"color 1", whole(png_header(2, 3, 8, 1))},
    {"color 7", whole(png_header(2, 3, 8, 7))},
    {"palette of 16 bits", whole(png_header(2, 3, 16, 3) + chunk("PLTE", "rgb"))},
    {"RGB of 4 bits", whole(png_header(2, 3, 4, 2))},
    {"another compression", whole(header_ending("\x08\0\1\0\0"s))},
    {"another filter", whole(header_ending("\x08\0\0\1\0"s))},
    {"another interlace", whole(header_ending("\x08\0\0\0\2"s))},
    {"palette missing", whole(png_header(2, 3, 8, 3))},
    {"palette of no colors", whole(png_header(2, 3, 8, 3) + chunk("PLTE", ""))},
    {"palette of 257 colors", whole(png_header(2, 3, 8, 3) + chunk("PLTE", std::string(771, 'p')))},
    {"palette of a third of a color", whole(png_header(2, 3, 8, 3) + chunk("PLTE", "rgbr"))},
    {"more transparencies than colors", whole(png_header(2, 3, 8, 3) + chunk("PLTE", "rgb") + chunk("tRNS", "\1\2"s))},
    {"transparency beside alpha", whole(png_header(2, 3, 8, 6) + chunk("tRNS", "\1\2"s))},
    {"transparency behind the data", png_of(png_header(2, 3) + png_data() + chunk("tRNS", "\1\2"s) + png_end)},
    {"unknown chunk that must be known", whole(png_header(2, 3) + chunk("ABCD", ""))},
    {"two headers", whole(png_header(2, 3) + png_header(2, 3))},
    {"no data", png_of(png_header(2, 3) + png_end)},
    {"data that is not zlib", png_of(png_header(2, 3) + chunk("IDAT", "hello") + png_end)},
    {"zlib with a wrong check", png_of(png_header(2, 3) + chunk("IDAT", "\x78\x02...."s) + png_end)},
    {"zlib with a preset dictionary", png_of(png_header(2, 3) + chunk("IDAT", "\x78\x20...."s) + png_end)},
    {"empty first data chunk", png_of(png_header(2, 3) + chunk("IDAT", "") + png_data() + png_end)},
  });
  std::string chunks;
  for (int i = 0; i < 70'000; ++i)
    chunks += chunk("tEXt", "");
  CHECK_EQ(header_of(whole(png_header(2, 3) + chunks)), "photo_unreadable");
}

TEST_CASE("GIFs with extensions, own tables and several pictures are read") {
  const auto control = "\x21\xF9\4\0\0\0\0\0"s;
  const auto comment = "\x21\xFE\5hello\3abc\0"s;
  CHECK_EQ(header_of(gif(1, 1, control + comment)), "1x1");
  CHECK_EQ(header_of(gif(2, 2, gif_picture + control)), "2x2");
  CHECK_EQ(header_of("GIF87a\1\0\1\0\0\0\0"s + "\x2C\0\0\0\0\1\0\1\0\x80\1\2\3\4\5\6"s + "\2\2\x44\1\0;"s), "1x1");
  CHECK_EQ(header_of(gif() + "behind"), "1x1");
}

TEST_CASE("a GIF that the decoder would refuse is unreadable") {
  check_all_unreadable({
    {"no width", gif(0, 1)},
    {"no height", gif(1, 0)},
    {"no picture", "GIF89a\1\0\1\0\0\0\0;"s},
    {"picture wider than the screen", gif_with(24, "\2\0"s)},
    {"picture to the right of the screen", gif_with(20, "\1\0"s)},
    {"picture of no height", gif_with(26, "\0\0"s)},
    {"no table of colors", "GIF89a\1\0\1\0\0\0\0"s + gif_picture + ";"s},
    {"codes of 13 bits", gif_with(29, "\x0D")},
    {"unknown block", gif(1, 1, "\x22")},
  });
}

TEST_CASE("BMPs of every depth are read, also upside down") {
  const auto head = [](std::uint32_t data_at, std::uint32_t header_size) {
    return "BM"s + le(0, 4) + le(0, 4) + le(data_at, 4) + le(header_size, 4) + le(2, 4) + le(2, 4) + le(1, 2);
  };
  const auto rest = std::string(16, '\0');
  CHECK_EQ(header_of(bmp(3, -2)), "3x2");
  for (const auto bits : {1u, 4u, 8u})
    CHECK_EQ(
      header_of(head(62, 40) + le(bits, 2) + le(0, 4) + le(0, 4) + rest + std::string(8, 'p') + std::string(8, '\0')),
      "2x2");
  CHECK_EQ(header_of(head(54, 40) + le(32, 2) + le(0, 4) + le(0, 4) + rest + std::string(16, '\0')), "2x2");
  const auto masks = le(0xF800, 4) + le(0x07E0, 4) + le(0x001F, 4);
  CHECK_EQ(header_of(head(66, 40) + le(16, 2) + le(3, 4) + le(0, 4) + rest + masks + std::string(8, '\0')), "2x2");
  CHECK_EQ(header_of(head(122, 108) + le(16, 2) + le(3, 4) + le(0, 4) + rest + masks + std::string(56, '\0')
                     + std::string(8, '\0')),
           "2x2");
  CHECK_EQ(header_of("BM"s + le(0, 4) + le(0, 4) + le(26, 4) + le(12, 4) + le(1, 2) + le(1, 2) + le(1, 2) + le(24, 2)
                     + "rgb0"),
           "1x1");
}

TEST_CASE("a BMP that the decoder would refuse is unreadable") {
  check_all_unreadable({
    {"no width", bmp_with(18, le(0, 4))},
    {"negative width", bmp_with(18, le(0xFFFFFFFD, 4))},
    {"no height", bmp_with(22, le(0, 4))},
    {"a width beyond 31 bits", bmp_with(18, le(0x80000000, 4))},
    {"the most negative height", bmp_with(22, le(0x80000000, 4))},
    {"unknown header", bmp_with(14, le(41, 4))},
    {"two planes", bmp_with(26, le(2, 2))},
    {"7 bits", bmp_with(28, le(7, 2))},
    {"run-length compression", bmp_with(30, le(1, 4))},
    {"JPEG inside", bmp_with(30, le(4, 4))},
    {"masks for 24 bits", bmp_with(30, le(3, 4))},
    {"pixels before the end of the header", bmp_with(10, le(20, 4))},
    {"pixels far behind the header", bmp_with(10, le(60, 4))},
    {"8 bits without a palette", bmp_with(28, le(8, 2))},
    {"the same mask for each color",
     bmp_with(28, le(16, 2) + le(3, 4)).replace(10, 4, le(66, 4)).insert(54, std::string(12, '\1'))},
    {"a mask of nine bits",
     bmp_with(28, le(16, 2) + le(3, 4)).replace(10, 4, le(66, 4)).insert(54, le(0x1FF, 4) + le(0xFE00, 4) + le(1, 4))},
    {"masks of nothing",
     bmp_with(28, le(16, 2) + le(3, 4)).replace(10, 4, le(66, 4)).insert(54, std::string(12, '\0'))},
  });
}

TEST_CASE("a BMP whose sides promise more than there is is truncated, however large they are") {
  CHECK_EQ(header_of(bmp_with(22, le(3, 4))), "photo_truncated");
  const auto largest = le(0x7FFFFFFF, 4);
  CHECK_EQ(header_of(bmp_with(18, largest + largest)), "photo_truncated");
  CHECK_EQ(header_of(bmp_with(18, largest + largest + le(1, 2) + le(32, 2))), "photo_truncated");
}

TEST_CASE("the three kinds of WebP are read") {
  CHECK_EQ(header_of(webp_lossless(16384, 1)), "16384x1");
  CHECK_EQ(header_of(webp("VP8 ", "\x10\0\0\x9D\x01\x2A\x40\1\xF0\0"s)), "320x240");
  CHECK_EQ(header_of(webp("VP8X", "\0\0\0\0\x3F\1\0\xEF\0\0"s)), "320x240");
}

TEST_CASE("a WebP with a broken header is unreadable") {
  check_all_unreadable({
    {"lossless without its mark", webp("VP8L", std::string(14, '\0'))},
    {"lossy without its start code", webp("VP8 ", std::string(10, '\0'))},
    {"lossy that begins with a difference", webp("VP8 ", "\x11\0\0\x9D\x01\x2A\x40\1\xF0\0"s)},
    {"lossy without width", webp("VP8 ", "\x10\0\0\x9D\x01\x2A\0\0\xF0\0"s)},
    {"unknown first chunk", webp("ALPH", std::string(14, '\0'))},
    {"first chunk larger than the file", webp_lossless(2, 2).replace(16, 4, le(5'000, 4))},
  });
}
