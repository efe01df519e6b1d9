#include "actors/sanitizer/repair/scalar.hpp"

#include "actors/sanitizer/repair/tokens.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mp {
namespace {

bool is_octal(char c) { return c >= '0' && c <= '7'; }

std::size_t digits_end(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at]))
    ++at;
  return at;
}

/// Whether a scalar can end in front of `at`.
bool is_boundary(metered_text text, std::size_t at) {
  if (ends_everything(text, at))
    return true;
  const auto sign = sign_at(text, at).sign;
  return sign == ',' || sign == '}' || sign == ']' || sign == ')' || skip_blanks(text, at).end != at;
}

/// `1,000` or `1,234,567` as a member's value: what follows the commas is no member, so they belong to the number.
std::size_t grouped_end(metered_text text, std::size_t at, std::size_t first_end) {
  if (first_end == at || first_end - at > 3 || text[at] == '0')
    return first_end;
  auto end = first_end;
  while (end < text.size() && text[end] == ',' && digits_end(text, end + 1) == end + 4)
    end += 4;
  if (end == first_end)
    return end;
  const auto next = skip_blanks(text, end).end;
  const auto sign = sign_at(text, next).sign;
  return sign == ':' || sign == '=' ? first_end : end;
}

std::optional<scalar> read_hex_number(metered_text text, std::size_t at, bool negative) {
  constexpr std::size_t digits_max = 15; // what fits into 60 bits
  std::uint64_t value = 0;
  auto end = at + 2;
  for (; end < text.size(); ++end) {
    constexpr std::string_view digits = "0123456789abcdefABCDEF";
    const auto digit = digits.find(text[end]);
    if (digit == std::string_view::npos)
      break;
    value = value * 16 + (digit < 16 ? digit : digit - 6);
    if (end - at - 2 >= digits_max)
      return std::nullopt;
  }
  if (end == at + 2 || !is_boundary(text, end))
    return std::nullopt;
  return scalar{end, (negative ? "-" : "") + std::to_string(value), mend_kind::number_form};
}

/// The digits before the point, and where they end. Empty where they cannot be read in one way.
struct whole_part {
  std::string digits;
  std::size_t end = 0;
  bool as_written = true;
};

std::optional<whole_part> read_whole_part(metered_text text, std::size_t at, scalar_place place) {
  whole_part result;
  result.end = digits_end(text, at);
  if (place == scalar_place::object_value)
    result.end = grouped_end(text, at, result.end);
  while (result.end > at && result.end + 1 < text.size() && text[result.end] == '_' && is_digit(text[result.end + 1]))
    result.end = digits_end(text, result.end + 1);
  for (const auto c : text.substr(at, result.end - at))
    if (is_digit(c))
      result.digits += c;
  result.as_written = result.digits.size() == result.end - at;
  if (result.digits.size() > 1 && result.digits.front() == '0') {
    // In an array 1,000 may be one number or two; and 010 is eight to some readers.
    const auto first = std::min(result.digits.find_first_not_of('0'), result.digits.size() - 1);
    const auto significant = result.digits.substr(first);
    const auto octal = std::all_of(significant.begin(), significant.end(), is_octal);
    if (place == scalar_place::array_element || (octal && significant.size() > 1))
      return std::nullopt;
    result.digits = significant;
    result.as_written = false;
  }
  return result;
}

/// Where the number that JSON knows ends, or `at` when there is none.
std::size_t strict_number_end(std::string_view text, std::size_t at) {
  auto end = text[at] == '-' ? at + 1 : at;
  const auto whole = end;
  end = digits_end(text, end);
  if (end == whole || (text[whole] == '0' && end > whole + 1))
    return at;
  if (end < text.size() && text[end] == '.') {
    const auto fraction = end + 1;
    end = digits_end(text, fraction);
    if (end == fraction)
      return at;
  }
  return end;
}

/// Whether a number clearly ends in front of `at`: no exponent, unit or thousands follow.
bool is_plain_end(std::string_view text, std::size_t at, scalar_place place) {
  if (at + 1 >= text.size())
    return at == text.size();
  return text[at] == '}' || text[at] == ']'
         || (text[at] == ',' && (place == scalar_place::array_element || !is_digit(text[at + 1])));
}

