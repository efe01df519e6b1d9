#include "actors/sanitizer/extract/thinking.hpp"

#include "messages/json/ascii.hpp"

#include <array>

namespace mp {
namespace {

struct tag_pair {
  std::string_view open;
  std::string_view close;
};

/// In lower case. The names that reasoning models use in their templates.
constexpr std::array tags{
  tag_pair{"<think>", "</think>"},
  tag_pair{"<thinking>", "</thinking>"},
  tag_pair{"<thought>", "</thought>"},
  tag_pair{"<thoughts>", "</thoughts>"},
  tag_pair{"<reasoning>", "</reasoning>"},
  tag_pair{"<reflection>", "</reflection>"},
  tag_pair{"<scratchpad>", "</scratchpad>"},
  tag_pair{"[think]", "[/think]"},
  tag_pair{"<|start_thinking|>", "<|end_thinking|>"},
  tag_pair{"\xE2\x97\x81think\xE2\x96\xB7", "\xE2\x97\x81/think\xE2\x96\xB7"},
};

constexpr bool is_first_letter(char c) { return c == 't' || c == 'T' || c == 'r' || c == 'R' || c == 's' || c == 'S'; }

/// Whether a tag may begin at `at`, by its first three bytes.
bool may_begin_tag(std::string_view text, std::size_t at) {
  if (at + 2 >= text.size())
    return false;
  const auto second = text[at + 1];
  switch (text[at]) {
    case '<': return second == '|' || is_first_letter(second == '/' ? text[at + 2] : second);
    case '[': return is_first_letter(second == '/' ? text[at + 2] : second);
    default: return text[at] == '\xE2' && second == '\x97';
  }
}

bool is_at(std::string_view text, std::size_t at, std::string_view tag) {
  return same_ignoring_case(text.substr(at, tag.size()), tag);
}

const tag_pair* tag_at(std::string_view text, std::size_t at, std::string_view tag_pair::* side) {
  if (may_begin_tag(text, at))
    for (const auto& tag : tags)
      if (is_at(text, at, tag.*side))
        return &tag;
  return nullptr;
}

using byte_set = std::array<bool, 256>;

constexpr byte_set set_of(std::string_view bytes) {
  byte_set set{};
  for (const auto c : bytes)
    set[static_cast<unsigned char>(c)] = true;
  return set;
}

/// As find_first_of, which asks memchr about each byte: ten times as slow.
std::size_t find_any(std::string_view text, const byte_set& set, std::size_t at) {
  while (at < text.size() && !set[static_cast<unsigned char>(text[at])])
    ++at;
  return at < text.size() ? at : std::string_view::npos;
}

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::size_t skip_space(std::string_view text, std::size_t at) {
  while (at < text.size() && is_space(text[at]))
    ++at;
  return at;
}

/// Whether a closing tag that ends at `end` ends the model's thinking and is not talked about.
bool is_turn(std::string_view text, std::size_t end) {
  auto at = end;
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t' || text[at] == '\r'))
    ++at;
  return at == text.size() || text[at] == '\n' || text[at] == '{' || text[at] == '[' || text.substr(at, 3) == "```";
}

/// Behind the last closing tag without an opening one; 0 where there is none. A tag behind an odd number of quotes on
/// its line stands in a string.
std::size_t end_of_unopened(std::string_view text) {
  constexpr auto marks = set_of("<[\xE2\"\\\n");
  std::size_t end = 0;
  auto in_string = false;
  for (auto at = find_any(text, marks, 0); at != std::string_view::npos; at = find_any(text, marks, at + 1)) {
    const auto before = at > 0 ? text[at - 1] : '\n';
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"' || text[at] == '\n') {
      in_string = text[at] == '"' && !in_string;
    } else if (tag_at(text, at, &tag_pair::open) != nullptr) {
      const auto block_end = thinking_end(text, at);
      if (!block_end)
        break;
      at = *block_end - 1;
    } else if (const auto* tag = tag_at(text, at, &tag_pair::close); tag != nullptr && !in_string) {
      const auto quoted = before == '`' || before == '"' || before == '\'';
      if (!quoted && is_turn(text, at + tag->close.size()))
        end = at + tag->close.size();
    }
  }
  return end;
}

/// Whether the tag at `at` is quoted or stands behind a fence's opening line.
bool is_subject(std::string_view text, std::size_t at, bool in_code) {
  return in_code || (at > 0 && (text[at - 1] == '`' || text[at - 1] == '"' || text[at - 1] == '\''));
}

} // namespace

std::size_t opening_tag_size(std::string_view text, std::size_t at) {
  const auto* tag = tag_at(text, at, &tag_pair::open);
  return tag == nullptr ? 0 : tag->open.size();
}

std::size_t closing_tag_size(std::string_view text, std::size_t at) {
  const auto* tag = tag_at(text, at, &tag_pair::close);
  return tag == nullptr ? 0 : tag->close.size();
}

std::optional<std::size_t> thinking_end(std::string_view text, std::size_t at) {
  const auto* tag = tag_at(text, at, &tag_pair::open);
  if (tag == nullptr)
    return std::nullopt;
  const auto first = tag->close.front();
  for (auto end = text.find(first, at + tag->open.size()); end != std::string_view::npos;
       end = text.find(first, end + 1))
    if (is_at(text, end, tag->close))
      return end + tag->close.size();
  return std::nullopt;
}

untagged_text without_leading_thinking(std::string_view text) {
  untagged_text result{text, false};
  for (auto at = skip_space(text, 0); opening_tag_size(text, at) != 0; at = skip_space(text, at)) {
    result.thought = true;
    const auto end = thinking_end(text, at);
    if (!end)
      return {{}, true};
    at = *end;
    result.text = text.substr(skip_space(text, at));
  }
  if (const auto end = end_of_unopened(result.text); end != 0)
    result = {result.text.substr(skip_space(result.text, end)), true};
  return result;
}

std::optional<std::string> without_thinking(std::string_view text) {
  const auto without_thoughts = without_leading_thinking(text);
  std::string out;
  auto thought = without_thoughts.thought;
  auto in_code = false;
  std::size_t kept = 0;
  const auto rest = without_thoughts.text;
  constexpr auto marks = set_of("<[\xE2`");
  for (auto at = find_any(rest, marks, 0); at != std::string_view::npos; at = find_any(rest, marks, at + 1)) {
    if (rest.substr(at, 3) == "```") {
      in_code = !in_code;
      at += 2;
      continue;
    }
    if (opening_tag_size(rest, at) == 0 || is_subject(rest, at, in_code))
      continue;
    const auto end = thinking_end(rest, at);
    if (!end)
      break;
    thought = true;
    out += rest.substr(kept, at - kept);
    kept = skip_space(rest, *end);
    at = kept - 1;
  }
  if (!thought)
    return std::nullopt;
  out += rest.substr(kept);
  return out;
}

} // namespace mp
