#pragma once
// The parser behind mend_json: its state, and what it does with each token. What it decides about brackets stands in
// near_json_brackets.cpp, everything else in mend_json.cpp.

#include "actors/sanitizer/repair/json_builder.hpp"
#include "actors/sanitizer/repair/mend_json.hpp"
#include "actors/sanitizer/repair/string_place.hpp"
#include "actors/sanitizer/repair/tokens.hpp"

#include <cstddef>

namespace mp {

/// As mend_json says of its parameters.
class near_json_parser {
public:
  near_json_parser(metered_text text, std::size_t begin, std::size_t depth_max)
    : text_(text), at_(begin), depth_max_(depth_max) {}

  /// Reads the value; once.
  mended_value run();

private:
  enum class expects { item, colon, value, separator };

  /// Ends the reading. What has no string in it so far is taken for brackets in prose.
  void stop(mend_outcome outcome);

  /// Whether the rest of the text may be looked at.
  bool may_look();
  void give_up() { stop(mend_outcome::not_json); }
  void step();
  void skip();
  void open(char sign);

  /// An object's member or an array's element, or the end of either.
  void take_item(punctuation sign);
  void take_key(punctuation sign);
  void take_unquoted_key();
  void take_colon(punctuation sign);

  /// `{"a", "b"}` is Python's set. One with a single element may as well be an object without its value.
  void turn_into_set();
  void take_value(punctuation sign);
  void take_string(string_role role);
  void end_value();

  /// `{"a": ["x", "y", "b": 1}`: an array has no names, so it ended before this one.
  void end_array_before_name();

  /// Whether names without quotes may come where only their form tells them from text.
  bool bare_names_likely() const { return quoted_keys_ == 0 || bare_keys_ > 0; }
  void take_separator(punctuation sign);
  bool next_item_begins(punctuation sign) const;
  void close(punctuation sign);

  /// Ends the innermost array or object. False when there is none to be made of it.
  bool pop();

  /// Whether the innermost array is in an array and has scalars as well as arrays or objects: `[[4, 96, [4, 40]`.
  bool is_mixed() const;

  /// As pop, for one whose bracket is missing. Where the lines' indentation says that a bracket so far closed something
  /// else, or where scalars and arrays are mixed it may be missing in front of an element.
  bool pop_unclosed();

  /// The bracket at hand does not close the innermost one: either brackets are missing before it, or it is the wrong
  /// sign. What is still to be closed in the rest of the text tells which; where it does not, nobody can.
  void close_wrongly(punctuation sign);

  /// The text is over: what is still open is closed, unless something that was to come is missing, may be cut (`tru`),
  /// or a comment may have swallowed it.
  void close_all();

  metered_text text_;
  std::size_t at_;
  std::size_t depth_max_;
  mended_value result_;
  json_builder json_;
  expects expects_ = expects::item;
  blanks gap_; ///< what stood before the token at hand
  bool comma_ = false; ///< a comma was the last token
  bool after_bracket_ = false; ///< the last value ended with a bracket
  bool bare_word_ = false; ///< the last value was a string without quotes
  bool comment_with_bracket_ = false; ///< a comment to a line's end held what may have been JSON
  bool crooked_ = false; ///< a bracket on a line of its own was not indented as what it closed
  bool perhaps_path_ = false; ///< a string may hold a path whose backslashes are escapes as it stands
  bool has_blank_sign_ = false; ///< a string holds SentencePiece's blank
  bool going_ = true;
  std::size_t indent_ = 0; ///< of the current line; 0 for the one that the value begins on
  std::size_t quoted_ = 0;
  std::size_t quoted_keys_ = 0;
  std::size_t bare_keys_ = 0;
  std::size_t typed_ = 0;
  std::size_t members_ = 0;
};

} // namespace mp
