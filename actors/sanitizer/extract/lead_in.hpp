#pragma once
// What the text around a JSON value says of it: an example, one of several, a correction?

#include <string_view>

namespace mp {

/// Looked for in English, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Czech, Romanian, Swedish,
/// Turkish, Russian, Ukrainian, Chinese, Japanese and Korean.
struct said_of_value {
  bool example = false;    ///< it shows a form: "for example", "the format is", "would look like"
  bool rejected = false;   ///< it is wrong, a draft, or what not to take
  bool option = false;     ///< it is one of several to choose from
  bool correction = false; ///< it replaces what came before: "Correction:", "Wait,", "corrected JSON"

  bool is_no_answer() const { return example || rejected; }
};

/// `before`: the text between the value before, or the beginning, and the value; `behind`: what follows on its line.
said_of_value what_is_said(std::string_view before, std::string_view behind);

/// Whether a compact JSON object or array has nothing but placeholders for values: names of types, dots, `<...>`. One
/// without values has none.
bool is_form(std::string_view json);

} // namespace mp
