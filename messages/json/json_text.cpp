#include "messages/json/json_text.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/utf8.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <cstdint>
#include <cstring>

namespace mp {
namespace {

constexpr std::size_t unlimited = static_cast<std::size_t>(-1);

/// Takes every event and keeps none: the parser's own checks are all that is wanted.
struct null_handler {
  static constexpr std::size_t max_array_size = unlimited;
  static constexpr std::size_t max_object_size = unlimited;
  static constexpr std::size_t max_string_size = unlimited;
  static constexpr std::size_t max_key_size = unlimited;

  using error_code = boost::json::error_code;
  using text = boost::json::string_view;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t, error_code&) { return true; }
  bool on_string_part(text, std::size_t, error_code&) { return true; }
  bool on_string(text, std::size_t, error_code&) { return true; }
  bool on_key_part(text, std::size_t, error_code&) { return true; }
  bool on_key(text, std::size_t, error_code&) { return true; }
  bool on_number_part(text, error_code&) { return true; }
  bool on_int64(std::int64_t, text, error_code&) { return true; }
  bool on_uint64(std::uint64_t, text, error_code&) { return true; }
  bool on_double(double, text, error_code&) { return true; }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(text, error_code&) { return true; }
  bool on_comment(text, error_code&) { return true; }
};

constexpr std::uint64_t every_byte(std::uint8_t value) { return 0x0101010101010101u * value; }

std::uint64_t load_8(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Not zero when a byte of `word` is zero.
constexpr std::uint64_t has_zero(std::uint64_t word) { return (word - every_byte(1)) & ~word & every_byte(0x80); }

constexpr bool is_white_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

constexpr std::uint32_t no_hex = 0xFFFFFFFF;

/// The four hexadecimal digits at `at`, or no_hex.
std::uint32_t hex_4(std::string_view text, std::size_t at) {
  if (at + 4 > text.size())
    return no_hex;
  std::uint32_t value = 0;
  for (const auto c : text.substr(at, 4)) {
    if (hex_value(c) < 0)
      return no_hex;
    value = value * 16 + static_cast<std::uint32_t>(hex_value(c));
  }
  return value;
}

/// Appends the character of the `\u` escape at `at` (its backslash); returns the position behind it. Two escapes that
/// are a surrogate pair are one character.
std::size_t append_unicode_escape(std::string& out, std::string_view text, std::size_t at) {
  constexpr std::uint32_t replacement_character = 0xFFFD;
  const auto first = hex_4(text, at + 2);
  if (first == no_hex) {
    append_utf8(out, replacement_character);
    return at + 2;
  }
  if (first < 0xD800 || first > 0xDFFF) {
    append_utf8(out, first);
    return at + 6;
  }
  const auto low = first < 0xDC00 && text.substr(at + 6, 2) == "\\u" ? hex_4(text, at + 8) : no_hex;
  if (low < 0xDC00 || low > 0xDFFF) {
    append_utf8(out, replacement_character);
    return at + 6;
  }
  append_utf8(out, 0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00));
  return at + 12;
}

} // namespace

bool is_valid_json(std::string_view text, std::size_t depth_max) {
  const auto first = text.find_first_not_of(json_white_space);
  if (first == std::string_view::npos)
    return false;
  // Most of what is asked about and is no JSON is seen by its ends, at no cost.
  const auto last = text[text.find_last_not_of(json_white_space)];
  const auto begun = text[first];
  if ((begun == '{' && last != '}') || (begun == '[' && last != ']') || (begun == '"' && last != '"'))
    return false;
  return json_value_size(text, depth_max) == text.size();
}

std::size_t json_value_size(std::string_view text, std::size_t depth_max) {
  return read_json_prefix(text, depth_max).size;
}

json_prefix read_json_prefix(std::string_view text, std::size_t depth_max) {
  boost::json::parse_options options;
  options.max_depth = depth_max;
  boost::json::basic_parser<null_handler> parser(options);
  boost::json::error_code error;
  const auto used = parser.write_some(false, text.data(), text.size(), error);
  return {error || !parser.done() ? 0 : used, used};
}

