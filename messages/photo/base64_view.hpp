#pragma once
// Base64 text (RFC 4648) as the bytes it stands for, without decoding it: a photo is only looked at where its header
// and its end are.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mp::photo {

/// Whether `text` is standard base64: the alphabet with `+` and `/`, padded with `=` to a multiple of four characters,
/// nothing else. This is what model servers take (Go's base64.StdEncoding; anything else is a 400 there). Bits that the
/// last character has too many may have any value, as in Go. The empty text stands for no bytes.
/// Linear, 16 characters at a time where SSE2 is there (every x86-64); allocates nothing.
bool is_standard_base64(std::string_view text);

/// The standard form of base64 written in another way that has one reading only: with line breaks (the default of
/// Android's encoder and of MIME), in the URL-safe alphabet (`-` and `_`), or without its padding. Nothing where `text`
/// is none of these; text that is standard already comes back as it was.
std::optional<std::string> to_standard_base64(std::string_view text);

/// The bytes behind standard base64, each decoded when it is asked for.
class base64_view {
public:
  /// `text` must be standard base64 for the bytes to mean something; for other text they do not, but nothing outside of
  /// it is read. `text` has to outlive the view.
  explicit base64_view(std::string_view text);

  /// How many bytes there are.
  std::size_t size() const noexcept { return size_; }

  /// The byte at `index`; 0 past the end, so that a hostile offset reads nothing.
  std::uint8_t operator[](std::size_t index) const noexcept;

  /// Whether the bytes at `index` are `bytes`.
  bool has(std::size_t index, std::string_view bytes) const noexcept;

  /// Numbers of 2 and 4 bytes at `index`, big-endian and little-endian.
  std::uint32_t be16(std::size_t index) const noexcept;
  std::uint32_t be32(std::size_t index) const noexcept;
  std::uint32_t le16(std::size_t index) const noexcept;
  std::uint32_t le32(std::size_t index) const noexcept;

  /// Decodes up to `bytes_max` bytes from `index` on into `to`; returns how many. For looking through many of them.
  std::size_t copy(std::size_t index, std::uint8_t* to, std::size_t bytes_max) const noexcept;

private:
  std::string_view text_;
  std::size_t size_ = 0;
};

namespace base64_detail {

/// Whether all characters of `text` are of the standard alphabet, padding not among them. The portable form is what
/// other processors than x86-64 run; both give the same result.
bool in_alphabet(std::string_view text);
bool in_alphabet_portable(std::string_view text);

} // namespace base64_detail
} // namespace mp::photo
