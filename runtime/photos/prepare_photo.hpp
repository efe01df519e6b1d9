#pragma once
// A photo as it is sent to a model: the sender's own bytes, or scaled down; or refused because it is broken and would
// crash the model.

#include "messages/fault.hpp"
#include "messages/photo/photo_facts.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace mp::photo {

struct photo_rules {
  std::uint32_t side_max = 0;   ///< pixels; photos wider or higher are scaled down to it. 0: none is
  bool decode_all = false;      ///< those that need no scaling are decoded as a trial
  std::uint64_t pixels_max = 0; ///< more are not decoded; bounds memory to about 8 bytes a pixel
};

/// The sender's own bytes will do.
struct as_it_is {
  bool operator==(const as_it_is&) const = default;
};

/// What takes the place of the photo that was given.
struct smaller_photo {
  std::string base64;
  photo_facts facts;
};

using prepared_photo = std::variant<as_it_is, smaller_photo, fault>;

/// Looks at the bytes of a photo that has passed check_photo, which gave `facts`. JPEG and PNG are scaled or tried as
/// the rules say; scaled ones become JPEGs, with transparency PNGs. GIF, BMP and WebP stay as they are.
/// photo_unreadable: it had to be decoded and cannot be. Throws nothing but std::bad_alloc. A photo of 200 KB takes 2
/// to 20 ms of a core (tests/benchmark/README.md), the costliest of 12 megapixels some 400 ms (measured: interlaced
/// PNGs of 16 bits, progressive JPEGs of many scans).
///
/// At most two photos are decoded at a time in the whole process, and one that needs much memory and time
/// (decoding_queue); the others wait. So decoding takes at most 8 bytes for each of `pixels_max` pixels, 16 MB for the
/// other photo, and the two files.
prepared_photo prepare_photo(std::string_view base64, const photo_facts& facts, const photo_rules& rules);

} // namespace mp::photo
