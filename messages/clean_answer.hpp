#pragma once
// An answer fit to publish.

#include <string>

namespace mp {

/// What the sanitizer made of a model's text.
struct clean_text {
  std::string text;    ///< for a photo: compact JSON; for a text: the answer without thinking
  std::string object;  ///< the answer as a compact JSON object where it is one, else empty
  std::string
    mends; ///< names of what was taken away or mended, comma-separated, in the order applied; empty when nothing was
  bool syntax_mended = false; ///< the JSON itself was mended, not only taken out of what stood around it
};

} // namespace mp
