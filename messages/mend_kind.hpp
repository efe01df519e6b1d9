#pragma once
// The one table of mends: everything the sanitizer changes in a model's text has a name. The names stand in the reply's
// header `repairs` and are the label values of the metric of the same name, so they are stable.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace mp {

/// The order is that of the table in mend_kind.cpp.
enum class mend_kind : std::uint8_t {
  // The text around the answer.
  invalid_utf8,
  byte_order_mark,
  turn_header,
  turn_end,
  channel,
  thinking,
  fence,
  prose,
  several_values,
  escaped_text,
  // What stands between the tokens.
  full_width,
  odd_space,
  comment,
  missing_comma,
  extra_comma,
  trailing_comma,
  missing_colon,
  ellipsis,
  // Strings and names.
  single_quotes,
  typographic_quotes,
  backtick_quotes,
  triple_quotes,
  missing_quote,
  inner_quotes,
  control_character,
  bad_escape,
  string_join,
  unquoted_key,
  unquoted_value,
  // Other values.
  python_literal,
  not_a_value,
  number_form,
  sequence,
  // Brackets.
  doubled_brace,
  wrong_bracket,
  extra_bracket,
  closers,
  // What a schema asks for.
  wrapper,
  text_to_number,
  text_to_boolean,
  number_to_text,
  single_element,
  lone_element,
  enum_case,
};

inline constexpr std::size_t mend_kind_count = static_cast<std::size_t>(mend_kind::enum_case) + 1;

/// One row of the table.
struct mend_row {
  mend_kind kind;
  std::string_view name; ///< stable, snake_case
  std::string_view text; ///< what was found, for people
};

/// The table, in the order of the enumeration.
const std::array<mend_row, mend_kind_count>& mend_kinds();

/// The stable name, for example "trailing_comma".
std::string_view name_of(mend_kind kind);

/// Whether the mend changed the answer itself, not only what stood around it.
constexpr bool changes_the_answer(mend_kind kind) {
  return kind == mend_kind::invalid_utf8 || kind > mend_kind::escaped_text;
}

/// The mends of one answer: each kind once, in the order in which it was first applied.
class mend_list {
public:
  void add(mend_kind kind);
  void add(const mend_list& others);
  bool has(mend_kind kind) const;
  bool empty() const { return size_ == 0; }
  std::vector<mend_kind> kinds() const { return {kinds_.begin(), kinds_.begin() + size_}; }

private:
  std::array<mend_kind, mend_kind_count> kinds_{}; // no vector: most values that are looked at need none
  std::uint8_t size_ = 0;
  std::uint64_t seen_ = 0;
};

} // namespace mp
