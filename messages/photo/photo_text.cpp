#include "messages/photo/photo_text.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/blank.hpp"

#include <algorithm>

namespace mp::photo {
namespace {

/// Where the head of a `data:` URL ends: a comma in quotes is a part of a parameter.
std::size_t comma_in(std::string_view text) {
  bool in_quotes = false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '"')
      in_quotes = !in_quotes;
    else if (text[i] == ',' && !in_quotes)
      return i;
  return std::string_view::npos;
}

/// Control characters that are no white space have no business in a photo.
bool is_control(char c) { return c >= 0 && c < ' ' && !(c >= '\t' && c <= '\r'); }

bool is_whole(std::string_view base64) {
  const auto breaks = std::count_if(base64.begin(), base64.end(), [](char c) { return c == '\r' || c == '\n'; });
  return (base64.size() - static_cast<std::size_t>(breaks)) % 4 == 0;
}

std::string_view without_blanks_around(std::string_view text) {
  const auto shorter = without_blanks_behind(without_blanks_in_front(text));
  if (shorter.size() == text.size() || shorter.empty())
    return text;
  const auto in_front = text.substr(0, static_cast<std::size_t>(shorter.data() - text.data()));
  const auto behind = text.substr(in_front.size() + shorter.size());
  const auto has_control =
    std::any_of(in_front.begin(), in_front.end(), is_control) || std::any_of(behind.begin(), behind.end(), is_control);
  const auto may_be_plus = behind.find(' ') != std::string_view::npos && !is_whole(shorter);
  return has_control || may_be_plus ? text : shorter;
}

} // namespace

photo_text find_photo_text(std::string_view text) {
  constexpr std::size_t head_bytes_max = 256;
  constexpr std::string_view scheme = "data:", encoding = "base64";
  const auto url = without_blanks_in_front(text);
  if (!same_ignoring_case(url.substr(0, scheme.size()), scheme))
    return {without_blanks_around(text)};
  const auto comma = comma_in(url.substr(0, head_bytes_max));
  if (comma == std::string_view::npos)
    return {text};
  auto head = without_blanks_behind(url.substr(scheme.size(), comma - scheme.size()));
  if (head.size() < encoding.size() || !same_ignoring_case(head.substr(head.size() - encoding.size()), encoding))
    return {text};
  head = without_blanks_behind(head.substr(0, head.size() - encoding.size()));
  if (!head.ends_with(';'))
    return {text};
  return {without_blanks_around(url.substr(comma + 1)), true};
}

} // namespace mp::photo
