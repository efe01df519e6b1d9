#define CAF_SUITE photo_check
#include "tests/support/test.hpp"

#include "messages/photo/photo_check.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"

#include <random>

using namespace mp;
using namespace mp::tiny;

namespace {

/// "8x6" or a fault's code.
std::string verdict(std::string_view base64, const photo::photo_limits& limits = {}) {
  const auto result = photo::check_photo(photo::base64_view{base64}, limits);
  if (const auto* why = std::get_if<fault>(&result))
    return std::string{to_string(*why)};
  const auto& facts = std::get<photo::photo_facts>(result);
  return std::to_string(facts.width) + "x" + std::to_string(facts.height);
}

const photo::photo_limits webp_too{0, true};

struct sample {
  const char* name;
  std::string bytes;
};

std::vector<sample> whole_images() {
  const auto thumbnail = segment(0xE1, "Exif\0\0"s + jpeg(4, 4));
  const auto head = jpeg_start + jpeg_quantization() + jpeg_huffman();
  return {
    {"JPEG", jpeg()},
    {"JPEG with a thumbnail", jpeg(8, 8, thumbnail)},
    {"JPEG of two scans",
     head + jpeg_frame(8, 8, 0xC2) + jpeg_scan("\x11\xFF\0"s) + jpeg_huffman() + jpeg_scan() + jpeg_end},
    {"PNG", png()},
    {"GIF", gif()},
    {"GIF of two pictures", gif(1, 1, gif_picture + "\x21\xFE\1;\0"s)},
    {"BMP", bmp()},
    {"WebP", webp_lossless(2, 2)},
  };
}

} // namespace

TEST_CASE("whole images are accepted") {
  for (const auto& [name, bytes] : whole_images())
    CHECK(verdict(to_base64(bytes), webp_too).find('x') != std::string::npos);
}

TEST_CASE("an image cut after any number of its bytes is never accepted") {
  for (const auto& [name, bytes] : whole_images())
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      const auto result = verdict(to_base64(bytes.substr(0, size)), webp_too);
      if (result != "photo_truncated" && result != "photo_unreadable")
        CAF_FAIL(name << " cut to " << size << " of " << bytes.size() << " bytes: " << result);
    }
}

TEST_CASE("an image whose header is there but whose end is not is called truncated") {
  for (const auto& [name, bytes] : whole_images())
    CHECK_EQ(name + ": "s + verdict(to_base64(bytes.substr(0, bytes.size() - 1)), webp_too),
             name + ": photo_truncated"s);
}

TEST_CASE("a JPEG with bytes behind its end is accepted, and cut before that end it is not") {
  const auto film = std::string(5'000, 'f') + "\xFF\xD8 no end";
  CHECK_EQ(verdict(to_base64(jpeg() + film)), "8x8");
  CHECK_EQ(verdict(to_base64(jpeg().substr(0, jpeg().size() - 2) + film)), "photo_unreadable");
  CHECK_EQ(verdict(to_base64(jpeg().substr(0, jpeg().size() - 2) + std::string(5'000, 'f'))), "photo_truncated");
}

TEST_CASE("text that is not standard base64 is known before") {
  const auto good = to_base64(jpeg());
  CHECK(photo::is_standard_base64(good));
  CHECK(!photo::is_standard_base64("this is no photo"));
  CHECK(!photo::is_standard_base64("data:image/jpeg;base64," + good));
  CHECK(!photo::is_standard_base64(good + "\n"));
  CHECK(!photo::is_standard_base64(good.substr(0, good.size() - 1)));
  CHECK(!photo::is_standard_base64("-" + good.substr(1)));
}

TEST_CASE("base64 of nothing, of text and of other files is photo_unreadable") {
  CHECK_EQ(verdict(""), "photo_unreadable");
  CHECK_EQ(verdict(to_base64("x")), "photo_unreadable");
  CHECK_EQ(verdict(to_base64("hello, this is plain text and no photo")), "photo_unreadable");
  CHECK_EQ(verdict(to_base64("%PDF-1.7 ...")), "photo_unreadable");
  CHECK_EQ(verdict(to_base64("\0\0\0\x18"
                             "ftypavif\0\0\0\0mif1miaf"s)),
           "photo_unreadable");
  CHECK_EQ(verdict(to_base64("\0\0\0\x18"
                             "ftypheic\0\0\0\0mif1heic"s),
                   webp_too),
           "photo_unreadable");
}

TEST_CASE("WebP is unreadable unless it is allowed") {
  const auto photo = to_base64(webp_lossless(2, 2));
  CHECK_EQ(verdict(photo), "photo_unreadable");
  CHECK_EQ(verdict(photo, webp_too), "2x2");
}

TEST_CASE("a photo may have exactly as many pixels as allowed") {
  const photo::photo_limits twelve{12, false};
  CHECK_EQ(verdict(to_base64(bmp(4, 3)), twelve), "4x3");
  CHECK_EQ(verdict(to_base64(bmp(13, 1)), twelve), "photo_too_large");
  CHECK_EQ(verdict(to_base64(bmp(4, -4)), twelve), "photo_too_large");
}

TEST_CASE("sides whose product does not fit into 32 bits are too large with and without a limit") {
  for (const photo::photo_limits limits : {photo::photo_limits{}, photo::photo_limits{12'000'000, false}}) {
    CHECK_EQ(verdict(to_base64(png(0x10000, 0x10000)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(png(0xFFFFFFFF, 0xFFFFFFFF)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(jpeg(65'535, 65'535)), limits), "photo_too_large");
  }
}

TEST_CASE("without a limit the decoder's own holds") {
  CHECK_EQ(verdict(to_base64(png(1u << 14, 1u << 14))), "16384x16384");
  CHECK_EQ(verdict(to_base64(png((1u << 14) + 1, 1u << 14))), "photo_too_large");
}

TEST_CASE("a side of more than 65,535 pixels is too large, however few pixels there are") {
  for (const photo::photo_limits limits : {photo::photo_limits{}, photo::photo_limits{12'000'000, false}}) {
    CHECK_EQ(verdict(to_base64(png(1, 65'535)), limits), "1x65535");
    CHECK_EQ(verdict(to_base64(png(65'535, 1)), limits), "65535x1");
    CHECK_EQ(verdict(to_base64(png(1, 65'536)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(png(65'536, 1)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(png(1, 12'000'000)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(png(12'000'000, 1)), limits), "photo_too_large");
    CHECK_EQ(verdict(to_base64(bmp(65'536, 1)), limits), "photo_too_large");
  }
}

TEST_CASE("random bytes and images with random bytes in them end in a verdict") {
  std::mt19937 random{20261123};
  std::size_t accepted = 0;
  for (const auto& [name, bytes] : whole_images())
    for (int round = 0; round < 3'000; ++round) {
      auto mutated = bytes;
      for (auto changes = 1 + random() % 4; changes > 0; --changes)
        mutated[random() % mutated.size()] = static_cast<char>(random());
      if (random() % 4 == 0)
        mutated.resize(random() % mutated.size());
      accepted += verdict(to_base64(mutated), webp_too).find('x') != std::string::npos ? 1 : 0;
      verdict(mutated, webp_too); // as it is, nearly never base64
    }
  CHECK(accepted > 0); // many a changed byte is one of color
  for (int round = 0; round < 3'000; ++round) {
    std::string bytes(random() % 300, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    CHECK_EQ(verdict(to_base64(bytes)), "photo_unreadable");
  }
}
