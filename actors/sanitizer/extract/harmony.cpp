#include "actors/sanitizer/extract/harmony.hpp"

#include "actors/sanitizer/extract/turn_marks.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

using enum turn_mark_kind;

/// A harmony message whose header is at `at`.
struct channel_message {
  bool is_message = false;
  bool is_final = false;
  bool is_own = true;
  std::size_t begin = 0; ///< of what it says
};

channel_message message_at(std::string_view text, std::size_t at) {
  constexpr std::size_t header_bytes_max = 256;
  channel_message result;
  auto named = false;
  auto mark = turn_mark_at(text, at);
  if (mark.kind == header) {
    at = skip_space(text, at + mark.size);
    const auto role = word_at(text, at);
    result.is_own = role.empty() || is_own_role(role);
    at += role.size();
  } else if (mark.kind == none) { // the channel's mark was left out, its name not
    named = true;
    result.is_final = word_at(text, at) == "final";
  }
  const auto near = text.substr(0, at + header_bytes_max);
  for (; at < near.size(); ++at) {
    mark = turn_mark_at(near, at);
    if (mark.kind == channel) {
      named = true;
      result.is_final = word_at(near, skip_space(near, at + mark.size)) == "final";
      at += mark.size - 1;
    } else if (mark.kind == message) {
      result.is_message = true;
      result.is_final |= !named;
      result.begin = at + mark.size;
      return result;
    } else if (mark.kind != none) {
      return result;
    }
  }
  return result;
}

} // namespace

std::size_t skip_space(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \n\r\t", at), text.size());
}

std::string_view word_at(std::string_view text, std::size_t at) {
  auto end = at;
  while (end < text.size() && is_letter(text[end]))
    ++end;
  return text.substr(at, end - at);
}

bool is_own_role(std::string_view role) {
  constexpr std::array<std::string_view, 7> roles{"assistant", "model",   "Assistant", "ASSISTANT",
                                                  "bot",       "chatbot", "ai"};
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

final_message find_final(std::string_view text, std::size_t at) {
  for (;;) {
    const auto here = message_at(text, at);
    if (!here.is_message || !here.is_own)
      return {};
    if (here.is_final)
      return {true, here.begin};
    at = here.begin;
    for (;; ++at) {
      at = std::min(text.find("<|", at), text.size());
      if (at == text.size())
        return {};
      const auto mark = turn_mark_at(text, at);
      if (mark.kind == header || mark.kind == channel)
        break;
      if (mark.kind == end && text.substr(at, mark.size) != "<|end|>")
        return {};
      if (mark.kind == assistant || mark.kind == other)
        return {};
      if (mark.kind == end) {
        at = skip_space(text, at + mark.size);
        break;
      }
    }
  }
}

bool is_harmony(std::string_view text, std::size_t at) {
  const auto mark = turn_mark_at(text, at);
  if (mark.kind == channel)
    return true;
  if (mark.kind == header && text.substr(at, mark.size) == "<|start|>")
    return message_at(text, at).is_message;
  const auto word = word_at(text, at);
  return (word == "analysis" || word == "commentary" || word == "final")
         && turn_mark_at(text, at + word.size()).kind == message;
}

} // namespace mp
