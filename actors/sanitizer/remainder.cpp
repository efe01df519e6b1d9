#include "actors/sanitizer/remainder.hpp"

#include <algorithm>

namespace mp {
namespace {

std::string_view up_to_fence(std::string_view text) {
  return text.substr(0, std::min(text.find("\n```"), text.find("\n~~~")));
}

/// Behind the string whose opening quote is at `quote`, or behind the quote alone where the line ends before the
/// string.
std::size_t behind_string(std::string_view text, std::size_t quote) {
  for (auto at = quote + 1; at < text.size() && text[at] != '\n'; ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return quote + 1;
}

} // namespace

std::size_t unmatched_closers(std::string_view rest) {
  const auto text = up_to_fence(rest);
  std::size_t open = 0;
  std::size_t unmatched = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = text[at];
    if (c == '"') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '\\')
      ++at; // an escaped quote opens nothing
    if (c == '{' || c == '[')
      ++open;
    if (c == '}' || c == ']') {
      unmatched += open == 0;
      open -= open != 0;
    }
    ++at;
  }
  return unmatched;
}

bool is_only_prose(std::string_view rest) {
  const auto text = up_to_fence(rest);
  return text.find("\":") == std::string_view::npos && text.find("':") == std::string_view::npos
         && unmatched_closers(text) == 0;
}

} // namespace mp
