#pragma once
// What do the backslashes of a string mean that holds one which makes no escape of JSON?

#include "actors/sanitizer/repair/tokens.hpp"

#include <string_view>

namespace mp {

enum class backslashes {
  escapes, ///< each is an escape, of JSON or of a language near it; append_string_text knows them
  literal, ///< all are meant as backslashes: a path, a pattern, a formula
  unclear, ///< some may be this and some that
};

/// How to read `content`, the raw text between two quotes of `kind`, where at least one backslash makes no escape of
/// JSON.
///
/// One before a letter or digit that makes an escape nowhere (`\d`, `\W`, `\alpha`) shows that nothing was escaped; so
/// does a drive's name before one (`C:\xampp`). Then all are literal, `\t` and `\n` among them, as far as they stand in
/// the same word, or the whole string is a path. Unclear where real escapes may stand beside it: `\"`, `\\`, `\u00e9`,
/// a `\n` in another word; and where a sign or digit is one thing to programs and another to formulas or patterns
/// (`\.`, `\(`, `\0`).
backslashes meaning_of_backslashes(std::string_view content, quote_kind kind);

/// Whether a drive's name stands before a backslash that makes an escape of JSON: `C:\temp`. One that is escaped itself
/// does not.
bool names_a_drive(std::string_view content);

} // namespace mp
