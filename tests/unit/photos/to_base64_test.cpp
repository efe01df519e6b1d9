#define CAF_SUITE to_base64
#include "tests/support/test.hpp"

#include "messages/photo/base64_view.hpp"
#include "runtime/photos/to_base64.hpp"

using namespace mp;
using namespace std::string_literals;

TEST_CASE("bytes become base64 with padding, on one line") {
  CHECK_EQ(photo::to_base64(""), "");
  CHECK_EQ(photo::to_base64("f"), "Zg==");
  CHECK_EQ(photo::to_base64("fo"), "Zm8=");
  CHECK_EQ(photo::to_base64("foo"), "Zm9v");
  CHECK_EQ(photo::to_base64("\0\xFF\x80"s), "AP+A");
}

TEST_CASE("what was encoded is read back, at every length") {
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    const auto text = photo::to_base64(bytes);
    REQUIRE(photo::is_standard_base64(text));
    const photo::base64_view view{text};
    CHECK_EQ(view.size(), bytes.size());
    for (std::size_t i = 0; i < bytes.size(); ++i)
      CHECK_EQ(view[i], static_cast<std::uint8_t>(bytes[i]));
    bytes += static_cast<char>(length * 37);
  }
}
