#include "actors/sanitizer/mend_json.hpp"

#include "actors/sanitizer/json_builder.hpp"
#include "actors/sanitizer/lexemes.hpp"
#include "actors/sanitizer/mend_string.hpp"
#include "actors/sanitizer/remainder.hpp"
#include "actors/sanitizer/scalar.hpp"
#include "actors/sanitizer/string_text.hpp"

namespace mp {
namespace {

enum class expects { item, colon, value, separator };

class parser {
public:
  parser(metered_text text, std::size_t begin, std::size_t depth_max) : text_(text), at_(begin), depth_max_(depth_max) {}

  mended_value run() {
    open(sign_at(text_, at_).sign);
    text_.spend(160);
    while (going_)
      step();
    result_.end = at_;
    result_.convincing = quoted_ > 0 || typed_ > 0 || members_ > 1;
    if (result_.outcome == mend_outcome::not_json && quoted_ > 0)
      result_.outcome = mend_outcome::broken;
    // What is right as JSON was not meant so, where the writer shows that he does not keep to it.
    const auto not_meant = (perhaps_path_ && !result_.mends.empty()) || (has_blank_sign_ && result_.mends.has(mend_kind::odd_space));
    if (text_.is_used_up() || (not_meant && result_.outcome != mend_outcome::not_json))
      result_.outcome = mend_outcome::broken;
    result_.json = std::move(json_.text());
    return std::move(result_);
  }

private:
  /// Ends the reading. What has no string in it so far is taken for brackets in prose.
  void stop(mend_outcome outcome) {
    result_.outcome = outcome;
    going_ = false;
  }

  /// Whether the rest of the text may be looked at.
  bool may_look() {
    if (!text_.budget().may_look_at_rest())
      return false;
    text_.spend(2 * (text_.size() - at_));
    return true;
  }

  void give_up() { stop(mend_outcome::not_json); }

  void step() {
    text_.spend(16);
    if (text_.is_used_up())
      return give_up();
    skip();
    if (ends_everything(text_, at_))
      return close_all();
    const auto sign = sign_at(text_, at_);
    if (sign.size > 1)
      result_.mends.add(mend_kind::full_width);
    switch (expects_) {
    case expects::item:
      return take_item(sign);
    case expects::colon:
      return take_colon(sign);
    case expects::value:
      return take_value(sign);
    case expects::separator:
      return take_separator(sign);
    }
  }

  void skip() {
    gap_ = skip_blanks(text_, at_);
    if (gap_.end == at_)
      return;
    if (gap_.newline) {
      indent_ = 0;
      while (indent_ < gap_.end - at_ && text_[gap_.end - 1 - indent_] != '\n')
        ++indent_;
    }
    at_ = gap_.end;
    if (gap_.odd_space)
      result_.mends.add(mend_kind::odd_space);
    if (gap_.escaped_space)
      result_.mends.add(mend_kind::escaped_text);
    if (gap_.comment)
      result_.mends.add(mend_kind::comment);
    comment_with_bracket_ |= gap_.comment_with_bracket;
  }

  void open(char sign) {
    if (json_.depth() == depth_max_) {
      quoted_ += 1; // too deep is broken, not prose
      return give_up();
    }
    if (sign == '(')
      result_.mends.add(mend_kind::sequence);
    json_.open(sign);
    json_.top().indent = indent_;
    at_ += sign_at(text_, at_).size;
    comma_ = false;
    expects_ = expects::item;
  }

  /// An object's member or an array's element, or the end of either.
  void take_item(punctuation sign) {
    if (sign.sign == '\\' && text_.substr(at_, 2) == "\\\"" && quoted_ == 0) {
      stop(mend_outcome::escaped);
    } else if (sign.sign == ',') {
      result_.mends.add(mend_kind::extra_comma);
      at_ += sign.size;
    } else if (sign.sign == '}' || sign.sign == ']' || sign.sign == ')') {
      if (comma_)
        result_.mends.add(mend_kind::trailing_comma);
      close(sign);
    } else if (const auto dots = ellipsis_size(text_, at_); dots != 0 && json_.top().items > 0) {
      result_.mends.add(mend_kind::ellipsis);
      at_ += dots;
      comma_ = false;
      expects_ = expects::separator;
    } else if (json_.top().is_object) {
      take_key(sign);
    } else {
      json_.begin_item();
      take_value(sign);
    }
  }

  void take_key(punctuation sign) {
    if (sign.sign == '{' && json_.top().items == 0 && !json_.top().doubled) {
      result_.mends.add(mend_kind::doubled_brace);
      json_.top().doubled = true;
      at_ += sign.size;
      return;
    }
    json_.begin_item();
    if (opening_quote(text_, at_).kind != quote_kind::none)
      take_string(string_role::key);
    else
      take_unquoted_key();
  }

