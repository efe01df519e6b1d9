#pragma once
// The model's own turn: what it says before it goes on as somebody else, without the marks of its chat template.

#include "messages/json/metered_text.hpp"

#include <cstddef>
#include <string_view>

namespace mp {

struct own_turn {
  std::string_view text;
  bool header = false;   ///< marks or a role's header stood before it
  bool ended = false;    ///< an end-of-turn mark stood behind it; what follows that is nobody's answer
  bool channels = false; ///< other channels' messages stood before the final one
  bool thought = false;  ///< thinking stood before a header

  bool changed() const { return header || ended || channels || thought; }
};

/// The own turn in a text that is to be published as it is. It ends at the first mark that ends a turn or begins
/// another one. A mark is no mark but what is talked about where quotes or backticks stand on both sides of it, and in
/// a code fence that is closed and begins with such a mark. `</s>` behind an `<s>` is HTML's. Empty where the turn is
/// somebody else's, or where none of harmony's messages is on the final channel. What comes back with changed() may be
/// read once more, until nothing changes: a fence may have lost its end.
own_turn own_turn_of_text(std::string_view text);

/// As own_turn_of_text, for a text that JSON is to be found in. Here a mark is none inside of a valid JSON value that
/// goes on behind it, and fences mean nothing.
own_turn own_turn_of_json(metered_text text, std::size_t depth_max);

} // namespace mp
