#include "messages/photo/photo_check.hpp"

#include "messages/photo/image_header.hpp"

namespace mp::photo {

std::variant<photo_facts, fault> check_photo(const base64_view& bytes, const photo_limits& limits) {
  const auto kind = kind_of_image(bytes);
  if (!kind || (*kind == image_kind::webp && !limits.webp_allowed))
    return fault::photo_unreadable;
  const auto result = read_image_header(*kind, bytes);
  const auto* facts = std::get_if<photo_facts>(&result);
  if (!facts)
    return result;
  const auto pixels = std::uint64_t{facts->width} * facts->height;
  if (facts->width > decoder_side_max || facts->height > decoder_side_max || pixels > decoder_pixels_max
      || (limits.pixels_max != 0 && pixels > limits.pixels_max))
    return fault::photo_too_large;
  return *facts;
}

} // namespace mp::photo