  void take_unquoted_key() {
    const auto end = word_end(text_, at_);
    text_.spend(8 * (end - at_));
    if (end == at_ || (!bare_names_likely() && !comma_ && json_.top().items > 1))
      return give_up();
    auto next = end;
    if (const auto size = closing_quote(text_, end, quote_kind::straight_double); size != 0) {
      next += size;
      result_.mends.add(mend_kind::missing_quote);
    } else {
      result_.mends.add(mend_kind::unquoted_key);
    }
    const auto colon = sign_at(text_, skip_blanks(text_, next).end).sign;
    if (colon != ':' && colon != '=')
      return give_up();
    json_.text() += '"';
    append_string_text(json_.text(), text_.substr(at_, end - at_), quote_kind::none, result_.mends);
    json_.text() += '"';
    bare_keys_ += next == end;
    at_ = next;
    expects_ = expects::colon;
  }

  void take_colon(punctuation sign) {
    if (sign.sign == ':') {
      at_ += sign.size;
      ++json_.top().colons;
    } else if (sign.sign == '=') {
      at_ += text_.substr(at_, 2) == "=>" ? 2 : 1;
      ++json_.top().colons;
      result_.mends.add(mend_kind::missing_colon);
    } else if ((sign.sign == ',' || sign.sign == '}') && json_.top().items == 1 && json_.depth() > 1) {
      return turn_into_set();
    } else {
      result_.mends.add(mend_kind::missing_colon);
    }
    json_.text() += ':';
    ++members_;
    expects_ = expects::value;
  }

  /// `{"a", "b"}` is Python's set. One with a single element may as well be an object without its value.
  void turn_into_set() {
    if (sign_at(text_, at_).sign == '}')
      return give_up();
    result_.mends.add(mend_kind::sequence);
    json_.turn_into_array();
    expects_ = expects::separator;
  }

  void take_value(punctuation sign) {
    if (sign.sign == '{' || sign.sign == '[' || sign.sign == '(')
      return open(sign.sign);
    if (opening_quote(text_, at_).kind != quote_kind::none)
      return take_string(json_.top().is_object ? string_role::object_value : string_role::array_element);
    const auto place = json_.top().is_object ? scalar_place::object_value : scalar_place::array_element;
    if (const auto end = plain_number_end(text_, at_, place); end != at_) {
      json_.text() += text_.substr(at_, end - at_);
      at_ = end;
      ++typed_;
      return end_value();
    }
    const auto value = read_scalar(text_, at_, place);
    if (!value)
      return give_up();
    const auto unquoted = value->mend == mend_kind::unquoted_value;
    if (value->mend)
      result_.mends.add(*value->mend);
    typed_ += unquoted ? 0 : 1;
    json_.text() += value->json;
    at_ = value->end;
    end_value();
    bare_word_ = unquoted;
  }

  void take_string(string_role role) {
    const string_place place{role,
                             json_.depth(),
                             json_.inside_array(),
                             json_.inside_object(),
                             json_.top().closer == ')',
                             bare_keys_ > 0,
                             json_.top().items == 1 && json_.depth() > 1};
    ++quoted_;
    const auto read = mend_string(json_.text(), text_, at_, place, result_.mends);
    if (read.ending == string_ending::member_name)
      return end_array_before_name();
    if (read.ending == string_ending::unclear)
      return give_up();
    at_ = read.end;
    perhaps_path_ |= read.perhaps_path;
    has_blank_sign_ |= read.has_blank_sign;
    end_value();
    if (role == string_role::key) {
      ++quoted_keys_;
      expects_ = expects::colon;
    }
  }

  void end_value() {
    json_.top().has_scalar = true;
    comma_ = false;
    after_bracket_ = false;
    bare_word_ = false;
    expects_ = expects::separator;
  }

  /// `{"a": ["x", "y", "b": 1}`: an array has no names, so it ended before this one.
  void end_array_before_name() {
    if (json_.depth() < 2 || !json_.around(1).is_object || json_.top().closer != ']' || json_.top().items < 2
        || !comma_ || json_.top().holds_mixed)
      return give_up();
    result_.mends.add(mend_kind::closers);
    json_.take_back_item();
    json_.close();
    expects_ = expects::item;
  }

  /// Whether names without quotes may come where only their form tells them from text.
  bool bare_names_likely() const { return quoted_keys_ == 0 || bare_keys_ > 0; }

  void take_separator(punctuation sign) {
    if (sign.sign == ',') {
      at_ += sign.size;
      json_.top().joined = false;
      comma_ = true;
      expects_ = expects::item;
    } else if (sign.sign == '}' || sign.sign == ']' || sign.sign == ')') {
      close(sign);
    } else if (next_item_begins(sign)) {
      result_.mends.add(mend_kind::missing_comma);
      json_.top().joined = gap_.newline && !json_.top().is_object;
      comma_ = false;
      expects_ = expects::item;
    } else if (json_.top().joined) {
      give_up(); // the last element may as well be the beginning of the text behind the value: `[1] based on`
    } else if ((gap_.newline || after_bracket_) && may_look() && is_only_prose(text_.substr(at_))) {
      close_all();
    } else {
      give_up();
    }
  }

