#include "actors/sanitizer/string_end.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

enum class verdict {
  closes,  ///< the JSON goes on behind this quote
  inner,   ///< it does not
  name,    ///< a colon follows where none may
  perhaps, ///< a line break follows: the end if nothing better comes
  unclear, ///< a comment with quotes follows, or the string goes on with two slashes
};

/// Bytes at which a search for a closing quote of the kind has to look closer.
constexpr std::array<bool, 256> interesting_bytes(quote_kind kind) {
  std::array<bool, 256> table{};
  table['\\'] = true;
  switch (kind) {
  case quote_kind::straight_double:
    table['"'] = true;
    break;
  case quote_kind::straight_single:
    table['\''] = true;
    break;
  case quote_kind::backtick:
    table['`'] = true;
    break;
  default:
    table[0xE2] = table[0xC2] = table[0xEF] = true;
  }
  return table;
}

constexpr auto for_double = interesting_bytes(quote_kind::straight_double);
constexpr auto for_single = interesting_bytes(quote_kind::straight_single);
constexpr auto for_backtick = interesting_bytes(quote_kind::backtick);
constexpr auto for_typographic = interesting_bytes(quote_kind::typographic_double);

const std::array<bool, 256>& table_of(quote_kind kind) {
  switch (kind) {
  case quote_kind::straight_double:
    return for_double;
  case quote_kind::straight_single:
    return for_single;
  case quote_kind::backtick:
    return for_backtick;
  default:
    return for_typographic;
  }
}

bool is_closer(char sign) { return sign == '}' || sign == ']'; }

bool is_digit(char c) { return c >= '0' && c <= '9'; }

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
  return end != std::string_view::npos && near.substr(value, end - value).find_first_of(" \"'{[(") == std::string_view::npos;
}

