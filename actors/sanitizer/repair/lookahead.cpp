#include "actors/sanitizer/repair/lookahead.hpp"

#include "messages/json/ascii.hpp"

#include <algorithm>
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

bool begins_value(std::string_view text, std::size_t at) {
  at = std::min(text.find_first_not_of(" \t", at), text.size());
  if (at == text.size())
    return false;
  const auto c = text[at];
  if (is_digit(c) || std::string_view{"\"'{[-"}.find(c) != std::string_view::npos)
    return true;
  for (const std::string_view literal :
       {"true", "false", "null", "True", "False", "None", "\xE2\x80\x9C", "\xE2\x80\x9D"})
    if (text.substr(at, literal.size()) == literal)
      return true;
  return false;
}

/// Whether the quote at `quote` ends a name of at most some words, and a colon and a value follow.
bool ends_name(std::string_view text, std::size_t quote) {
  constexpr std::size_t name_bytes_max = 48;
  const auto colon = text.find_first_not_of(" \t", quote + 1);
  if (colon == std::string_view::npos || text[colon] != ':' || !begins_value(text, colon + 1))
    return false;
  for (auto at = quote; at > 0 && quote - at < name_bytes_max; --at) {
    const auto c = text[at - 1];
    if (c == text[quote])
      return at < quote;
    if (c == '\n')
      return false;
  }
  return false;
}

} // namespace

strays strays_in(std::string_view rest) {
  const auto text = up_to_fence(rest);
  strays found;
  std::size_t open = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto c = text[at];
    if (c == '{' || c == '[') {
      ++open;
    } else if (c == '}' || c == ']') {
      found.closer |= open == 0;
      open -= open != 0;
    } else if ((c == '"' || c == '\'') && open == 0) {
      found.member |= ends_name(text, at);
    }
  }
  return found;
}

std::size_t unmatched_closers(std::string_view rest) { return unmatched_in(up_to_fence(rest)); }

bool is_only_prose(std::string_view rest) {
  const auto text = up_to_fence(rest);
  for (auto colon = text.find(':', 1); colon != std::string_view::npos; colon = text.find(':', colon + 1))
    if (text[colon - 1] == '"' || text[colon - 1] == '\'')
      return false;
  return unmatched_in(text) == 0;
}

} // namespace mp
