#pragma once
// One string of near-JSON, with all its quotes, as a JSON string literal.

#include "actors/sanitizer/repair/string_end.hpp"
#include "messages/mend_kind.hpp"

#include <string>
#include <string_view>

namespace mp {

struct mended_string {
  string_ending ending = string_ending::unclear; ///< as find_string_end; unclear also for escapes with several readings
  std::size_t end = 0; ///< closed: behind the string, and behind those joined to it
  bool perhaps_path = false; ///< `C:\temp`: what it holds as JSON may not be what was meant
  bool has_blank_sign = false; ///< it holds U+2581, which is a blank to SentencePiece
};

/// Reads the string whose opening quote is at `at` and appends it to `out` as a literal. Any quotes are understood,
/// three of them too, and values joined by plus signs (`"a" + "b"`). On member_name and unclear `out` is as it was or
/// of no use.
mended_string mend_string(std::string& out, metered_text text, std::size_t at, const string_place& place,
                          mend_list& mends);

} // namespace mp
