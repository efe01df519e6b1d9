#include "actors/sanitizer/extract/fences.hpp"

#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

bool is_label_byte(char c) { return is_letter_or_digit(c) || c == '_' || c == '-' || c == '+' || c == '#' || c == '.'; }

constexpr std::array<std::string_view, 7> json_labels{"json",   "jsonc",   "json5",  "jsonl",
                                                      "ndjson", "geojson", "json-ld"};
constexpr std::array<std::string_view, 11> plain_labels{"",       "text",     "txt",    "plain", "plaintext", "output",
                                                        "answer", "response", "result", "md",    "markdown"};

} // namespace

fence_mark fence_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || (text[at] != '`' && text[at] != '~'))
    return {};
  auto end = at;
  while (end < text.size() && text[end] == text[at])
    ++end;
  return end - at < 3 ? fence_mark{} : fence_mark{text[at], end - at};
}

std::string_view fence_label(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] == ' ')
    ++at;
  auto end = at;
  while (end < text.size() && is_label_byte(text[end]))
    ++end;
  return text.substr(at, end - at);
}

fence_rank rank_of(std::string_view label) {
  const auto name = lower_case(label);
  if (std::find(json_labels.begin(), json_labels.end(), name) != json_labels.end())
    return fence_rank::json_fence;
  if (std::find(plain_labels.begin(), plain_labels.end(), name) != plain_labels.end())
    return fence_rank::plain_fence;
  return fence_rank::code_fence;
}

std::optional<std::string_view> inside_only_fence(std::string_view text) {
  auto content = trimmed(text);
  const auto fence = fence_at(content, 0);
  if (fence.size == 0)
    return std::nullopt;
  const auto label = fence_label(content, fence.size);
  content = content.substr(label.empty() ? fence.size : static_cast<std::size_t>(label.end() - content.begin()));
  auto end = content.size();
  while (end > 0 && content[end - 1] == fence.sign)
    --end;
  if (content.size() - end >= fence.size)
    content = content.substr(0, end);
  return trimmed(content);
}

} // namespace mp
