#include "actors/sanitizer/remainder.hpp"

#include <array>

namespace mp {
namespace {

std::string_view up_to_fence(std::string_view text) {
  for (auto line = text.find('\n'); line != std::string_view::npos; line = text.find('\n', line + 1))
    if (const auto mark = text.substr(line + 1, 3); mark == "```" || mark == "~~~")
      return text.substr(0, line);
  return text;
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

std::size_t unmatched_in(std::string_view text) {
  constexpr auto is_sign = [] {
    std::array<bool, 256> table{};
    for (const auto c : {'"', '\\', '{', '}', '[', ']'})
      table[static_cast<unsigned char>(c)] = true;
    return table;
  }();
  std::size_t open = 0;
  std::size_t unmatched = 0;
  std::size_t at = 0;
  while (at < text.size()) {
    const auto c = text[at];
    if (!is_sign[static_cast<unsigned char>(c)]) {
      ++at;
      continue;
    }
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

} // namespace

std::size_t unmatched_closers(std::string_view rest) { return unmatched_in(up_to_fence(rest)); }

bool is_only_prose(std::string_view rest) {
  const auto text = up_to_fence(rest);
  for (auto colon = text.find(':', 1); colon != std::string_view::npos; colon = text.find(':', colon + 1))
    if (text[colon - 1] == '"' || text[colon - 1] == '\'')
      return false;
  return unmatched_in(text) == 0;
}

} // namespace mp