/// What a quote is whose next token is at `gap.end`, behind at least one comma that `after_comma` has skipped.
verdict judge_after_comma(metered_text text, std::size_t at, const string_place& place, std::size_t inner) {
  const auto sign = sign_at(text, at);
  if (ends_everything(text, at) || ellipsis_size(text, at) != 0)
    return verdict::closes;
  if (is_closer(sign.sign))
    return closers_fit(text, at, place) ? verdict::closes : verdict::inner;
  if (sign.sign == ')' && place.inside_tuple)
    return verdict::closes;
  if (place.role == string_role::object_value)
    return member_begins(text, at, inner == 0 || place.bare_names) || (inner == 0 && scalar_member_begins(text, at))
             ? verdict::closes
             : verdict::inner;
  if (element_begins(text, at))
    return verdict::closes;
  return inner == 0 && is_word_byte(text, at) ? verdict::closes : verdict::inner;
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

verdict judge_value(metered_text text, std::size_t begin, std::size_t quote, std::size_t after,
                    const string_place& place, std::size_t inner) {
  text.spend(32);
  const auto gap = skip_blanks(text, after);
  const auto in_object = place.role == string_role::object_value;
  const auto swallows_a_quote = [&](const blanks& skipped) {
    return inner != 0 && (text[quote] == '\'' ? skipped.comment_with_apostrophe : skipped.comment_with_quote);
  };
  if (swallows_a_quote(gap))
    return verdict::unclear;
  if (ends_everything(text, gap.end))
    return verdict::closes;
  const auto sign = sign_at(text, gap.end);
  const auto doubtful = gap.newline ? verdict::perhaps : verdict::inner;
  switch (sign.sign) {
  case '}':
  case ']':
    if ((sign.sign == ']' && !place.inside_array) || (sign.sign == '}' && !place.inside_object))
      return closers_fit(text, gap.end, place) && place.depth == 1 ? verdict::closes : verdict::inner;
    return closers_fit(text, gap.end, place) ? verdict::closes : doubtful;
  case ',': {
    auto at = gap.end;
    blanks behind;
    for (auto comma = sign; comma.sign == ','; comma = sign_at(text, at)) {
      text.spend(8);
      behind = skip_blanks(text, at + comma.size);
      if (swallows_a_quote(behind))
        return verdict::unclear;
      at = behind.end;
    }
    if (!in_object && quote > begin && text[quote - 1] == ' ' && begins_with_blank(text, at))
      return verdict::unclear; // `"end with "," here"`
    const auto result = judge_after_comma(text, at, place, inner);
    return result == verdict::inner && behind.newline ? verdict::perhaps : result;
  }
  case ':':
    return verdict::name;
  case ')':
    return place.inside_tuple && !in_object ? verdict::closes : doubtful;
  case '+':
    return opening_quote(text, skip_blanks(text, gap.end + 1).end).kind != quote_kind::none ? verdict::closes
                                                                                            : verdict::inner;
  case '{':
  case '[':
    if (in_object)
      return doubtful;
    return quote > begin && text[quote - 1] == ' ' ? verdict::unclear : verdict::closes; // `"the "{" key"`
  default:
    if (opening_quote(text, gap.end).kind != quote_kind::none) {
      const auto closes = in_object ? member_begins(text, gap.end, false)
                                    : gap.newline || comma_is_missing(text, begin, quote, gap.end, inner);
      return closes ? verdict::closes : doubtful;
    }
    if (in_object && (gap.newline || (place.bare_names && inner == 0)) && member_begins(text, gap.end, true))
      return verdict::closes;
    return doubtful;
  }
}

/// A name ends at its first quote that is no apostrophe; what follows must be a colon, a value (the colon is missing)
/// or, in a set, a comma.
bool key_closes(metered_text text, std::size_t after, const string_place& place) {
  const auto gap = skip_blanks(text, after);
  const auto sign = sign_at(text, gap.end).sign;
  if (sign == ':' || sign == '=')
    return true;
  if (sign == ',' || sign == '}')
    return place.first_item;
  return sign != ']' && element_begins(text, gap.end) && (gap.end > after || sign == '{' || sign == '[');
}

/// Whether a quote of any kind is the last sign: it may be the closing one, of the wrong kind.
bool ends_with_quote(std::string_view content) {
  constexpr std::array<std::string_view, 13> quotes{"\"",           "'",            "`",            "\xE2\x80\x9C", "\xE2\x80\x9D",
                                                    "\xE2\x80\x9E", "\xE2\x80\x98", "\xE2\x80\x99", "\xE2\x80\xB3", "\xC2\xBB",
                                                    "\xC2\xAB",     "\xE3\x80\x8D", "\xEF\xBC\x82"};
  return std::any_of(quotes.begin(), quotes.end(), [&](std::string_view quote) { return content.ends_with(quote); });
}

/// Whether the quote at `quote` begins a string behind one that ended with a quote of another kind: `"Soup', "Cake"`.
bool begins_behind_another(std::string_view text, std::size_t begin, std::size_t quote, quote_kind kind) {
  auto at = quote;
  while (at > begin && (text[at - 1] == ' ' || text[at - 1] == '\n' || text[at - 1] == '\t'))
    --at;
  if (at == begin || (text[at - 1] != ',' && text[at - 1] != ':'))
    return false;
  --at;
  while (at > begin && text[at - 1] == ' ')
    --at;
  constexpr std::array<std::size_t, 3> sizes{1, 2, 3};
  const auto is_own = std::any_of(sizes.begin(), sizes.end(),
                                  [&](std::size_t size) { return at - begin >= size && closing_quote(text, at - size, kind) == size; });
  return !is_own && ends_with_quote(text.substr(begin, at - begin));
}

/// Typographic quotes that were opened and not closed: in German „so", in English “so". The straight one behind them closes
/// them, and not the string.
class open_typographic {
public:
  /// Looks at the text from where it ended the last time up to `end`.
  void look(std::string_view whole, std::size_t begin, std::size_t end) {
    const auto text = whole.substr(0, end);
    for (auto at = text.find("\xE2\x80", begin); at < end && at + 2 < end; at = text.find("\xE2\x80", at + 3)) {
      const auto opens = text[at + 2] == '\x9E' || (text[at + 2] == '\x9C' && open_ == 0);
      const auto closes = text[at + 2] == '\x9C' || text[at + 2] == '\x9D';
      if (opens)
        ++open_;
      else if (closes && open_ > 0)
        --open_;
    }
  }

  /// Closes one, if one is open.
  bool close() { return open_ > 0 && open_-- > 0; }

private:
  std::size_t open_ = 0;
};

/// Whether the first straight double quote in the content of a string in other quotes closes a string: `'Soup", "Cake'`.
bool begins_closing(std::string_view content) {
  const auto quote = content.find('"');
  if (quote == std::string_view::npos || quote == 0 || content[quote - 1] == ' ' || content[quote - 1] == '(' || content[quote - 1] == '\\')
    return false;
  const auto comma = content.find_first_not_of(" \n\r\t", quote + 1);
  return comma != std::string_view::npos && (content[comma] == ',' || content[comma] == ':');
}

/// The string at `begin` has no closing quote: it ends before the line break in front of the member's name whose
/// opening quote is at `name_quote`. Only where that name stands at the beginning of its line and no quote comes before
/// it.
string_extent end_before_line(std::string_view text, std::size_t begin, std::size_t name_quote) {
  string_extent result;
  auto end = name_quote;
  auto newline = false;
  while (end > begin
         && (text[end - 1] == ' ' || text[end - 1] == '\t' || text[end - 1] == '\r' || text[end - 1] == '\n')) {
    --end;
    newline |= text[end] == '\n';
  }
  if (!newline || end == begin || text.substr(begin, end - begin).find('\n') != std::string_view::npos)
    return result;
  result.next = end;
  if (text[end - 1] == ',')
    result.next = --end;
  if (end == begin || is_closer(text[end - 1]) || ends_with_quote(text.substr(begin, end - begin)))
    return result;
  result.ending = string_ending::closed;
  result.content_end = end;
  result.missing_quote = true;
  return result;
}

/// The string at `begin` has no closing quote and none comes: it ends with its line where nothing but the brackets that
/// are still open follows.
string_extent end_before_closers(metered_text text, std::size_t begin, const string_place& place) {
  const auto newline = text.find('\n', begin);
  if (newline == std::string_view::npos)
    return {};
  auto end = newline;
  while (end > begin && (text[end - 1] == ' ' || text[end - 1] == '\r'))
    --end;
  if (end == begin || text[end - 1] == ',' || is_closer(text[end - 1]) || ends_with_quote(text.substr(begin, end - begin)))
    return {};
  std::size_t closers = 0;
  auto at = skip_blanks(text, newline).end;
  for (; is_closer(sign_at(text, at).sign); at = skip_blanks(text, at + 1).end) {
    text.spend(8);
    ++closers;
  }
  if (closers != place.depth || !ends_everything(text, at))
    return {};
  return {string_ending::closed, end, newline, true};
}

/// Whether the quote in front of `after`, although what follows did not fit, may have been meant to end the string: a
/// bracket or, with white space between, another string follows. Where such a quote stands inside of a string there are
/// two readings.
bool looks_like_an_end(std::string_view text, std::size_t after, quote_kind kind) {
  auto at = after;
  while (at < text.size() && text[at] == ' ')
    ++at;
  if (at >= text.size())
    return false;
  if (is_closer(text[at]))
    return true;
  constexpr std::string_view ending = " \n\r\t,:]}"; // behind a quote that closes, so the one before it is inner
  const auto size = closing_quote(text, at, kind);
  return size != 0 && at + size < text.size() && ending.find(text[at + size]) == std::string_view::npos;
}

/// Whether the quote at `quote` stands as one behind a quoted word does. The first of a pair cannot, except as a sign
/// of measure behind a number.
bool is_behind_a_word(std::string_view text, std::size_t quote, std::size_t next) {
  return is_word_byte(text, quote - 1) && !is_digit(text[quote - 1]) && next < text.size()
         && (text[next] == ' ' || text[next] == ',');
}

string_extent find_key_end(metered_text text, std::size_t begin, quote_kind kind, const string_place& place) {
  string_extent result;
  const auto& interesting = table_of(kind);
  for (auto at = begin; at < text.size() && text[at] != '\n'; ++at) {
    if (!interesting[static_cast<unsigned char>(text[at])])
      continue;
    text.spend(16);
    if (text[at] == '\\') {
      ++at;
      continue;
    }
    const auto size = closing_quote(text, at, kind);
    if (size == 0 || is_apostrophe(text, at, kind))
      continue;
    text.spend(at - begin + 32);
    if (key_closes(text, at + size, place))
      return {string_ending::closed, at, at + size, false};
    break;
  }
  text.spend(std::min(text.find('\n', begin), text.size()) - begin + 128);
  if (const auto colon = colon_of_open_name(text, begin);
      colon != begin && !ends_with_quote(text.substr(begin, word_end(text, begin) - begin)))
    return {string_ending::closed, word_end(text, begin), colon, true};
  return result;
}

} // namespace

