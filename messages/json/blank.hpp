#pragma once
// White space of Unicode, and what is invisible like it.

#include <cstddef>
#include <string_view>

namespace mp {

/// How many bytes of blank character the UTF-8 text begins with; 0 when it begins with something to read. Blank are
/// Unicode's White_Space, control characters below U+0020, U+200B (zero width space) and U+FEFF (byte order mark).
/// `utf8` must not be empty.
std::size_t blank_length(std::string_view utf8);

/// `utf8` from its first character on that is not blank.
std::string_view without_blanks_in_front(std::string_view utf8);

/// `utf8` up to its last character that is not blank.
std::string_view without_blanks_behind(std::string_view utf8);

} // namespace mp
