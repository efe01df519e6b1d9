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

} // namespace mp
