#pragma once
// UTF-8 as bytes: is it well formed, what is cut, what is broken.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mp {

/// Length in bytes of the well-formed UTF-8 sequence that begins at `at` (1 to 4), or 0 where there is none.
/// No overlong forms, no surrogates, nothing above U+10FFFF.
std::size_t utf8_sequence_length(std::string_view text, std::size_t at);

/// Whether the whole of `text` is well-formed UTF-8. Linear; eight bytes at a time where the text is ASCII.
bool is_valid_utf8(std::string_view text);

/// Appends the character `code_point` (at most 0x10FFFF, no surrogate).
void append_utf8(std::string& out, std::uint32_t code_point);

/// `text` made well formed: a character cut off at the very end is dropped (a model stopped within it), every other
/// byte that belongs to no character becomes U+FFFD. Well-formed text comes back as it was. Linear.
std::string mend_utf8(std::string_view text);

} // namespace mp
