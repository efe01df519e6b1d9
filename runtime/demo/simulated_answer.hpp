#pragma once
// What the simulated model says. Values in, values out.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace mp {

/// What the simulated model looks at.
struct simulated_question {
  std::string prompt;
  std::size_t photo_bytes = 0; ///< of the base64 text, 0 without a photo; decides which dish is seen
  std::string format_json;     ///< the request's `format` as JSON: empty, "json" in quotes, or a schema
};

/// An answer that says that it comes from a simulated model. To a photo: a food analysis as JSON in a fence with
/// chatter around it, as vision models answer, so that the path behind has something to clean. To a text: a sentence,
/// or JSON when its prompt says JSON. With a format: JSON alone, of the schema's shape where there is one (types,
/// properties, items, enum, const; the first of anyOf or oneOf).
std::string simulated_answer(const simulated_question& question);

/// `text` in pieces as a model streams it: a word with the white space before it each. Joined they are the text.
std::vector<std::string_view> simulated_tokens(std::string_view text);

} // namespace mp