  bool next_item_begins(punctuation sign) const {
    if (json_.top().is_object)
      return member_begins(text_, at_, bare_names_likely());
    if (opening_quote(text_, at_).kind != quote_kind::none || sign.sign == '{' || sign.sign == '[')
      return true;
    const auto digit = sign.sign == '-' ? sign_at(text_, at_ + 1).sign : sign.sign;
    return digit >= '0' && digit <= '9';
  }

  void close(punctuation sign) {
    if (sign.sign != json_.top().closer)
      return close_wrongly(sign);
    crooked_ |= gap_.newline && json_.depth() > 1 && json_.top().indent != indent_;
    at_ += sign.size;
    pop();
  }

  /// Ends the innermost array or object. False when there is none to be made of it.
  bool pop() {
    const auto ended = json_.top();
    // Names without a single colon may be anything; one value in parentheses is that value to some readers.
    const auto doubtful =
        ended.is_object ? ended.items > 0 && ended.colons == 0 : ended.closer == ')' && ended.items == 1 && !comma_;
    if (doubtful) {
      give_up();
      return false;
    }
    const auto mixed = is_mixed();
    json_.close();
    if (mixed)
      json_.top().holds_mixed = true;
    if (const auto next = skip_blanks(text_, at_).end; ended.doubled && sign_at(text_, next).sign == '}')
      at_ = next + 1;
    comma_ = false;
    after_bracket_ = true;
    bare_word_ = false;
    expects_ = expects::separator;
    if (json_.depth() == 0)
      stop(mend_outcome::complete);
    return true;
  }

  /// Whether the innermost array is in an array and has scalars as well as arrays or objects: `[[4, 96, [4, 40]`.
  bool is_mixed() const {
    const auto& inner = json_.top();
    return !inner.is_object && json_.depth() > 1 && !json_.around(1).is_object && inner.has_scalar && inner.has_structure;
  }

  /// As pop, for one whose bracket is missing. Where the lines' indentation says that a bracket so far closed something
  /// else, or where scalars and arrays are mixed it may be missing in front of an element.
  bool pop_unclosed() {
    if (crooked_ || is_mixed() || json_.top().holds_mixed) {
      give_up();
      return false;
    }
    return pop();
  }

  /// The bracket at hand does not close the innermost one: either brackets are missing before it, or it is the wrong
  /// sign. What is still to be closed in the rest of the text tells which; where it does not, nobody can.
  void close_wrongly(punctuation sign) {
    if (!may_look())
      return give_up();
    const auto open_in_rest = unmatched_closers(text_.substr(at_ + sign.size));
    std::size_t missing = 0;
    while (missing < json_.depth() && json_.around(missing).closer != sign.sign)
      ++missing;
    const auto with_missing = missing < json_.depth() && json_.depth() - missing - 1 == open_in_rest;
    const auto with_wrong = json_.depth() - 1 == open_in_rest;
    if (!with_missing && !with_wrong)
      return give_up();
    result_.mends.add(with_missing ? mend_kind::closers : mend_kind::wrong_bracket);
    for (; with_missing && missing > 0; --missing)
      if (!pop_unclosed())
        return;
    at_ += sign.size;
    pop();
  }

  /// The text is over: what is still open is closed, unless something that was to come is missing, may be cut (`tru`),
  /// or a comment may have swallowed it.
  void close_all() {
    const auto nothing_came = expects_ == expects::item && !comma_ && json_.top().items == 0;
    const auto in_a_member = expects_ == expects::colon || expects_ == expects::value;
    if (nothing_came || in_a_member || bare_word_ || comment_with_bracket_)
      return give_up();
    if (comma_)
      result_.mends.add(mend_kind::trailing_comma);
    result_.mends.add(mend_kind::closers);
    while (json_.depth() > 0)
      if (!pop_unclosed())
        return;
    stop(mend_outcome::unclosed);
  }

  metered_text text_;
  std::size_t at_;
  std::size_t depth_max_;
  mended_value result_;
  json_builder json_;
  expects expects_ = expects::item;
  blanks gap_;                        ///< what stood before the token at hand
  bool comma_ = false;                ///< a comma was the last token
  bool after_bracket_ = false;        ///< the last value ended with a bracket
  bool bare_word_ = false;            ///< the last value was a string without quotes
  bool comment_with_bracket_ = false; ///< a comment to a line's end held what may have been JSON
  bool crooked_ = false;              ///< a bracket on a line of its own was not indented as what it closed
  bool perhaps_path_ = false;         ///< a string may hold a path whose backslashes are escapes as it stands
  bool has_blank_sign_ = false;       ///< a string holds SentencePiece's blank
  bool going_ = true;
  std::size_t indent_ = 0; ///< of the current line; 0 for the one that the value begins on
  std::size_t quoted_ = 0;
  std::size_t quoted_keys_ = 0;
  std::size_t bare_keys_ = 0;
  std::size_t typed_ = 0;
  std::size_t members_ = 0;
};

} // namespace

mended_value mend_json(metered_text text, std::size_t begin, std::size_t depth_max) {
  return parser(text, begin, depth_max).run();
}

} // namespace mp
