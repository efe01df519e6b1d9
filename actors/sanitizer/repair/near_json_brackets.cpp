// Brackets of near-JSON: which of them close what, and which are missing or wrong.

#include "actors/sanitizer/repair/lookahead.hpp"
#include "actors/sanitizer/repair/near_json_parser.hpp"

namespace mp {

void near_json_parser::turn_into_set() {
  if (sign_at(text_, at_).sign == '}')
    return give_up();
  result_.mends.add(mend_kind::sequence);
  json_.turn_into_array();
  expects_ = expects::separator;
}

void near_json_parser::end_array_before_name() {
  if (json_.depth() < 2 || !json_.around(1).is_object || json_.top().closer != ']' || json_.top().items < 2 || !comma_
      || json_.top().holds_mixed)
    return give_up();
  result_.mends.add(mend_kind::closers);
  json_.take_back_item();
  json_.close();
  expects_ = expects::item;
}

void near_json_parser::close(punctuation sign) {
  if (sign.sign != json_.top().closer)
    return close_wrongly(sign);
  crooked_ |= gap_.newline && json_.depth() > 1 && json_.top().indent != indent_;
  at_ += sign.size;
  pop();
}

bool near_json_parser::pop() {
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

bool near_json_parser::is_mixed() const {
  const auto& inner = json_.top();
  return !inner.is_object && json_.depth() > 1 && !json_.around(1).is_object && inner.has_scalar && inner.has_structure;
}

bool near_json_parser::pop_unclosed() {
  if (crooked_ || is_mixed() || json_.top().holds_mixed) {
    give_up();
    return false;
  }
  return pop();
}

void near_json_parser::close_wrongly(punctuation sign) {
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

void near_json_parser::close_all() {
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

} // namespace mp
