#pragma once
// JPEG files by libjpeg-turbo: bytes in, pixels out, and back. Files come from strangers: whatever is in them ends in a
// result.

#include "runtime/photos/pixels.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mp::photo {

/// Each scan of a progressive file costs a pass over the whole picture, and a file of some KB can hold thousands: as
/// many are read as make this many pixels together, but at least jpeg_scans_min (the usual files have 10) and at most
/// jpeg_scans_max.
inline constexpr std::uint64_t jpeg_scan_pixels_max = 240'000'000;
inline constexpr std::uint64_t jpeg_scans_min = 20;
inline constexpr std::uint64_t jpeg_scans_max = 64;

/// Decodes a JPEG into `sink`, grey or RGB. Where only small sides are wanted the decoder itself reduces the picture to
/// a half, a quarter or an eighth, which saves most of the work; what `sink` gets is never smaller than `side_wanted`
/// on the longer side (unless the picture is). The EXIF orientation is not applied: model servers do not look at it
/// either, so a scaled photo is seen as the whole one would be.
///
/// False: not a JPEG that can be shown without damage (broken or missing image data, more than `pixels_max` pixels, too
/// many scans); `sink` may have had some rows by then. Holds up to 8 bytes a pixel for a progressive file, next to
/// nothing for a baseline one. Throws what `sink` throws and std::bad_alloc.
bool decode_jpeg(std::string_view bytes, std::uint32_t side_wanted, std::uint64_t pixels_max, pixel_sink& sink);

/// A baseline JPEG of quality 90 (grey or RGB) of sides up to 65,500; empty when there is no memory.
std::string encode_jpeg(const picture& from);

} // namespace mp::photo
