#include "actors/telemetry/log_line.hpp"

#include "messages/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace mp::log {
namespace {

constexpr std::string_view cut_mark = "...";

/// The first bytes of a value that is too long, ending between two characters.
std::string_view head_of(std::string_view text) {
  auto end = value_bytes_max - cut_mark.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80)
    --end;
  return text.substr(0, end);
}

bool is_plain(unsigned char c) { return c > ' ' && c < 0x7F && c != '"' && c != '='; }

/// Whether the text can stand in logfmt without quotes. Text beyond ASCII is quoted too: it may need mending.
bool is_plain(std::string_view text) {
  for (const auto c : text)
    if (!is_plain(static_cast<unsigned char>(c)))
      return false;
  return !text.empty();
}

/// As in JSON: \uXXXX, two of them (a surrogate pair) above U+FFFF.
void append_escape(std::string& out, std::uint32_t code_point) {
  constexpr auto digits = "0123456789abcdef";
  if (code_point > 0xFFFF) {
    append_escape(out, 0xD800 + ((code_point - 0x10000) >> 10));
    append_escape(out, 0xDC00 + ((code_point - 0x10000) & 0x3FF));
    return;
  }
  out += "\\u";
  for (auto shift = 12; shift >= 0; shift -= 4)
    out += digits[(code_point >> shift) & 0xF];
}

/// The character of a well-formed sequence of two to four bytes.
std::uint32_t code_point_of(std::string_view sequence) {
  auto value = static_cast<unsigned char>(sequence[0]) & (0x7Fu >> sequence.size());
  for (const auto c : sequence.substr(1))
    value = (value << 6) | (static_cast<unsigned char>(c) & 0x3Fu);
  return value;
}

struct character_range {
  std::uint32_t first;
  std::uint32_t last;
};

/// Characters that show nothing themselves but change how a viewer shows the rest: terminals obey C1 controls, viewers break lines at
/// U+2028 and U+2029, bidirectional controls reorder what stands beside them (CVE-2021-42574), the others are not seen at all
/// (Default_Ignorable_Code_Point of Unicode 15, without the variation selectors that emoji have).
constexpr std::array<character_range, 17> hidden_characters{{{0x80, 0x9F},       {0xAD, 0xAD},       {0x34F, 0x34F},     {0x61C, 0x61C},
                                                             {0x115F, 0x1160},   {0x17B4, 0x17B5},   {0x180B, 0x180F},   {0x200B, 0x200F},
                                                             {0x2028, 0x202E},   {0x2060, 0x206F},   {0x3164, 0x3164},   {0xFEFF, 0xFEFF},
                                                             {0xFFA0, 0xFFA0},   {0xFFF0, 0xFFFB},   {0x1BCA0, 0x1BCA3}, {0x1D173, 0x1D17A},
                                                             {0xE0000, 0xE0FFF}}};

bool is_hidden(std::uint32_t character) {
  return std::any_of(hidden_characters.begin(), hidden_characters.end(),
                     [character](const auto& range) { return character >= range.first && character <= range.last; });
}

void append_ascii(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < ' ' || c == 0x7F)
        append_escape(out, static_cast<unsigned char>(c));
      else
        out += c;
  }
}

/// The inside of a quoted value; the same escapes serve JSON and logfmt.
void append_escaped(std::string& out, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = utf8_sequence_length(text, at);
    if (length == 1)
      append_ascii(out, text[at]);
    else if (length == 0)
      append_utf8(out, 0xFFFD);
    else if (const auto character = code_point_of(text.substr(at, length)); is_hidden(character))
      append_escape(out, character);
    else
      out += text.substr(at, length);
    at += length == 0 ? 1 : length;
  }
}

void append_text(std::string& out, line_format format, std::string_view text) {
  const auto cut = text.size() > value_bytes_max;
  if (cut)
    text = head_of(text);
  const auto quoted = format == line_format::json || !is_plain(text);
  if (quoted)
    out += '"';
  if (quoted)
    append_escaped(out, text);
  else
    out += text;
  if (cut)
    out += cut_mark;
  if (quoted)
    out += '"';
}

template <class Number>
void append_number(std::string& out, Number value) {
  std::array<char, 32> digits; // the longest shortest form of a double has 24 characters
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

struct value_writer {
  std::string& out;
  line_format format;

  void operator()(std::string_view v) const { append_text(out, format, v); }
  void operator()(std::int64_t v) const { append_number(out, v); }
  void operator()(std::uint64_t v) const { append_number(out, v); }
  void operator()(double v) const {
    if (format == line_format::json && !std::isfinite(v))
      out += "null"; // JSON has no word for it
    else
      append_number(out, v);
  }
  void operator()(bool v) const { out += v ? "true" : "false"; }
};

void append_digits(std::string& out, unsigned value, int width) {
  std::array<char, 10> digits;
  for (auto i = width; i > 0; --i, value /= 10)
    digits[static_cast<std::size_t>(i - 1)] = static_cast<char>('0' + value % 10);
  out.append(digits.data(), static_cast<std::size_t>(width));
}

} // namespace

void append_time(std::string& out, std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto moment = floor<milliseconds>(time);
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss clock{moment - day};
  append_digits(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.month()), 2);
  out += '-';
  append_digits(out, static_cast<unsigned>(date.day()), 2);
  out += 'T';
  append_digits(out, static_cast<unsigned>(clock.hours().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.minutes().count()), 2);
  out += ':';
  append_digits(out, static_cast<unsigned>(clock.seconds().count()), 2);
  out += '.';
  append_digits(out, static_cast<unsigned>(clock.subseconds().count()), 3);
  out += 'Z';
}

void append_line(std::string& out, line_format format, std::chrono::system_clock::time_point time, level l,
                 std::string_view event, std::span<const field> fields) {
  const auto json = format == line_format::json;
  out += json ? R"({"time":")" : "time=";
  append_time(out, time);
  out += json ? R"(","level":")" : " level=";
  out += to_string(l);
  out += json ? R"(","event":)" : " event=";
  append_text(out, format, event);
  for (const auto& f : fields) {
    out += json ? ",\"" : " ";
    out += f.name;
    out += json ? "\":" : "=";
    std::visit(value_writer{out, format}, f.value);
  }
  if (json)
    out += '}';
}

} // namespace mp::log
