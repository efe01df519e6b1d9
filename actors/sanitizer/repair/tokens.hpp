#pragma once
// The small parts of near-JSON: what models put between, around and in place of JSON's own tokens. Looking only, no
// deciding.

#include "messages/json/metered_text.hpp"

#include <cstddef>
#include <string_view>

namespace mp {

/// What lies between two tokens.
struct blanks {
  std::size_t end = 0;               ///< position of the next token
  bool newline = false;              ///< a line break is among it
  bool odd_space = false;            ///< no-break, zero-width and other spaces that JSON does not know
  bool escaped_space = false;        ///< a backslash and an n, r or t, as in JSON that was printed as a string
  bool comment = false;              ///< a comment of any kind
  bool comment_with_quote = false;   ///< a comment to the line's end that holds a double quote
  bool comment_with_apostrophe = false; ///< or a single one
  bool comment_with_bracket = false; ///< a comment to the line's end that may have swallowed a bracket or a member
};

namespace tokens_detail {

/// Whether `c` begins neither white space nor a comment nor a character beyond ASCII.
constexpr bool is_solid(char c) {
  return static_cast<unsigned char>(c) > 0x20 && static_cast<unsigned char>(c) < 0x80 && c != '/' && c != '#'
         && c != '<' && c != '\\';
}

blanks take_blanks(metered_text text, std::size_t at);

} // namespace tokens_detail

/// The white space and comments (`//`, `#`, `/* */`, `<!-- -->`) from `at` on. A comment that is never closed is none,
/// nor is one of more than 1 KiB to the line's end or 4 KiB to its mark.
inline blanks skip_blanks(metered_text text, std::size_t at) {
  if (at >= text.size() || tokens_detail::is_solid(text[at]))
    return {at};
  if (text[at] == ' ' && at + 1 < text.size() && tokens_detail::is_solid(text[at + 1]))
    return {at + 1};
  return tokens_detail::take_blanks(text, at);
}

/// The kinds of quotes that strings are written in.
enum class quote_kind {
  none,
  straight_double,
  straight_single,
  backtick,
  typographic_double,
  typographic_single,
  angle
};

struct quote_mark {
  quote_kind kind = quote_kind::none;
  std::size_t size = 0; ///< bytes
};

namespace tokens_detail {

quote_mark rare_opening_quote(std::string_view text, std::size_t at);
std::size_t rare_closing_quote(std::string_view text, std::size_t at, quote_kind kind);

} // namespace tokens_detail

/// The quote that can open a string at `at`.
inline quote_mark opening_quote(std::string_view text, std::size_t at) {
  if (at < text.size() && text[at] == '"')
    return {quote_kind::straight_double, 1};
  return tokens_detail::rare_opening_quote(text, at);
}

/// The size in bytes of the quote at `at` if it can close a string opened by `kind`, else 0.
inline std::size_t closing_quote(std::string_view text, std::size_t at, quote_kind kind) {
  if (kind == quote_kind::straight_double)
    return at < text.size() && text[at] == '"' ? 1 : 0;
  return tokens_detail::rare_closing_quote(text, at, kind);
}

struct punctuation {
  char sign = '\0';     ///< the ASCII sign, '\0' at the end of the text
  std::size_t size = 0; ///< bytes
};

namespace tokens_detail {

punctuation wide_sign_at(std::string_view text, std::size_t at);

} // namespace tokens_detail

/// The sign at `at`, with full-width and CJK punctuation read as the ASCII sign it stands for; other bytes as they are.
inline punctuation sign_at(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return {};
  if (text[at] == '\xEF' || text[at] == '\xE3')
    return tokens_detail::wide_sign_at(text, at);
  return {text[at], 1};
}

/// Whether the value has to end at `at` whatever is open: the text ends, or a fence line or a closing thinking tag
/// begins.
inline bool ends_everything(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return true;
  const auto c = text[at];
  return c == '`' ? text.substr(at, 3) == "```" : c == '~' ? text.substr(at, 3) == "~~~" : text.substr(at, 2) == "</";
}

/// Size in bytes of the ellipsis (three dots or more, or the character U+2026) at `at`, or 0.
std::size_t ellipsis_size(std::string_view text, std::size_t at);

/// Letters, digits, `_`, `$` and every character beyond ASCII that is neither punctuation nor space of the kinds above.
bool is_word_byte(std::string_view text, std::size_t at);

/// Where the name without quotes at `at` ends: a letter, digit, `_`, `$` or `\_` (as Markdown writes `_`), then also
/// `-` and `.`. `at` itself when none begins. Looks at most 128 bytes ahead.
std::size_t word_end(std::string_view text, std::size_t at);

/// Whether the single quote at `at`, in a string opened by `kind`, stands between two letters: "Mom's".
bool is_apostrophe(std::string_view text, std::size_t at, quote_kind kind);

/// Whether a member's name and its colon begin at `at`; the quote behind a name of one word may be missing. Looks at
/// most 128 bytes ahead, on one line.
bool member_begins(metered_text text, std::size_t at, bool unquoted_allowed);

/// The position of the colon behind a name of one word at `at` whose closing quote is missing (`name: 1`, `name : 1`),
/// or `at` when there is none.
std::size_t colon_of_open_name(std::string_view text, std::size_t at);

} // namespace mp
