#pragma once
// Numbers, literals and words without quotes, as models write them, read as the JSON they stand for.

#include "messages/json/metered_text.hpp"
#include "messages/mend_kind.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace mp {

/// Where a scalar stands decides what a comma or a line's end means.
enum class scalar_place { object_value, array_element };

struct scalar {
  std::size_t end = 0;           ///< behind its last byte
  std::string json;              ///< as JSON
  std::optional<mend_kind> mend; ///< what had to be done, if anything
};

/// Where the number at `at` ends if it is as JSON writes numbers (without an exponent) and nothing behind it can belong
/// to it, else `at`: then read_scalar has to look.
std::size_t plain_number_end(std::string_view text, std::size_t at, scalar_place place);

/// The number, literal or unquoted string that begins at `at` (no white space or comment in front).
///
/// Numbers stay as they are written. Mended: a plus sign, a point without digits on one side, leading zeros (where an
/// octal reading would give the same number), `1_000`, `1,000` as a member's value, hexadecimal. True, False, None and
/// their capital forms are Python's; NaN and undefined are null, as JSON.stringify writes them. Nothing is given where
/// a reader could understand several things: units (`5kg`), fractions, ranges, percentages, Infinity, `010`, yes and
/// no, the name of a type (`string`) in place of a value, calls and expressions.
std::optional<scalar> read_scalar(metered_text text, std::size_t at, scalar_place place);

} // namespace mp
