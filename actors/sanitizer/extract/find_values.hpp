#pragma once
// Every place in a model's text where JSON stands, from left to right.

#include "actors/sanitizer/extract/fences.hpp"
#include "actors/sanitizer/repair/mend_json.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mp {

/// An object or array in the text: readable, or broken.
struct found_value {
  std::size_t begin = 0;
  std::size_t end = 0;
  fence_rank where = fence_rank::bare;
  mend_outcome outcome = mend_outcome::broken; ///< complete, unclosed or broken
  std::string json;                            ///< compact, valid JSON unless broken
  mend_list mends;
  bool plausible = true; ///< no accident of prose

  bool readable() const { return outcome != mend_outcome::broken; }
};

struct found_values {
  std::vector<found_value> values;
  bool thinking = false; ///< there is thinking text between or behind the values
  bool fences = false;   ///< there are fences
  bool prose = false;    ///< there is text beside values, fences and thinking
  bool too_many =
    false; ///< there is more than it makes sense to look at, or than the budget pays for; the rest was not read
};

/// The outermost values of `text`, none inside of another. Thinking blocks between them are left out; what stands
/// before a closing tag without an opening one is left out too, values included. A broken value reaches to its closing
/// bracket as far as that can be told, else to the end of its fence or of the text. A value inside of something that
/// cannot be read (braces around words, a member without its object) is broken too.
///
/// Linear: everything that is read, as often as it is, is paid for from the text's budget.
found_values find_values(metered_text text, std::size_t depth_max);

} // namespace mp
