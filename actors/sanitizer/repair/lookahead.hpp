#pragma once
// What the rest of a text says about brackets that are missing or wrong before it.

#include <cstddef>
#include <string_view>

namespace mp {

/// How many closing brackets in `rest`, up to a fence line, have no opening one in `rest`. Brackets in strings between
/// straight double quotes are not counted.
std::size_t unmatched_closers(std::string_view rest);

/// Whether `rest`, up to a fence line, holds nothing that could belong to an unfinished JSON value before it: no
/// unmatched closing bracket and no quoted name with a colon.
bool is_only_prose(std::string_view rest);

/// What of a JSON value may stand in the text behind it, if the value was closed too early.
struct strays {
  bool member = false; ///< a name in quotes, a colon and the beginning of a value, in no brackets
  bool closer = false; ///< a closing bracket without its opening one
};

/// Looks at `rest` up to a fence line; quotes mean nothing, as it may begin within a string.
strays strays_in(std::string_view rest);

} // namespace mp
