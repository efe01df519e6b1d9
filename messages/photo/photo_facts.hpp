#pragma once
// What a photo is: found once, when its request is read, and carried with it.

#include <cstdint>

namespace mp::photo {

enum class image_kind : std::uint8_t { jpeg, png, gif, bmp, webp };

/// What an image file says about itself. Both sides are at least 1.
struct photo_facts {
  image_kind kind = image_kind::jpeg;
  std::uint32_t width = 0;  ///< pixels
  std::uint32_t height = 0; ///< pixels
  bool is_staged =
    false;   ///< in several passes over the whole picture (progressive, interlaced): a decoder has to hold it whole

  bool operator==(const photo_facts&) const = default;
};

template <class Inspector>
bool inspect(Inspector& f, photo_facts& x) {
  const auto get_kind = [&x] { return static_cast<std::uint8_t>(x.kind); };
  const auto set_kind = [&x](std::uint8_t number) {
    x.kind = static_cast<image_kind>(number);
    return number <= static_cast<std::uint8_t>(image_kind::webp);
  };
  return f.object(x).fields(f.field("kind", get_kind, set_kind), f.field("width", x.width), f.field("height", x.height),
                            f.field("is_staged", x.is_staged));
}

} // namespace mp::photo
