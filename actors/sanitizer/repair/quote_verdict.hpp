#pragma once
// What one quote is inside of a string of near-JSON: does the JSON around the string go on behind it?

#include "actors/sanitizer/repair/string_place.hpp"
#include "actors/sanitizer/repair/tokens.hpp"

#include <cstddef>

namespace mp {

enum class quote_verdict {
  closes,  ///< the JSON goes on behind this quote
  inner,   ///< it does not
  name,    ///< a colon follows where none may
  perhaps, ///< a line break follows: the end if nothing better comes
  unclear, ///< a comment with quotes follows, or the string goes on with two slashes
};

/// What the quote at `quote` is, with the next byte at `after`, in a value whose content begins at `begin`. `inner`:
/// how many quotes before it were taken as part of the string. Looks a bounded number of tokens ahead, which the text's
/// budget pays for.
quote_verdict judge_quote(metered_text text, std::size_t begin, std::size_t quote, std::size_t after,
                          const string_place& place, std::size_t inner);

/// Whether a name ends at its first quote that is no apostrophe, given what begins at `after`: it must be a colon, a
/// value (the colon is missing) or, in a set, a comma.
bool key_closes(metered_text text, std::size_t after, const string_place& place);

namespace quote_detail {

constexpr bool is_closer(char sign) { return sign == '}' || sign == ']'; }

} // namespace quote_detail
} // namespace mp
