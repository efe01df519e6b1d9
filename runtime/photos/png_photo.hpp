#pragma once
// PNG files by libpng: bytes in, pixels out, and back. Files come from strangers: whatever is in them ends in a result.

#include "runtime/photos/pixels.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mp::photo {

/// Decodes a PNG into `sink`: grey, RGB or, where it has transparency of any kind, RGBA. `keep_order` false: the rows
/// of an interlaced file may come in the order in which they are stored, several times each and incomplete, which needs
/// no memory (for a trial whose pixels nobody looks at).
///
/// False: not a PNG that can be shown without damage (broken or missing image data, a wrong checksum, more than
/// `pixels_max` pixels); `sink` may have had some rows by then. Holds up to 4 bytes a pixel for an interlaced file in
/// order, else a row. Throws what `sink` throws and std::bad_alloc.
bool decode_png(std::string_view bytes, bool keep_order, std::uint64_t pixels_max, pixel_sink& sink);

/// A PNG of 8 bits a channel; empty when there is no memory.
std::string encode_png(const picture& from);

} // namespace mp::photo
