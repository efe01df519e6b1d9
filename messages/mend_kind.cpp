#include "messages/mend_kind.hpp"

namespace mp {
namespace {

constexpr std::array<mend_row, mend_kind_count> table{{
  {mend_kind::invalid_utf8, "invalid_utf8", "bytes that are no UTF-8"},
  {mend_kind::byte_order_mark, "byte_order_mark", "a byte order mark before the text"},
  {mend_kind::turn_header, "turn_header", "marks or a role's header before the answer"},
  {mend_kind::turn_end, "turn_end", "an end-of-turn mark, with what stood behind it"},
  {mend_kind::channel, "channel", "messages on other channels than the final one"},
  {mend_kind::thinking, "thinking", "thinking text"},
  {mend_kind::fence, "fence", "a code fence around the answer"},
  {mend_kind::prose, "prose", "text before or after the JSON value"},
  {mend_kind::several_values, "several_values", "several JSON values, one of them chosen"},
  {mend_kind::escaped_text, "escaped_text", "JSON written with the escapes of a string"},
  {mend_kind::full_width, "full_width", "full-width punctuation between the values"},
  {mend_kind::odd_space, "odd_space", "no-break, zero-width or other odd spaces between the values"},
  {mend_kind::comment, "comment", "comments"},
  {mend_kind::missing_comma, "missing_comma", "a comma was missing between two values"},
  {mend_kind::extra_comma, "extra_comma", "a comma too many before a value"},
  {mend_kind::trailing_comma, "trailing_comma", "a comma before a closing bracket"},
  {mend_kind::missing_colon, "missing_colon", "no colon, or another sign, after a name"},
  {mend_kind::ellipsis, "ellipsis", "three dots in place of further values"},
  {mend_kind::single_quotes, "single_quotes", "strings in single quotes"},
  {mend_kind::typographic_quotes, "typographic_quotes", "strings in typographic quotes"},
  {mend_kind::backtick_quotes, "backtick_quotes", "strings in backticks"},
  {mend_kind::triple_quotes, "triple_quotes", "strings in three quotes"},
  {mend_kind::missing_quote, "missing_quote", "a quote was missing at a string's beginning or end"},
  {mend_kind::inner_quotes, "inner_quotes", "quotes inside a string that were not escaped"},
  {mend_kind::control_character, "control_character", "line breaks, tabs or other control characters inside a string"},
  {mend_kind::bad_escape, "bad_escape", "escapes that JSON does not have"},
  {mend_kind::string_join, "string_join", "strings joined by a plus sign"},
  {mend_kind::unquoted_key, "unquoted_key", "names without quotes"},
  {mend_kind::unquoted_value, "unquoted_value", "strings without quotes"},
  {mend_kind::python_literal, "python_literal", "True, False or None"},
  {mend_kind::not_a_value, "not_a_value", "NaN or undefined, read as null"},
  {mend_kind::number_form, "number_form", "numbers in a form that JSON does not have"},
  {mend_kind::sequence, "sequence", "a tuple or a set, read as an array"},
  {mend_kind::doubled_brace, "doubled_brace", "doubled braces"},
  {mend_kind::wrong_bracket, "wrong_bracket", "a closing bracket of the wrong kind"},
  {mend_kind::extra_bracket, "extra_bracket", "closing brackets too many at the end"},
  {mend_kind::closers, "closers", "closing brackets were missing"},
  {mend_kind::wrapper, "wrapper", "an object around the answer that the schema does not have"},
  {mend_kind::text_to_number, "text_to_number", "a number written as a string"},
  {mend_kind::text_to_boolean, "text_to_boolean", "true or false written as a string"},
  {mend_kind::number_to_text, "number_to_text", "a number where the schema has a string"},
  {mend_kind::single_element, "single_element", "an array of one element where the schema has the element"},
  {mend_kind::lone_element, "lone_element", "an element where the schema has an array of such"},
  {mend_kind::enum_case, "enum_case", "one of the schema's values in other letters, large or small"},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].kind) != i || table[i].name.empty())
      return false;
  return true;
}
static_assert(in_order(), "the table has one row per kind of mend, in the enumeration's order");
static_assert(mend_kind_count <= 64, "mend_list keeps one bit per kind");

constexpr std::uint64_t bit(mend_kind kind) { return std::uint64_t{1} << static_cast<unsigned>(kind); }

} // namespace

const std::array<mend_row, mend_kind_count>& mend_kinds() { return table; }

std::string_view name_of(mend_kind kind) { return table[static_cast<std::size_t>(kind)].name; }

void mend_list::add(mend_kind kind) {
  if (has(kind))
    return;
  seen_ |= bit(kind);
  kinds_[size_++] = kind;
}

void mend_list::add(const mend_list& others) {
  for (std::size_t i = 0; i < others.size_; ++i)
    add(others.kinds_[i]);
}

bool mend_list::has(mend_kind kind) const { return (seen_ & bit(kind)) != 0; }

} // namespace mp
