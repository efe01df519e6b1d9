#define CAF_SUITE area_scaler
#include "tests/support/test.hpp"

#include "runtime/photos/area_scaler.hpp"

using namespace mp;

namespace {

using bytes = std::vector<int>;

bytes scaled(const photo::picture_shape& shape, const std::vector<std::uint8_t>& pixels, std::uint32_t width,
             std::uint32_t height) {
  photo::area_scaler scaler{width, height};
  scaler.begin(shape);
  for (std::size_t y = 0; y < shape.height; ++y)
    scaler.take(pixels.data() + shape.row_bytes() * y);
  const auto& made = scaler.result().pixels;
  return {made.begin(), made.end()};
}

} // namespace

TEST_CASE("a pixel of the result is the mean of the pixels that it covers") {
  CHECK_EQ(scaled({4, 2, 1}, {0, 10, 100, 200, 20, 30, 0, 100}, 2, 1), (bytes{15, 100}));
  CHECK_EQ(scaled({2, 2, 3}, {0, 1, 2, 10, 11, 12, 20, 21, 22, 30, 31, 32}, 1, 1), (bytes{15, 16, 17}));
}

TEST_CASE("a pixel that lies across a border counts for both sides with its share") {
  CHECK_EQ(scaled({3, 1, 1}, {0, 90, 240}, 2, 1), (bytes{30, 190}));
  CHECK_EQ(scaled({1, 3, 1}, {0, 90, 240}, 1, 2), (bytes{30, 190}));
  CHECK_EQ(scaled({5, 1, 1}, {100, 0, 50, 0, 200}, 3, 1), (bytes{60, 30, 120}));
}

TEST_CASE("in its own size a picture stays as it is") {
  const std::vector<std::uint8_t> pixels{0, 1, 127, 128, 254, 255};
  CHECK_EQ(scaled({3, 2, 1}, pixels, 3, 2), (bytes{0, 1, 127, 128, 254, 255}));
}

TEST_CASE("a result is never larger than what it is made from") {
  CHECK_EQ(scaled({1, 2, 1}, {7, 9}, 5, 5), (bytes{7, 9}));
}

TEST_CASE("what is transparent does not colour what is not") {
  CHECK_EQ(scaled({2, 1, 4}, {200, 100, 50, 255, 0, 0, 0, 0}, 1, 1), (bytes{200, 100, 50, 128}));
  CHECK_EQ(scaled({2, 1, 4}, {9, 9, 9, 0, 8, 8, 8, 0}, 1, 1), (bytes{0, 0, 0, 0}));
}

TEST_CASE("rows beyond the last one are not looked at") {
  photo::area_scaler scaler{1, 1};
  scaler.begin({1, 1, 1});
  const std::uint8_t first = 5, second = 200;
  scaler.take(&first);
  scaler.take(&second);
  CHECK_EQ(int{scaler.result().pixels.at(0)}, 5);
}