std::optional<scalar> read_number(metered_text text, std::size_t at, scalar_place place) {
  const auto sign = text[at];
  const auto begin = sign == '-' || sign == '+' ? at + 1 : at;
  if (text.substr(begin, 2) == "0x" || text.substr(begin, 2) == "0X")
    return read_hex_number(text, begin, sign == '-');
  auto whole = read_whole_part(text, begin, place);
  if (!whole)
    return std::nullopt;
  auto end = whole->end;
  auto as_written = sign != '+' && whole->as_written && !whole->digits.empty();
  std::string json = sign == '-' ? "-" : "";
  json += whole->digits.empty() ? "0" : whole->digits;
  auto digits = whole->digits.size();
  if (end < text.size() && text[end] == '.') {
    const auto fraction_end = digits_end(text, end + 1);
    const auto fraction = text.substr(end + 1, fraction_end - end - 1);
    as_written = as_written && !fraction.empty();
    digits += fraction.size();
    json += '.';
    json += fraction.empty() ? std::string_view{"0"} : fraction;
    end = fraction_end;
  }
  if (digits == 0)
    return std::nullopt;
  if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
    const auto exponent = end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-') ? end + 2 : end + 1;
    const auto exponent_end = digits_end(text, exponent);
    if (exponent_end == exponent)
      return std::nullopt;
    json += text.substr(end, exponent_end - end);
    end = exponent_end;
  }
  text.spend(8 * (end - at));
  if (!is_boundary(text, end))
    return std::nullopt;
  return scalar{end, json, as_written ? std::nullopt : std::optional{mend_kind::number_form}};
}

struct literal {
  std::string_view word;
  std::string_view json;
  std::optional<mend_kind> mend;
};

constexpr std::array literals{
  literal{"true", "true", {}},
  literal{"false", "false", {}},
  literal{"null", "null", {}},
  literal{"True", "true", mend_kind::python_literal},
  literal{"False", "false", mend_kind::python_literal},
  literal{"None", "null", mend_kind::python_literal},
  literal{"TRUE", "true", mend_kind::python_literal},
  literal{"FALSE", "false", mend_kind::python_literal},
  literal{"NULL", "null", mend_kind::python_literal},
  literal{"Null", "null", mend_kind::python_literal},
  literal{"NaN", "null", mend_kind::not_a_value},
  literal{"undefined", "null", mend_kind::not_a_value},
};

/// Words, in lower case, that stand for something else than themselves to some readers: a truth value, no value, a
/// number, or a type that the model was to fill in.
constexpr std::array<std::string_view, 32> doubtful_words{
  "yes", "no",      "on",       "off",       "y",    "n",       "true",  "false",   "null",   "none", "nil",
  "nan", "inf",     "infinity", "undefined", "n/a",  "na",      "tbd",   "unknown", "string", "str",  "number",
  "int", "integer", "float",    "double",    "bool", "boolean", "array", "list",    "object", "value"};

bool is_doubtful(std::string_view value) {
  return std::find(doubtful_words.begin(), doubtful_words.end(), lower_case(value)) != doubtful_words.end();
}

/// Letters, digits, single spaces and the signs that names of things have, up to a comma, a closing bracket, a line's
/// end or a comment.
std::optional<scalar> read_unquoted(metered_text text, std::size_t at) {
  constexpr std::size_t bytes_max = 256; // longer ones are prose
  auto end = at;
  while (end < text.size() && end - at <= bytes_max) {
    const auto c = text[end];
    if (c == ' ' && skip_blanks(text, end).comment)
      break;
    if (!is_word_byte(text, end) && std::string_view{" -.'&%/+"}.find(c) == std::string_view::npos)
      break;
    ++end;
  }
  text.spend(8 * (end - at) + 64);
  if (end - at > bytes_max || !is_boundary(text, end))
    return std::nullopt;
  auto value = text.substr(at, end - at);
  while (!value.empty() && value.back() == ' ')
    value.remove_suffix(1);
  if (value.empty() || is_doubtful(value) || std::string_view{".+-/&"}.find(value.back()) != std::string_view::npos
      || value.find("  ") != std::string_view::npos)
    return std::nullopt;
  return scalar{at + value.size(), '"' + std::string(value) + '"', mend_kind::unquoted_value};
}

} // namespace

std::size_t plain_number_end(std::string_view text, std::size_t at, scalar_place place) {
  if (!is_digit(text[at]) && text[at] != '-')
    return at;
  const auto end = strict_number_end(text, at);
  return end > at && is_plain_end(text, end, place) ? end : at;
}

std::optional<scalar> read_scalar(metered_text text, std::size_t at, scalar_place place) {
  const auto c = text[at];
  text.spend(64);
  if (is_digit(c) || c == '-' || c == '+' || (c == '.' && at + 1 < text.size() && is_digit(text[at + 1])))
    return read_number(text, at, place);
  if (!is_word_byte(text, at) || c == '$')
    return std::nullopt;
  const auto word = text.substr(at, word_end(text, at) - at);
  for (const auto& entry : literals)
    if (word == entry.word && is_boundary(text, at + word.size()))
      return scalar{at + word.size(), std::string(entry.json), entry.mend};
  return read_unquoted(text, at);
}

} // namespace mp