std::string compact_json(std::string_view valid_json) {
  std::string out(valid_json.size(), '\0');
  auto* to = out.data();
  std::size_t at = 0;
  while (at < valid_json.size()) {
    const auto c = valid_json[at];
    if (c == '"') {
      const auto end = json_text_detail::end_of_string(valid_json, at);
      std::memcpy(to, valid_json.data() + at, end - at);
      to += end - at;
      at = end;
    } else if (c > ' ') {
      *to++ = c;
      ++at;
    } else {
      at = json_text_detail::skip_white_space(valid_json, at + 1);
    }
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
  return out;
}

json_kind kind_of(std::string_view valid_json) {
  switch (valid_json.empty() ? 'n' : valid_json.front()) {
    case '{': return json_kind::object;
    case '[': return json_kind::array;
    case '"': return json_kind::string;
    case 't':
    case 'f': return json_kind::boolean;
    case 'n': return json_kind::null;
    default: return json_kind::number;
  }
}

bool is_named(const json_member& member, std::string_view name) {
  if (has_escapes(member.name_raw))
    return unescape(member.name_raw) == name;
  return member.name_raw.size() == name.size() + 2 && member.name_raw.substr(1, name.size()) == name;
}

bool has_escapes(std::string_view literal) { return literal.find('\\') != std::string_view::npos; }

std::string unescape(std::string_view literal) {
  const auto text = literal.size() >= 2 ? literal.substr(1, literal.size() - 2) : std::string_view{};
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  while (at < text.size()) {
    const auto backslash = text.find('\\', at);
    if (backslash == std::string_view::npos || backslash + 1 >= text.size()) {
      out += text.substr(at);
      break;
    }
    out += text.substr(at, backslash - at);
    at = backslash + 2;
    switch (text[backslash + 1]) {
      case 'b': out += '\b'; break;
      case 'f': out += '\f'; break;
      case 'n': out += '\n'; break;
      case 'r': out += '\r'; break;
      case 't': out += '\t'; break;
      case 'u': at = append_unicode_escape(out, text, backslash); break;
      default: out += text[backslash + 1];
    }
  }
  return out;
}

void append_string_literal(std::string& out, std::string_view utf8) {
  constexpr std::string_view hex_digits = "0123456789abcdef";
  const auto needs_escape = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; };
  out.reserve(out.size() + utf8.size() + 2);
  out += '"';
  std::size_t from = 0;
  std::size_t at = 0;
  while (at < utf8.size()) {
    if (at + 8 <= utf8.size()) {
      const auto word = load_8(utf8.data() + at);
      const auto control = (word - every_byte(0x20)) & ~word & every_byte(0x80);
      if ((control | has_zero(word ^ every_byte('"')) | has_zero(word ^ every_byte('\\'))) == 0) {
        at += 8;
        continue;
      }
    }
    const auto c = utf8[at];
    if (!needs_escape(c)) {
      ++at;
      continue;
    }
    out += utf8.substr(from, at - from);
    out += '\\';
    switch (c) {
      case '\b': out += 'b'; break;
      case '\f': out += 'f'; break;
      case '\n': out += 'n'; break;
      case '\r': out += 'r'; break;
      case '\t': out += 't'; break;
      case '"':
      case '\\': out += c; break;
      default:
        out += "u00";
        out += hex_digits[static_cast<unsigned char>(c) >> 4];
        out += hex_digits[static_cast<unsigned char>(c) & 15];
    }
    from = ++at;
  }
  out += utf8.substr(from);
  out += '"';
}

std::string string_literal(std::string_view utf8) {
  std::string out;
  append_string_literal(out, utf8);
  return out;
}

namespace json_text_detail {

std::size_t skip_white_space(std::string_view json, std::size_t at) {
  while (at < json.size() && is_white_space(json[at]))
    ++at;
  return at;
}

std::size_t end_of_string(std::string_view json, std::size_t opening_quote) {
  // memchr is the fastest search there is; a quote it finds closes the string unless an odd number of backslashes
  // stands before it. Each run of backslashes is counted at most once, so this stays linear.
  auto at = opening_quote + 1;
  while (at < json.size()) {
    const auto quote = json.find('"', at);
    if (quote == std::string_view::npos)
      break;
    auto first = quote;
    while (first > at && json[first - 1] == '\\')
      --first;
    if ((quote - first) % 2 == 0)
      return quote + 1;
    at = quote + 1;
  }
  return json.size();
}

std::size_t end_of_value(std::string_view json, std::size_t at) {
  if (at >= json.size())
    return json.size();
  if (json[at] == '"')
    return end_of_string(json, at);
  std::size_t depth = 0;
  while (at < json.size()) {
    switch (json[at]) {
      case '"': at = end_of_string(json, at); continue;
      case '{':
      case '[': ++depth; break;
      case '}':
      case ']':
        if (depth == 0)
          return at;
        if (--depth == 0)
          return at + 1;
        break;
      case ',':
      case ' ':
      case '\n':
      case '\t':
      case '\r':
        if (depth == 0)
          return at;
        break;
      default: break;
    }
    ++at;
  }
  return json.size();
}

} // namespace json_text_detail
} // namespace mp
