#pragma once
// What an image file says about itself, read from its header and its chain of blocks. No pixel is decoded.
//
// The rules are those of stb_image, the decoder of Ollama's model runners: up to Ollama 0.24 an image it refuses takes
// the whole runner down with it (measured), so a header it would refuse is refused here. What only decoding would show
// (broken compressed data) is not found.

#include "messages/fault.hpp"
#include "messages/photo/base64_view.hpp"
#include "messages/photo/photo_facts.hpp"

#include <cstdint>
#include <optional>
#include <variant>

namespace mp::photo {

/// photo_unreadable or photo_truncated in place of the facts.
using header_result = std::variant<photo_facts, fault>;

/// The kind by its first bytes, or nothing where they are those of no supported kind.
std::optional<image_kind> kind_of_image(const base64_view& bytes);

/// Reads the header and follows the blocks of an image of this kind up to its end mark; bytes behind that (many cameras
/// put a second picture or a film there) are not looked at. Never reads outside of `bytes`; linear in their number with
/// a bound on the blocks looked at, so hostile bytes cost no more than a photo does.
header_result read_image_header(image_kind kind, const base64_view& bytes);

namespace image_detail {

/// More segments or chunks than any camera or program writes (an extended XMP of 10 MB has about 160): past it the
/// image is taken for hostile and is photo_unreadable.
inline constexpr unsigned jpeg_segments_max = 4'096;
inline constexpr unsigned png_chunks_max = 65'536;

header_result read_jpeg(const base64_view& bytes);
header_result read_png(const base64_view& bytes);
header_result read_gif(const base64_view& bytes);
header_result read_bmp(const base64_view& bytes);
header_result read_webp(const base64_view& bytes);

} // namespace image_detail
} // namespace mp::photo
