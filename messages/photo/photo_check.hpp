#pragma once
// Whether a photo is safe to send to a model. Checked before a model call, because a broken photo crashes Ollama's
// runner and with it every other call on it [ollama 8].

#include "messages/fault.hpp"
#include "messages/photo/base64_view.hpp"
#include "messages/photo/photo_facts.hpp"

#include <cstdint>
#include <variant>

namespace mp::photo {

struct photo_limits {
  std::uint64_t pixels_max = 0; ///< 0: no limit but the decoder's own
  bool webp_allowed =
    false; ///< the runners of Ollama 0.24 and older crash on WebP with split (llava) models, newer ones read it
};

/// The most pixels that the runner's decoder takes whatever the limit is set to: 2^30 bytes at four bytes a pixel
/// (stb_image).
inline constexpr std::uint64_t decoder_pixels_max = 1u << 28;

/// The longest side, the most that JPEG, GIF and most programs can write. stb_image takes 2^24; but what a decoder does
/// for each row whatever its length (a PNG of 1 x 12,000,000 takes seconds) and holds for one (12,000,000 x 1: a
/// hundred megabytes) has no other bound.
inline constexpr std::uint32_t decoder_side_max = 65'535;

/// Checks a photo's bytes. The first fault that applies:
/// - photo_unreadable: not a JPEG, PNG, GIF, BMP or (where allowed) WebP, no bytes at all, or a header that the decoder
///   refuses.
/// - photo_truncated: ends before its end mark.
/// - photo_too_large: more pixels than allowed, or a longer side.
///
/// Reads only header, block heads and end; where bytes follow a JPEG's end mark its scan is searched for that mark (1.4
/// ns a byte). Allocates nothing.
std::variant<photo_facts, fault> check_photo(const base64_view& bytes, const photo_limits& limits);

} // namespace mp::photo
