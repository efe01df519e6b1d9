#pragma once
// A model's raw text made an answer that follows a schema.

#include "actors/sanitizer/clean_answer.hpp"
#include "actors/sanitizer/schema/answer_schema.hpp"

namespace mp {

/// No answer fit to publish.
struct unusable_answer {
  fault why = fault::invalid_answer;
  std::string
    problem; ///< for people and for the model in a repair round, some 500 bytes at most; never logged, it may quote
};

/// Cleans `raw` as JSON (clean_answer) and, with a schema, brings it into its form (follow_schema). Where what
/// clean_answer has chosen does not follow the schema, or nothing was chosen, it is the one value in the text that
/// does, if there is only one such. Faults as of clean_answer; what does not follow the schema is an invalid_answer,
/// and cut text that does not is truncated.
std::variant<cleaned, unusable_answer> clean_for_schema(std::string_view raw, const answer_schema* schema,
                                                        finish_reason finish, const cleaning_limits& limits = {});

} // namespace mp