string_extent find_string_end(metered_text text, std::size_t begin, quote_kind kind, const string_place& place) {
  if (place.role == string_role::key)
    return find_key_end(text, begin, kind, place);
  const auto& interesting = table_of(kind);
  const auto pairs = kind != quote_kind::straight_single && kind != quote_kind::typographic_single;
  std::size_t inner = 0;      // quotes so far that were taken as part of the string
  std::size_t plain = 0;      // those of them that do not close a typographic one
  std::size_t escaped = 0;    // and those that were escaped
  std::size_t last_inner = 0; // position of the last one
  std::size_t last_plain = 0; // and of the last that closes no typographic one
  auto suspicious = false;    // one of them looks as if it ended a string after all
  string_extent at_line_end;
  auto until = text.size();
  auto paid = begin;
  open_typographic typographic;
  auto looked = begin; // up to which typographic quotes are known
  for (auto at = begin; at < until; ++at) {
    if (!interesting[static_cast<unsigned char>(text[at])])
      continue;
    text.spend(at - paid + 16);
    paid = at;
    if (text.is_used_up())
      return {};
    if (text[at] == '\\') {
      ++at;
      escaped += closing_quote(text, at, kind) != 0;
      continue;
    }
    const auto size = closing_quote(text, at, kind);
    if (size == 0)
      continue;
    const auto next = at + size;
    if (kind == quote_kind::straight_double) {
      typographic.look(text, looked, at);
      looked = next;
    }
    switch (judge_value(text, begin, at, next, place, inner)) {
    case verdict::closes:
      // Quotes come in pairs. A single one is a part of the string only as the sign for inches or seconds.
      if (pairs && plain % 2 != 0 && (plain + escaped) % 2 != 0 && !(plain == 1 && is_digit(text[last_plain - 1])))
        return {};
      if (suspicious || (kind != quote_kind::straight_double && begins_closing(text.substr(begin, at - begin))))
        return {};
      return {string_ending::closed, at, next, false};
    case verdict::name:
      if (place.role == string_role::array_element && inner == 0)
        return {string_ending::member_name, at, next, false};
      if (place.role == string_role::object_value && inner == 1)
        return end_before_line(text, begin, last_inner);
      return {};
    case verdict::perhaps:
      if (inner == 0) {
        constexpr std::size_t doubt_bytes_max = 16 << 10; // what contradicts this end comes sooner, if at all
        at_line_end = {string_ending::closed, at, next, false};
        until = std::min(until, next + doubt_bytes_max);
      }
      suspicious = true;
      break;
    case verdict::inner:
      break;
    case verdict::unclear:
      return {};
    }
    suspicious |= looks_like_an_end(text, next, kind) || begins_behind_another(text, begin, at, kind);
    if (!typographic.close()) {
      if (pairs && (plain + escaped) % 2 == 0 && at > begin)
        suspicious |= is_behind_a_word(text, at, next);
      ++plain;
      last_plain = at;
    }
    ++inner;
    last_inner = at;
    at = next - 1;
  }
  text.spend(until - std::min(paid, until));
  if (inner == 0 && at_line_end.ending != string_ending::closed)
    return end_before_closers(text, begin, place);
  return at_line_end;
}

} // namespace mp
