#pragma once
// Pixels on their way from one stage to the next, row by row, so that a large photo is never whole in memory as pixels.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mp::photo {

/// Channels of 8 bits: 1 is grey, 3 are red, green and blue, 4 are these and alpha, not multiplied with it.
struct picture_shape {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  unsigned channels = 0;

  std::size_t row_bytes() const { return std::size_t{width} * channels; }
};

/// A whole picture, its rows one after the other from top to bottom.
struct picture {
  picture_shape shape;
  std::vector<std::uint8_t> pixels;
};

/// Takes a picture from a decoder.
class pixel_sink {
public:
  virtual ~pixel_sink() = default;

  /// Once, before the first row.
  virtual void begin(const picture_shape& shape) = 0;

  /// The next row, from the top on; `row` holds shape.row_bytes() bytes.
  virtual void take(const std::uint8_t* row) = 0;
};

} // namespace mp::photo
