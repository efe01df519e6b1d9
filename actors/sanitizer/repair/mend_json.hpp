#pragma once
// A tolerant parser: reads near-JSON as its writer meant it and writes compact JSON. It tracks strings, so nothing
// inside of one is ever taken for a bracket, a comment or a fence; it mends only what has one reading and gives up on
// the rest.

#include "messages/json/metered_text.hpp"
#include "messages/mend_kind.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace mp {

enum class mend_outcome {
  complete, ///< the value's own closing bracket was found
  unclosed, ///< the text (or its fence) ended before; the missing brackets were added
  broken,   ///< it is meant as JSON but cannot be read, or not in one way only
  escaped,  ///< it is JSON printed with the escapes of a string: unescape_once, then again
  not_json, ///< brackets in prose
};

struct mended_value {
  mend_outcome outcome = mend_outcome::not_json;
  std::size_t end = 0;     ///< complete, unclosed: behind the value; otherwise how far the text was read
  std::string json;        ///< complete, unclosed: compact, valid JSON
  mend_list mends;         ///< what was done, in the text's order
  bool plausible = false; ///< it holds strings, numbers or members enough to be no accident of prose
};

/// Reads the object or array whose opening bracket is at `begin`.
/// Valid JSON comes back compact with no mends. Linear in what it reads; `depth_max` bounds the nesting, a deeper value
/// is broken. Members keep their order, doubled names included; numbers and strings stay as they are written.
///
/// A bracket that is missing or wrong is judged by the whole rest of the text, as often as the text's budget allows.
/// Where that is used up the value is broken, and what has been read of it is of no use.
mended_value mend_json(metered_text text, std::size_t begin, std::size_t depth_max);

} // namespace mp
