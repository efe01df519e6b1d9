#pragma once
// Scales a picture down: each pixel of the result is the mean of the area that it covers.

#include "runtime/photos/pixels.hpp"

namespace mp::photo {

/// Holds one row of sums and the result. Colours are averaged as they are (without undoing their gamma, as image
/// libraries do by default) and weighted by alpha, so that what is hidden by transparency does not shine through.
class area_scaler final : public pixel_sink {
public:
  /// Sides of the result, at least 1 each and none larger than that of the picture to come; in pixels.
  area_scaler(std::uint32_t width, std::uint32_t height);

  void begin(const picture_shape& shape) override;
  void take(const std::uint8_t* row) override;

  /// The result, whole after the last row.
  picture& result() { return result_; }

private:
  template <unsigned Channels>
  void add_means(const std::uint8_t* row, float weight);
  void add(const std::uint8_t* row, float weight);
  void finish_row();

  picture result_;
  picture_shape from_;
  std::vector<float> sums_;      ///< of the row of the result that is being made
  std::uint64_t row_ = 0;        ///< rows taken
  std::uint32_t rows_done_ = 0;  ///< of the result
};

} // namespace mp::photo
