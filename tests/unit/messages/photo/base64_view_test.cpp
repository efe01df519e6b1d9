#define CAF_SUITE base64_view
#include "tests/support/test.hpp"

#include "messages/photo/base64_view.hpp"
#include "tests/unit/messages/photo/tiny_images.hpp"

#include <random>

using namespace mp;
using namespace std::string_literals;

namespace {

std::string bytes_of(std::string_view base64) {
  const photo::base64_view view{base64};
  std::string out;
  for (std::size_t i = 0; i < view.size(); ++i)
    out += static_cast<char>(view[i]);
  return out;
}

std::string standard(std::string_view text) { return photo::to_standard_base64(text).value_or("nothing"); }

} // namespace

TEST_CASE("padded text of the standard alphabet is standard base64") {
  for (const auto* text : {"", "AA==", "AAA=", "AAAA", "+/09azAZ", "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="})
    CHECK(photo::is_standard_base64(text));
}

TEST_CASE("spare bits of the last character may have any value") { CHECK(photo::is_standard_base64("QR==")); }

TEST_CASE("missing, doubled and misplaced padding is not standard base64") {
  for (const auto* text : {"A", "AA", "AAA", "A===", "====", "=", "AA=A", "AA==AAAA", "AAAA====", "=AAA"})
    CHECK(!photo::is_standard_base64(text));
}

TEST_CASE("each character outside of the alphabet is found at each place of a long text") {
  const std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t at = 0; at < 160; ++at)
    for (int c = 0; c < 256; ++c) {
      std::string text(160, 'Q');
      text[at] = static_cast<char>(c);
      const auto expected = alphabet.find(static_cast<char>(c)) != std::string_view::npos;
      if (photo::base64_detail::in_alphabet(text) != expected
          || photo::base64_detail::in_alphabet_portable(text) != expected)
        CAF_FAIL("character " << c << " at " << at);
    }
}

TEST_CASE("the fast and the portable alphabet check agree on random text of every length") {
  std::mt19937 random{7};
  for (std::size_t length = 0; length < 300; ++length) {
    std::string text(length, 'z');
    if (length > 0 && random() % 2 == 0)
      text[random() % length] = static_cast<char>(random());
    CHECK_EQ(photo::base64_detail::in_alphabet(text), photo::base64_detail::in_alphabet_portable(text));
  }
}

TEST_CASE("the bytes behind the text are read in any order") {
  CHECK_EQ(bytes_of("TWFu"), "Man");
  CHECK_EQ(bytes_of("TWE="), "Ma");
  CHECK_EQ(bytes_of("TQ=="), "M");
  CHECK_EQ(bytes_of(""), "");
  CHECK_EQ(photo::base64_view{"TWFuTWE="}[4], 'a');
}

TEST_CASE("random bytes of every length come back from their base64") {
  std::mt19937 random{11};
  for (std::size_t length = 0; length < 200; ++length) {
    std::string bytes(length, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random());
    const auto text = tiny::to_base64(bytes);
    CHECK(photo::is_standard_base64(text));
    CHECK(bytes_of(text) == bytes);
    const photo::base64_view view{text};
    for (const std::size_t from : {std::size_t{0}, length / 2, length}) {
      std::string piece(length + 3, '\0');
      piece.resize(view.copy(from, reinterpret_cast<std::uint8_t*>(piece.data()), piece.size()));
      CHECK(piece == bytes.substr(from));
    }
  }
}

TEST_CASE("past the end there are only zeros and no pieces") {
  const photo::base64_view view{"/////w=="};
  CHECK_EQ(view.size(), 4u);
  CHECK_EQ(view[4], 0);
  CHECK_EQ(view[static_cast<std::size_t>(-1)], 0);
  CHECK_EQ(view.be16(3), 0xFF00u);
  CHECK_EQ(view.le32(2), 0xFFFFu);
  CHECK(!view.has(3, "\xFF\xFF"));
  CHECK(!view.has(static_cast<std::size_t>(-1), "\xFF"));
  std::uint8_t byte = 1;
  CHECK_EQ(view.copy(4, &byte, 1), 0u);
}

TEST_CASE("numbers are read in both byte orders") {
  const auto text = tiny::to_base64("\x01\x02\x03\x84"s);
  const photo::base64_view view{text};
  CHECK_EQ(view.be16(0), 0x0102u);
  CHECK_EQ(view.le16(2), 0x8403u);
  CHECK_EQ(view.be32(0), 0x01020384u);
  CHECK_EQ(view.le32(0), 0x84030201u);
}

TEST_CASE("text that is no base64 at all is viewed without reading outside of it") {
  for (const auto* text : {"", "=", "==", "===", "====", "A===", "\xFF\xFE\x80\x01\x02"})
    CHECK(bytes_of(text).size() <= 3);
}

TEST_CASE("line breaks, the URL-safe alphabet and missing padding are brought into the standard form") {
  CHECK_EQ(standard("TWFu\nTWFu\r\nTWFu\n"), "TWFuTWFuTWFu");
  CHECK_EQ(standard("TW\rFu"), "TWFu");
  CHECK_EQ(standard("-_-_"), "+/+/");
  CHECK_EQ(standard("TWE"), "TWE=");
  CHECK_EQ(standard("TQ"), "TQ==");
  CHECK_EQ(standard("T\nQ="), "TQ==");
  CHECK_EQ(standard("\n"), "");
}

TEST_CASE("standard base64 comes back as it was") {
  for (const auto* text : {"", "TWFu", "TWE=", "TQ=="})
    CHECK_EQ(standard(text), text);
}

TEST_CASE("text with another reading, or none, is not brought into the standard form") {
  for (const auto* text : {"A", "TWFuA", "TW Fu", "TW\tFu", "TWFu!", "TQ==TQ==", "T===", "%2B", "{}", "\xC3\xA9"})
    CHECK(!photo::to_standard_base64(text));
}
