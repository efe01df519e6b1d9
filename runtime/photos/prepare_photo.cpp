#include "runtime/photos/prepare_photo.hpp"

#include "messages/photo/base64_view.hpp"
#include "runtime/photos/area_scaler.hpp"
#include "runtime/photos/jpeg_photo.hpp"
#include "runtime/photos/png_photo.hpp"
#include "runtime/photos/to_base64.hpp"
#include "runtime/threads/decode_permit.hpp"

#include <algorithm>
#include <optional>

namespace mp::photo {
namespace {

// Decoded whole, such a photo has at most 16 MB.
constexpr std::uint64_t light_pixels_max = 2'000'000;

/// For a trial.
struct no_sink final : pixel_sink {
  void begin(const picture_shape&) override {}
  void take(const std::uint8_t*) override {}
};

struct work {
  image_kind kind = image_kind::jpeg;
  picture_shape to; ///< no channels; empty: a trial
  threads::decoding_weight weight = threads::decoding_weight::light;
};

bool is_empty(const picture_shape& shape) { return shape.width == 0; }

/// Nothing: the photo may stay as it is.
std::optional<work> work_on(const photo_facts& photo, const photo_rules& rules) {
  if (photo.kind != image_kind::jpeg && photo.kind != image_kind::png)
    return std::nullopt;
  const std::uint64_t longer = std::max(photo.width, photo.height);
  const auto is_heavy = photo.is_staged && std::uint64_t{photo.width} * photo.height > light_pixels_max;
  const auto weight = is_heavy ? threads::decoding_weight::heavy : threads::decoding_weight::light;
  if (rules.side_max == 0 || longer <= rules.side_max)
    return rules.decode_all ? std::optional{work{photo.kind, {}, weight}} : std::nullopt;
  const auto scaled = [&](std::uint64_t side) {
    return static_cast<std::uint32_t>(std::max<std::uint64_t>(1, (side * rules.side_max + longer / 2) / longer));
  };
  return work{photo.kind, {scaled(photo.width), scaled(photo.height), 0}, weight};
}

bool decode(std::string_view bytes, const work& wanted, std::uint64_t pixels_max, pixel_sink& sink) {
  if (wanted.kind == image_kind::jpeg)
    return decode_jpeg(bytes, std::max(wanted.to.width, wanted.to.height), pixels_max, sink);
  return decode_png(bytes, !is_empty(wanted.to), pixels_max, sink);
}

prepared_photo done(std::string_view bytes, const work& wanted, std::uint64_t pixels_max) {
  if (is_empty(wanted.to)) {
    no_sink nobody;
    return decode(bytes, wanted, pixels_max, nobody) ? prepared_photo{as_it_is{}}
                                                     : prepared_photo{fault::photo_unreadable};
  }
  area_scaler scaler{wanted.to.width, wanted.to.height};
  if (!decode(bytes, wanted, pixels_max, scaler))
    return fault::photo_unreadable;
  const auto& small = scaler.result();
  const auto kind = small.shape.channels == 4 ? image_kind::png : image_kind::jpeg;
  const auto encoded = kind == image_kind::png ? encode_png(small) : encode_jpeg(small);
  if (encoded.empty())
    return as_it_is{};
  return smaller_photo{to_base64(encoded), {kind, small.shape.width, small.shape.height}};
}

std::string bytes_of(const base64_view& photo) {
  std::string bytes(photo.size(), '\0');
  photo.copy(0, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size());
  return bytes;
}

} // namespace

prepared_photo prepare_photo(std::string_view base64, const photo_facts& facts, const photo_rules& rules) {
  const auto wanted = work_on(facts, rules);
  if (!wanted)
    return as_it_is{};
  const threads::decode_permit permit{wanted->weight};
  return done(bytes_of(base64_view{base64}), *wanted, rules.pixels_max);
}

} // namespace mp::photo
