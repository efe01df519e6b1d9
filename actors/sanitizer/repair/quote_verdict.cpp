#include "actors/sanitizer/repair/quote_verdict.hpp"

#include "messages/json/ascii.hpp"

namespace mp {
namespace {

using quote_detail::is_closer;

/// Whether JSON can go on behind the closing brackets that begin at `at`.
bool closers_fit(metered_text text, std::size_t at, const string_place& place) {
  std::size_t count = 0;
  blanks gap;
  gap.end = at;
  for (auto sign = sign_at(text, at); is_closer(sign.sign); sign = sign_at(text, gap.end)) {
    ++count;
    text.spend(8);
    gap = skip_blanks(text, gap.end + sign.size);
  }
  if (ends_everything(text, gap.end))
    return true;
  const auto next = sign_at(text, gap.end).sign;
  const auto is_quote = opening_quote(text, gap.end).kind != quote_kind::none;
  if (count >= place.depth)
    return gap.newline || !is_quote;
  return next == ',' || next == '{' || next == '[' || gap.newline || member_begins(text, gap.end, place.bare_names);
}

/// Whether a value can begin at `at` in an array whose strings are quoted.
bool element_begins(std::string_view text, std::size_t at) {
  const auto sign = sign_at(text, at).sign;
  if (sign == '{' || sign == '[' || sign == '(' || sign == '-' || is_digit(sign))
    return true;
  if (opening_quote(text, at).kind != quote_kind::none || ellipsis_size(text, at) != 0)
    return true;
  const auto word = text.substr(at, word_end(text.substr(0, at + 16), at) - at);
  for (const auto* literal : {"true", "false", "null", "True", "False", "None", "NaN", "undefined"})
    if (word == literal)
      return true;
  return false;
}

/// Whether a name and, without a colon, a number or literal begin at `at`: `"calories" 285,`.
bool scalar_member_begins(metered_text text, std::size_t at) {
  if (sign_at(text, at).sign != '"')
    return false;
  const auto name_end = word_end(text, at + 1);
  text.spend(4 * (name_end - at) + 64);
  if (name_end == at + 1 || sign_at(text, name_end).sign != '"')
    return false;
  const auto value = skip_blanks(text, name_end + 1).end;
  if (value == name_end + 1 || opening_quote(text, value).kind != quote_kind::none || !element_begins(text, value))
    return false;
  const auto near = text.substr(0, value + 32); // longer than any number of use
  const auto end = near.find_first_of(",}]\n", value);
  return end != std::string_view::npos
         && near.substr(value, end - value).find_first_of(" \"'{[(") == std::string_view::npos;
}

/// What a quote is whose next token is at `gap.end`, behind at least one comma that `after_comma` has skipped.
quote_verdict judge_after_comma(metered_text text, std::size_t at, const string_place& place, std::size_t inner) {
  const auto sign = sign_at(text, at);
  if (ends_everything(text, at) || ellipsis_size(text, at) != 0)
    return quote_verdict::closes;
  if (is_closer(sign.sign))
    return closers_fit(text, at, place) ? quote_verdict::closes : quote_verdict::inner;
  if (sign.sign == ')' && place.inside_tuple)
    return quote_verdict::closes;
  if (place.role == string_role::object_value)
    return member_begins(text, at, inner == 0 || place.bare_names) || (inner == 0 && scalar_member_begins(text, at))
             ? quote_verdict::closes
             : quote_verdict::inner;
  if (element_begins(text, at))
    return quote_verdict::closes;
  return inner == 0 && is_word_byte(text, at) ? quote_verdict::closes : quote_verdict::inner;
}

/// Whether the quote at `quote` ends an element although the next element's quote at `next` follows without a comma.
bool comma_is_missing(std::string_view text, std::size_t begin, std::size_t quote, std::size_t next,
                      std::size_t inner) {
  if (quote == begin || inner % 2 != 0)
    return false;
  const auto before = text[quote - 1];
  const auto behind = next + opening_quote(text, next).size;
  constexpr std::string_view no_beginning = " \n\t,:]}\"";
  return before != ' ' && before != '(' && behind < text.size()
         && no_beginning.find(text[behind]) == std::string_view::npos;
}

/// Whether a string begins at `at`, and with a blank.
bool begins_with_blank(std::string_view text, std::size_t at) {
  const auto quote = opening_quote(text, at);
  return quote.kind != quote_kind::none && text.substr(at + quote.size, 1) == " ";
}

} // namespace

quote_verdict judge_quote(metered_text text, std::size_t begin, std::size_t quote, std::size_t after,
                          const string_place& place, std::size_t inner) {
  text.spend(32);
  const auto gap = skip_blanks(text, after);
  const auto in_object = place.role == string_role::object_value;
  const auto swallows_a_quote = [&](const blanks& skipped) {
    return inner != 0 && (text[quote] == '\'' ? skipped.comment_with_apostrophe : skipped.comment_with_quote);
  };
  if (swallows_a_quote(gap))
    return quote_verdict::unclear;
  if (ends_everything(text, gap.end))
    return quote_verdict::closes;
  const auto sign = sign_at(text, gap.end);
  const auto doubtful = gap.newline ? quote_verdict::perhaps : quote_verdict::inner;
  switch (sign.sign) {
    case '}':
    case ']':
      if ((sign.sign == ']' && !place.inside_array) || (sign.sign == '}' && !place.inside_object))
        return closers_fit(text, gap.end, place) && place.depth == 1 ? quote_verdict::closes : quote_verdict::inner;
      return closers_fit(text, gap.end, place) ? quote_verdict::closes : doubtful;
    case ',': {
      auto at = gap.end;
      blanks behind;
      for (auto comma = sign; comma.sign == ','; comma = sign_at(text, at)) {
        text.spend(8);
        behind = skip_blanks(text, at + comma.size);
        if (swallows_a_quote(behind))
          return quote_verdict::unclear;
        at = behind.end;
      }
      if (!in_object && quote > begin && text[quote - 1] == ' ' && begins_with_blank(text, at))
        return quote_verdict::unclear; // `"end with "," here"`
      const auto result = judge_after_comma(text, at, place, inner);
      return result == quote_verdict::inner && behind.newline ? quote_verdict::perhaps : result;
    }
    case ':': return quote_verdict::name;
    case ')': return place.inside_tuple && !in_object ? quote_verdict::closes : doubtful;
    case '+':
      return opening_quote(text, skip_blanks(text, gap.end + 1).end).kind != quote_kind::none ? quote_verdict::closes
                                                                                              : quote_verdict::inner;
    case '{':
    case '[':
      if (in_object)
        return doubtful;
      return quote > begin && text[quote - 1] == ' ' ? quote_verdict::unclear
                                                     : quote_verdict::closes; // `"the "{" key"`
    default:
      if (opening_quote(text, gap.end).kind != quote_kind::none) {
        const auto closes = in_object ? member_begins(text, gap.end, false)
                                      : gap.newline || comma_is_missing(text, begin, quote, gap.end, inner);
        return closes ? quote_verdict::closes : doubtful;
      }
      if (in_object && (gap.newline || (place.bare_names && inner == 0)) && member_begins(text, gap.end, true))
        return quote_verdict::closes;
      return doubtful;
  }
}

bool key_closes(metered_text text, std::size_t after, const string_place& place) {
  const auto gap = skip_blanks(text, after);
  const auto sign = sign_at(text, gap.end).sign;
  if (sign == ':' || sign == '=')
    return true;
  if (sign == ',' || sign == '}')
    return place.first_item;
  return sign != ']' && element_begins(text, gap.end) && (gap.end > after || sign == '{' || sign == '[');
}

} // namespace mp
