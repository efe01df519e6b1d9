#pragma once
// Looking into the small JSON responses of a model server.

#include "messages/json/json_text.hpp"

#include <string>
#include <string_view>

namespace mp::ollama {

/// Whether `text` is a valid JSON object, as deep as any server nests it.
inline bool is_json_object(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{' && is_valid_json(text, 32);
}

/// The value of a member of a valid object as it is written, or nothing.
inline std::string_view member_of(std::string_view valid_object, std::string_view name) {
  std::string_view found;
  for_each_member(valid_object, [&](const json_member& member) {
    if (is_named(member, name))
      found = member.value_raw;
    return found.empty();
  });
  return found;
}

/// The text of a valid JSON value, or nothing when it is no string.
inline std::string string_value(std::string_view valid_json) {
  return !valid_json.empty() && kind_of(valid_json) == json_kind::string ? unescape(valid_json) : std::string{};
}

/// Whether a valid JSON value is the string `text`.
inline bool is_string(std::string_view valid_json, std::string_view text) { return string_value(valid_json) == text; }

} // namespace mp::ollama
