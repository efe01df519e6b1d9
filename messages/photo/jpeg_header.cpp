// JPEG (ITU-T T.81): segments up to the frame header, on to the first scan, then the end mark.

#include "messages/photo/image_header.hpp"

#include <array>

namespace mp::photo::image_detail {
namespace {

namespace marker {
constexpr std::uint8_t escaped = 0x00; // FF 00 inside of a scan is the byte FF
constexpr std::uint8_t frame_baseline = 0xC0, frame_extended = 0xC1, frame_progressive = 0xC2;
constexpr std::uint8_t huffman_tables = 0xC4;
constexpr std::uint8_t restart_first = 0xD0, restart_last = 0xD7;
constexpr std::uint8_t image_end = 0xD9, scan = 0xDA, quantization_tables = 0xDB, number_of_lines = 0xDC,
                       restart_interval = 0xDD;
constexpr std::uint8_t application_first = 0xE0, application_last = 0xEF, comment = 0xFE;
constexpr std::uint8_t fill = 0xFF;
} // namespace marker

/// One segment: `at` is where its length field stands, `size` is that length (2 or more for a whole segment).
struct segment {
  std::uint8_t marker = 0;
  std::size_t at = 0;
  std::size_t size = 0;
};

/// Where the search for the next marker stands.
enum class place {
  before_frame, ///< some programs put padding between these segments
  after_frame,  ///< segments follow each other without a gap
  in_scan,      ///< compressed data, in which FF 00 and restart markers are no segments
};

segment segment_with(const base64_view& bytes, std::size_t marker_at) {
  return {bytes[marker_at], marker_at + 1, bytes.be16(marker_at + 1)};
}

/// The next segment at or after `at`, or photo_truncated when the bytes end before it.
std::variant<segment, fault> next_segment(const base64_view& bytes, std::size_t at, place where) {
  const auto is_marker = [&](std::uint8_t byte) {
    const auto is_data = byte == marker::escaped || (byte >= marker::restart_first && byte <= marker::restart_last);
    return byte != marker::fill && (where != place::in_scan || !is_data);
  };
  if (at + 1 < bytes.size() && bytes[at] == marker::fill && is_marker(bytes[at + 1]))
    return segment_with(bytes, at + 1);
  if (where == place::after_frame && at < bytes.size() && bytes[at] != marker::fill)
    return fault::photo_unreadable;
  std::array<std::uint8_t, 1'536> chunk; // a multiple of three bytes, so that no group is decoded twice
  bool after_ff = false;
  while (at < bytes.size()) {
    const auto count = bytes.copy(at, chunk.data(), chunk.size());
    for (std::size_t i = 0; i < count; ++i) {
      if (after_ff && is_marker(chunk[i]))
        return segment_with(bytes, at + i);
      after_ff = chunk[i] == marker::fill;
    }
    at += count;
  }
  return fault::photo_truncated;
}

/// Huffman tables: 16 counts of codes by length, then that many symbols. The codes of each length must have room.
bool huffman_tables_are_sound(const base64_view& bytes, std::size_t at, std::size_t end) {
  while (at < end) {
    const auto kind_and_slot = bytes[at];
    if ((kind_and_slot >> 4) > 1 || (kind_and_slot & 15) > 3 || end - at < 17)
      return false;
    unsigned symbols = 0;
    unsigned codes = 0;
    for (unsigned length = 1; length <= 16; ++length) {
      const unsigned count = bytes[at + length];
      symbols += count;
      codes = codes * 2 + count;
      if (codes > 1u << length)
        return false;
    }
    at += 17;
    if (symbols > 256 || symbols > end - at)
      return false;
    at += symbols;
  }
  return true;
}

bool quantization_tables_are_sound(const base64_view& bytes, std::size_t at, std::size_t end) {
  while (at < end) {
    const auto precision_and_slot = bytes[at];
    const std::size_t size = (precision_and_slot >> 4) == 0 ? 65 : 129;
    if ((precision_and_slot >> 4) > 1 || (precision_and_slot & 15) > 3 || end - at < size)
      return false;
    at += size;
  }
  return true;
}

/// The frame header's size, or nothing where the decoder does not take it: 8 bits, 1, 3 or 4 components, whole-numbered
/// subsampling, a height that is not left open.
std::optional<photo_facts> read_frame(const base64_view& bytes, const segment& frame) {
  const auto at = frame.at;
  const std::size_t components = bytes[at + 7];
  if (bytes[at + 2] != 8 || (components != 1 && components != 3 && components != 4) || frame.size != 8 + 3 * components)
    return std::nullopt;
  unsigned across_max = 1;
  unsigned down_max = 1;
  for (int pass = 0; pass < 2; ++pass)
    for (std::size_t i = 0; i < components; ++i) {
      const unsigned across = bytes[at + 9 + 3 * i] >> 4;
      const unsigned down = bytes[at + 9 + 3 * i] & 15;
      if (across == 0 || across > 4 || down == 0 || down > 4 || bytes[at + 10 + 3 * i] > 3)
        return std::nullopt;
      if (pass == 1 && (across_max % across != 0 || down_max % down != 0))
        return std::nullopt;
      across_max = across > across_max ? across : across_max;
      down_max = down > down_max ? down : down_max;
    }
  const photo_facts facts{image_kind::jpeg, bytes.be16(at + 5), bytes.be16(at + 3)};
  return facts.width == 0 || facts.height == 0 ? std::nullopt : std::optional{facts};
}

/// Whether the scan's header names components of the frame, and tables that can exist.
bool scan_is_sound(const base64_view& bytes, const segment& scan, const segment& frame) {
  const std::size_t components = bytes[scan.at + 2];
  const std::size_t frame_components = bytes[frame.at + 7];
  if (components < 1 || components > frame_components || scan.size != 6 + 2 * components)
    return false;
  for (std::size_t i = 0; i < components; ++i) {
    const unsigned slots = bytes[scan.at + 4 + 2 * i];
    std::size_t same = 0;
    while (same < frame_components && bytes[frame.at + 8 + 3 * same] != bytes[scan.at + 3 + 2 * i])
      ++same;
    if (same == frame_components || (slots >> 4) > 3 || (slots & 15) > 3)
      return false;
  }
  const auto at = scan.at + 3 + 2 * components;
  const unsigned first = bytes[at];
  const unsigned last = bytes[at + 1];
  const unsigned approximation = bytes[at + 2];
  if (frame.marker != marker::frame_progressive)
    return first == 0 && approximation == 0;
  return first <= last && last <= 63 && (approximation >> 4) <= 13 && (approximation & 15) <= 13;
}

/// Whether the decoder knows a segment with this marker: no lossless or arithmetic frames, nothing private.
bool is_known(std::uint8_t marker_byte) {
  switch (marker_byte) {
    case marker::frame_baseline:
    case marker::frame_extended:
    case marker::frame_progressive:
    case marker::huffman_tables:
    case marker::scan:
    case marker::quantization_tables:
    case marker::number_of_lines:
    case marker::restart_interval:
    case marker::comment: return true;
    default: return marker_byte >= marker::application_first && marker_byte <= marker::application_last;
  }
}

/// Whether a segment between frame and scans has content that the decoder takes, as far as that is small.
bool is_sound(const base64_view& bytes, const segment& part) {
  const auto content = part.at + 2;
  const auto end = part.at + part.size;
  switch (part.marker) {
    case marker::huffman_tables: return huffman_tables_are_sound(bytes, content, end);
    case marker::quantization_tables: return quantization_tables_are_sound(bytes, content, end);
    case marker::restart_interval: return part.size == 4;
    default: return true;
  }
}

/// What is known of a picture after the segments so far.
class jpeg_reader {
public:
  explicit jpeg_reader(const base64_view& bytes) : bytes_(bytes) {}

