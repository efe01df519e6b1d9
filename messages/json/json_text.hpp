#pragma once
// JSON as text: checked, compacted, taken apart and written without ever building a tree, so that numbers, key order
// and escapes stay as their author wrote them and a photo of some megabytes is never copied for looking at its
// neighbours.

#include <cstddef>
#include <string>
#include <string_view>
#include <type_traits>

namespace mp {

/// Whether `text` is exactly one JSON value (RFC 8259) in valid UTF-8, white space around it allowed, with at most
/// `depth_max` arrays and objects inside each other. Stricter than the RFC in two points, both for what could not be
/// used as text afterwards: escapes of lone surrogates (`"\ud800"`) and exponents beyond 32 bits are not valid. Linear;
/// allocates nothing for the content.
bool is_valid_json(std::string_view text, std::size_t depth_max);

/// How many bytes at the beginning of `text` are one valid JSON value (as is_valid_json; white space around it counted
/// in), whatever follows it. 0 when `text` does not begin with one.
std::size_t json_value_size(std::string_view text, std::size_t depth_max);

/// What json_value_size has read: the value's size, and how far it had to look for that, which tells what it cost.
struct json_prefix {
  std::size_t size = 0;
  std::size_t read = 0;
};

/// As json_value_size.
json_prefix read_json_prefix(std::string_view text, std::size_t depth_max);

/// `valid_json` without the white space outside its strings; every other byte is kept.
/// Must be valid JSON (is_valid_json); for other input the result is of no use, but nothing outside `valid_json` is
/// read.
std::string compact_json(std::string_view valid_json);

enum class json_kind { object, array, string, number, boolean, null };

/// The kind of the value at the beginning of `valid_json` (no white space in front).
json_kind kind_of(std::string_view valid_json);

/// One member of an object, both sides as they were written: the name with its quotes, the value without white space
/// around it. The views point into the scanned text.
struct json_member {
  std::string_view name_raw;
  std::string_view value_raw;
};

/// Whether the member's name, read without its escapes, is `name`.
bool is_named(const json_member& member, std::string_view name);

/// Whether the string literal (with its quotes) holds an escape. Without one its content is its bytes between the
/// quotes.
bool has_escapes(std::string_view literal);

/// The UTF-8 text of a valid JSON string literal given with its quotes. A lone surrogate, which is_valid_json refuses,
/// becomes U+FFFD.
std::string unescape(std::string_view literal);

/// Appends `utf8` to `out` as a JSON string literal with quotes: `"`, `\` and control characters are escaped, all other
/// bytes are kept. `utf8` must be valid UTF-8 for the result to be valid JSON.
void append_string_literal(std::string& out, std::string_view utf8);

/// As append_string_literal, alone.
std::string string_literal(std::string_view utf8);

namespace json_text_detail {

/// All three take a position in valid JSON and give one; past the end is never read.
std::size_t skip_white_space(std::string_view json, std::size_t at);
std::size_t end_of_string(std::string_view json, std::size_t opening_quote);
std::size_t end_of_value(std::string_view json, std::size_t at);

/// Calls back; a callback that returns a bool ends the scan with false.
template <class Callback, class... Args>
bool call(Callback& callback, const Args&... args) {
  if constexpr (std::is_void_v<std::invoke_result_t<Callback&, const Args&...>>) {
    callback(args...);
    return true;
  } else {
    return callback(args...);
  }
}

} // namespace json_text_detail

/// Calls `callback(const json_member&)` for each member of the object in `valid_object`, in order, doubled names
/// included. A callback may return bool: false ends the scan. Must be valid JSON; a value that is no object has no
/// members. Linear, and as fast as memchr over long strings.
template <class Callback>
void for_each_member(std::string_view valid_object, Callback&& callback) {
  using namespace json_text_detail;
  auto at = skip_white_space(valid_object, 0);
  if (at >= valid_object.size() || valid_object[at] != '{')
    return;
  at = skip_white_space(valid_object, at + 1);
  while (at < valid_object.size() && valid_object[at] == '"') {
    const auto name_end = end_of_string(valid_object, at);
    const auto colon = skip_white_space(valid_object, name_end);
    const auto value = skip_white_space(valid_object, colon + 1);
    const auto value_end = end_of_value(valid_object, value);
    if (value >= valid_object.size())
      return;
    const json_member member{valid_object.substr(at, name_end - at), valid_object.substr(value, value_end - value)};
    if (!call(callback, member))
      return;
    at = skip_white_space(valid_object, value_end);
    if (at < valid_object.size() && valid_object[at] == ',')
      at = skip_white_space(valid_object, at + 1);
    else
      return;
  }
}

/// Calls `callback(std::string_view element)` for each element of the array in `valid_array`, in order, as written and
/// without white space around it. Otherwise as for_each_member.
template <class Callback>
void for_each_element(std::string_view valid_array, Callback&& callback) {
  using namespace json_text_detail;
  auto at = skip_white_space(valid_array, 0);
  if (at >= valid_array.size() || valid_array[at] != '[')
    return;
  at = skip_white_space(valid_array, at + 1);
  while (at < valid_array.size() && valid_array[at] != ']') {
    const auto end = end_of_value(valid_array, at);
    const auto element = valid_array.substr(at, end - at);
    if (!call(callback, element))
      return;
    at = skip_white_space(valid_array, end);
    if (at < valid_array.size() && valid_array[at] == ',')
      at = skip_white_space(valid_array, at + 1);
    else
      return;
  }
}

} // namespace mp
