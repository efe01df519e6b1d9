#include "runtime/photos/area_scaler.hpp"

#include <algorithm>

namespace mp::photo {

area_scaler::area_scaler(std::uint32_t width, std::uint32_t height) { result_.shape = {width, height, 0}; }

void area_scaler::begin(const picture_shape& shape) {
  from_ = shape;
  auto& to = result_.shape;
  to.channels = shape.channels;
  to.width = std::min(to.width, shape.width);
  to.height = std::min(to.height, shape.height);
  sums_.assign(to.row_bytes(), 0.0f);
  result_.pixels.assign(to.row_bytes() * to.height, 0);
}

// Both scales are whole numbers when a side is measured in from x to units: a pixel given is `to` units wide, a pixel
// made `from` units.
void area_scaler::take(const std::uint8_t* row) {
  const auto& to = result_.shape;
  if (rows_done_ == to.height)
    return;
  const auto begin = row_ * to.height;
  const auto end = begin + to.height;
  ++row_;
  const auto boundary = std::uint64_t{rows_done_ + 1} * from_.height;
  const auto whole = static_cast<float>(from_.height);
  add(row, static_cast<float>(std::min(end, boundary) - begin) / whole);
  if (end < boundary)
    return;
  finish_row();
  if (end > boundary)
    add(row, static_cast<float>(end - boundary) / whole);
}

void area_scaler::add(const std::uint8_t* row, float weight) {
  if (from_.channels == 1)
    add_means<1>(row, weight);
  else if (from_.channels == 3)
    add_means<3>(row, weight);
  else
    add_means<4>(row, weight);
}

template <unsigned Channels>
void area_scaler::add_means(const std::uint8_t* row, float weight) {
  constexpr bool has_alpha = Channels == 4;
  const std::uint64_t from = from_.width;
  const std::uint64_t to = result_.shape.width;
  const auto scale = weight / static_cast<float>(from);
  auto* sums = sums_.data();
  for (std::uint64_t x = 0; x < to; ++x, sums += Channels) {
    const auto begin = x * from;
    const auto end = begin + from;
    const auto first = begin / to;
    const auto last = (end - 1) / to;
    std::uint64_t total[Channels] = {};
    const auto add_pixel = [&](std::uint64_t at, std::uint64_t units) {
      const auto* pixel = row + at * Channels;
      const auto share = has_alpha ? units * pixel[Channels - 1] : units;
      for (unsigned c = 0; c < Channels; ++c)
        total[c] += has_alpha && c == Channels - 1 ? share : share * pixel[c];
    };
    add_pixel(first, std::min(end, (first + 1) * to) - begin);
    for (auto at = first + 1; at < last; ++at)
      add_pixel(at, to);
    if (last > first)
      add_pixel(last, end - last * to);
    for (unsigned c = 0; c < Channels; ++c)
      sums[c] += static_cast<float>(total[c]) * scale;
  }
}

void area_scaler::finish_row() {
  const auto& to = result_.shape;
  const auto byte_of = [](float value) { return static_cast<std::uint8_t>(std::clamp(value + 0.5f, 0.0f, 255.0f)); };
  auto* out = result_.pixels.data() + to.row_bytes() * rows_done_;
  if (to.channels == 4) {
    for (std::size_t i = 0; i < sums_.size(); i += 4) {
      const auto alpha = sums_[i + 3];
      for (std::size_t c = 0; c < 3; ++c)
        out[i + c] = alpha > 0 ? byte_of(sums_[i + c] / alpha) : std::uint8_t{0};
      out[i + 3] = byte_of(alpha);
    }
  } else {
    std::transform(sums_.begin(), sums_.end(), out, byte_of);
  }
  std::fill(sums_.begin(), sums_.end(), 0.0f);
  ++rows_done_;
}

} // namespace mp::photo