  /// Where the search for the next segment stands.
  place where() const { return where_; }

  bool has_scan() const { return has_scan_; }

  /// Once there was a scan.
  const photo_facts& facts() const { return *facts_; }

  /// Takes one whole segment. False: no decoder can use this picture.
  bool take(const segment& part) {
    switch (part.marker) {
      case marker::frame_baseline:
      case marker::frame_extended:
      case marker::frame_progressive: return take_frame(part);
      case marker::scan: return take_scan(part);
      case marker::number_of_lines: return facts_ && part.size == 4 && bytes_.be16(part.at + 2) == facts_->height;
      default:
        has_huffman_ |= part.marker == marker::huffman_tables;
        has_quantization_ |= part.marker == marker::quantization_tables;
        where_ = facts_ ? place::after_frame : place::before_frame;
        return is_sound(bytes_, part);
    }
  }

private:
  bool take_frame(const segment& part) {
    if (facts_)
      return false;
    facts_ = read_frame(bytes_, part);
    frame_ = part;
    where_ = place::after_frame;
    return facts_.has_value();
  }

  bool take_scan(const segment& part) {
    // Without tables of its own (single frames of some films) the decoder has nothing to read the scan with.
    if (!facts_ || !has_huffman_ || !has_quantization_ || !scan_is_sound(bytes_, part, frame_))
      return false;
    // Components in scans of their own are put together at the end only.
    facts_->is_staged |=
      !has_scan_ && (frame_.marker == marker::frame_progressive || bytes_[part.at + 2] < bytes_[frame_.at + 7]);
    has_scan_ = true;
    where_ = place::in_scan;
    return true;
  }

  const base64_view& bytes_;
  std::optional<photo_facts> facts_{};
  segment frame_{};
  bool has_huffman_ = false;
  bool has_quantization_ = false;
  bool has_scan_ = false;
  place where_ = place::before_frame;
};

} // namespace

header_result read_jpeg(const base64_view& bytes) {
  jpeg_reader picture{bytes};
  std::size_t at = 2;
  for (unsigned count = 0; count < jpeg_segments_max; ++count) {
    // Nothing but the end mark itself can be FF D9 at the end of a picture: inside of a scan an FF is escaped. So a
    // picture that ends with it needs no look at its scan, which is nearly all of the file.
    if (picture.has_scan() && bytes.has(bytes.size() - 2, "\xFF\xD9"))
      return picture.facts();
    const auto next = next_segment(bytes, at, picture.where());
    if (const auto* why = std::get_if<fault>(&next))
      return *why;
    const auto& part = std::get<segment>(next);
    if (part.marker == marker::image_end)
      return picture.has_scan() ? header_result{picture.facts()} : header_result{fault::photo_unreadable};
    if (!is_known(part.marker))
      return fault::photo_unreadable;
    if (part.at + 2 > bytes.size())
      return fault::photo_truncated;
    if (part.size < 2)
      return fault::photo_unreadable;
    at = part.at + part.size;
    if (at > bytes.size())
      return fault::photo_truncated;
    if (!picture.take(part))
      return fault::photo_unreadable;
  }
  return fault::photo_unreadable;
}

} // namespace mp::photo::image_detail
