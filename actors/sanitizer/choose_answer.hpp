#pragma once
// Which of the JSON values in a model's text is its answer?

#include "actors/sanitizer/find_values.hpp"

#include <optional>

namespace mp {

struct chosen_answer {
  std::size_t index = 0;      ///< among `found.values`
  bool among_several = false; ///< other values could have been answers too; those that could not count as prose
};

/// The answer among `found.values`, or nothing when there is none or more than one could be meant.
///
/// By rank (ollama.md 6.3): a json fence, another fence, bare text, a fence of another language. Of the highest rank
/// that holds anything the last value counts: examples and drafts come before the answer. Values with members beat
/// plain lists. Nothing counts that prose holds by accident: `{}`, `[]`, a footnote `[1]`, `{word}`.
///
/// Nothing is chosen where
///   - there are too many values (find_values),
///   - the last value is broken: an example before it is no answer,
///   - values that differ follow each other with nothing but white space or a comma between them (a list, NDJSON),
///   - an earlier value, or one in code beside an answer in bare text, has more members and shares no name with the
///     answer (which of them was asked for?),
///   - a value of lower rank comes behind it and shares a name (a draft in a fence, then the answer?).
std::optional<chosen_answer> choose_answer(std::string_view text, const found_values& found);

} // namespace mp
