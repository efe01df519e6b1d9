#pragma once
// The content of a string in near-JSON, written as the content of a JSON string.

#include "actors/sanitizer/repair/tokens.hpp"
#include "messages/mend_kind.hpp"

#include <string>
#include <string_view>

namespace mp {

/// Appends `content`, the raw text between two quotes of `kind`, to `out` as the inside of a JSON string literal.
/// Valid escapes and all other characters are kept as they are written. Control characters and quotes are escaped.
///   - `\x41`, `\u{41}` and `\U00000041` become the character.
///   - A backslash before a sign (`\'`, `\_`, `\&`) is dropped, as JavaScript and Markdown read it.
///   - Where one before a letter makes no escape (`C:\Windows`), all in the string are backslashes, `\t` and `\.` too.
///   - One at a line's end joins the lines, as both read it.
///   - Half of a surrogate pair becomes U+FFFD: which character it was cannot be known.
/// False, and `out` is of no use, where an escape can be read in several ways: `\u12`, `\x4`, `\.`, and what
/// meaning_of_backslashes finds unclear.
bool append_string_text(std::string& out, std::string_view content, quote_kind kind, mend_list& mends);

/// `content`, the inside of a string literal that was printed as it is (`{\"a\": 1}`), one level of escapes removed.
std::string unescape_once(std::string_view content);

} // namespace mp
