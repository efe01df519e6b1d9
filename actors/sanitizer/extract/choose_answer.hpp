#pragma once
// Which of the JSON values in a model's text is its answer?

#include "actors/sanitizer/extract/find_values.hpp"

#include <optional>

namespace mp {

struct chosen_answer {
  std::size_t index = 0;      ///< among `found.values`
  bool among_several = false; ///< other values could have been answers too; those that could not count as prose
};

/// The answer among `found.values`, or nothing when there is none or more than one could be meant.
///
/// By rank [ollama 19]: a json fence, another fence, bare text, a fence of another language. Of the highest rank
/// that holds anything the last value counts: examples and drafts come before the answer. Values with members beat
/// plain lists. Nothing counts that prose holds by accident: `{}`, `[]`, a footnote `[1]`, `{word}`; nor what the text
/// calls an example, a format, a draft or wrong (lead_in), nor, beside others or amid prose, what has placeholders for
/// values.
///
/// Nothing is chosen where
///   - there is too much to look at (find_values),
///   - the last value is broken: an example before it is no answer; or one before it is, unless the text says that it
///   is none,
///   - values that differ follow each other with nothing but white space or a comma between them (a list, NDJSON),
///   - another value contradicts it: a member of the same name has another value, or it would be lost, or it is a list
///   that
///     differs; unless the text says in between that the last one corrects it,
///   - an earlier value, or one in code beside an answer in bare text, has as many members or more and shares no name
///   with the
///     answer (which of them was asked for?),
///   - a value that shares a name comes behind it and has no mere placeholders.
std::optional<chosen_answer> choose_answer(metered_text text, const found_values& found);

} // namespace mp
