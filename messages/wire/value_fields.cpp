#include "messages/wire/value_fields.hpp"

#include "messages/json/blank.hpp"
#include "messages/json/json_text.hpp"

#include <algorithm>

namespace mp {
namespace {

/// The member's name, read without its escapes; `buffer` holds it where it has some.
std::string_view name_of(const json_member& member, std::string& buffer) {
  if (!has_escapes(member.name_raw))
    return member.name_raw.substr(1, member.name_raw.size() - 2);
  buffer = unescape(member.name_raw);
  return buffer;
}

bool is_blank(std::string_view utf8) { return without_blanks_in_front(utf8).empty(); }

bool is_role(std::string_view literal) {
  const auto role = text_of(literal);
  return role == "user" || role == "assistant" || role == "system" || role == "tool";
}

/// Appends one turn, or says no.
bool append_turn(std::string& out, std::string_view raw) {
  std::string_view role;
  std::string_view content;
  for_each_member(raw, [&](const json_member& member) {
    if (is_named(member, "role"))
      role = member.value_raw;
    else if (is_named(member, "content"))
      content = member.value_raw;
  });
  if (!role.starts_with('"') || !content.starts_with('"') || !is_role(role))
    return false;
  out += out.size() > 1 ? ",{\"role\":" : "{\"role\":";
  out += string_literal(text_of(role));
  out += ",\"content\":";
  out += content;
  out += '}';
  return true;
}

} // namespace

value_fields::value_fields(std::string_view valid_object) {
  std::string buffer;
  for_each_member(valid_object, [&](const json_member& member) {
    const auto found = std::find(field_names.begin(), field_names.end(), name_of(member, buffer));
    if (found != field_names.end())
      raw_[static_cast<std::size_t>(found - field_names.begin())] = member.value_raw;
  });
}

text_field value_fields::first_text(std::initializer_list<field> names) const {
  text_field result;
  for (const auto name : names) {
    const auto found = as_text(raw(name));
    if (found.state == text_state::given || found.state == text_state::wrong_type)
      return found;
    if (found.state == text_state::blank)
      result = found;
  }
  return result;
}

text_field as_text(std::string_view raw) {
  if (raw.empty() || raw == "null")
    return {text_state::absent, {}};
  if (raw.front() != '"')
    return {text_state::wrong_type, {}};
  return {is_blank_literal(raw) ? text_state::blank : text_state::given, raw};
}

std::string text_of(std::string_view literal) {
  return has_escapes(literal) ? unescape(literal) : std::string{literal.substr(1, literal.size() - 2)};
}

bool is_blank_literal(std::string_view literal) {
  // Nearly every text begins with a letter; a photo, too, must not be unescaped or read through for this question.
  auto text = literal.substr(1, literal.size() - 2);
  while (!text.empty() && text.front() != '\\') {
    const auto length = blank_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return text.empty() || is_blank(unescape(literal));
}

std::optional<std::string> read_history(std::string_view raw) {
  if (raw.empty() || raw == "null")
    return std::string{};
  if (raw.front() != '[')
    return std::nullopt;
  std::string out = "[";
  bool sound = true;
  for_each_element(raw, [&](std::string_view element) { return sound = append_turn(out, element); });
  if (!sound)
    return std::nullopt;
  return out.size() == 1 ? std::string{} : out + ']';
}

} // namespace mp
