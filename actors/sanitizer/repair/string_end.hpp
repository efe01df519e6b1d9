#pragma once
// Where does a string end whose inner quotes were not escaped, or whose comma, colon or bracket behind it is missing?
// A quote ends a string when what follows it continues the JSON around it; any other quote is part of the string.

#include "actors/sanitizer/repair/string_place.hpp"
#include "actors/sanitizer/repair/tokens.hpp"

#include <cstddef>
#include <string_view>

namespace mp {

enum class string_ending {
  closed,      ///< it ends, and the JSON goes on
  member_name, ///< an array's element that is followed by a colon: it is a name of the object around the array
  unclear,     ///< it never ends, or more than one end is possible
};

struct string_extent {
  string_ending ending = string_ending::unclear;
  std::size_t content_end = 0; ///< behind the content's last byte
  std::size_t next = 0;        ///< behind the closing quote
  bool missing_quote = false;  ///< there is no closing quote
};

/// The end of the string whose content begins at `begin`, behind an opening quote of `kind`.
/// Reads the string once; behind each quote it looks a bounded number of tokens ahead. Unclear where the budget is used
/// up.
string_extent find_string_end(metered_text text, std::size_t begin, quote_kind kind, const string_place& place);

} // namespace mp
