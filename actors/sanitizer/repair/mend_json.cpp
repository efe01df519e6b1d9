#include "actors/sanitizer/repair/mend_json.hpp"

#include "actors/sanitizer/repair/lookahead.hpp"
#include "actors/sanitizer/repair/mend_string.hpp"
#include "actors/sanitizer/repair/near_json_parser.hpp"
#include "actors/sanitizer/repair/scalar.hpp"
#include "actors/sanitizer/repair/string_text.hpp"
#include "messages/json/ascii.hpp"

namespace mp {

mended_value near_json_parser::run() {
  open(sign_at(text_, at_).sign);
  text_.spend(160);
  while (going_)
    step();
  result_.end = at_;
  result_.plausible = quoted_ > 0 || typed_ > 0 || members_ > 1;
  if (result_.outcome == mend_outcome::not_json && quoted_ > 0)
    result_.outcome = mend_outcome::broken;
  // What is right as JSON was not meant so, where the writer shows that he does not keep to it.
  const auto not_meant =
    (perhaps_path_ && !result_.mends.empty()) || (has_blank_sign_ && result_.mends.has(mend_kind::odd_space));
  if (text_.is_used_up() || (not_meant && result_.outcome != mend_outcome::not_json))
    result_.outcome = mend_outcome::broken;
  result_.json = std::move(json_.text());
  return std::move(result_);
}

void near_json_parser::stop(mend_outcome outcome) {
  result_.outcome = outcome;
  going_ = false;
}

bool near_json_parser::may_look() {
  if (!text_.budget().may_look_at_rest())
    return false;
  text_.spend(2 * (text_.size() - at_));
  return true;
}

void near_json_parser::step() {
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
    case expects::item: return take_item(sign);
    case expects::colon: return take_colon(sign);
    case expects::value: return take_value(sign);
    case expects::separator: return take_separator(sign);
  }
}

void near_json_parser::skip() {
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

void near_json_parser::open(char sign) {
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

void near_json_parser::take_item(punctuation sign) {
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

void near_json_parser::take_key(punctuation sign) {
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

void near_json_parser::take_unquoted_key() {
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

void near_json_parser::take_colon(punctuation sign) {
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

void near_json_parser::take_value(punctuation sign) {
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

void near_json_parser::take_string(string_role role) {
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

void near_json_parser::end_value() {
  json_.top().has_scalar = true;
  comma_ = false;
  after_bracket_ = false;
  bare_word_ = false;
  expects_ = expects::separator;
}

void near_json_parser::take_separator(punctuation sign) {
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

bool near_json_parser::next_item_begins(punctuation sign) const {
  if (json_.top().is_object)
    return member_begins(text_, at_, bare_names_likely());
  if (opening_quote(text_, at_).kind != quote_kind::none || sign.sign == '{' || sign.sign == '[')
    return true;
  return is_digit(sign.sign == '-' ? sign_at(text_, at_ + 1).sign : sign.sign);
}

mended_value mend_json(metered_text text, std::size_t begin, std::size_t depth_max) {
  return near_json_parser(text, begin, depth_max).run();
}

} // namespace mp
