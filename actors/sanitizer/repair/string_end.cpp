#include "actors/sanitizer/repair/string_end.hpp"

#include "actors/sanitizer/repair/quote_verdict.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace mp {
namespace {

using quote_detail::is_closer;

/// Bytes at which a search for a closing quote of the kind has to look closer.
constexpr std::array<bool, 256> interesting_bytes(quote_kind kind) {
  std::array<bool, 256> table{};
  table['\\'] = true;
  switch (kind) {
    case quote_kind::straight_double: table['"'] = true; break;
    case quote_kind::straight_single: table['\''] = true; break;
    case quote_kind::backtick: table['`'] = true; break;
    default: table[0xE2] = table[0xC2] = table[0xEF] = true;
  }
  return table;
}

constexpr auto for_double = interesting_bytes(quote_kind::straight_double);
constexpr auto for_single = interesting_bytes(quote_kind::straight_single);
constexpr auto for_backtick = interesting_bytes(quote_kind::backtick);
constexpr auto for_typographic = interesting_bytes(quote_kind::typographic_double);

const std::array<bool, 256>& table_of(quote_kind kind) {
  switch (kind) {
    case quote_kind::straight_double: return for_double;
    case quote_kind::straight_single: return for_single;
    case quote_kind::backtick: return for_backtick;
    default: return for_typographic;
  }
}

/// Whether a quote of any kind is the last sign: it may be the closing one, of the wrong kind.
bool ends_with_quote(std::string_view content) {
  constexpr std::array<std::string_view, 13> quotes{"\"",
                                                    "'",
                                                    "`",
                                                    "\xE2\x80\x9C",
                                                    "\xE2\x80\x9D",
                                                    "\xE2\x80\x9E",
                                                    "\xE2\x80\x98",
                                                    "\xE2\x80\x99",
                                                    "\xE2\x80\xB3",
                                                    "\xC2\xBB",
                                                    "\xC2\xAB",
                                                    "\xE3\x80\x8D",
                                                    "\xEF\xBC\x82"};
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
  const auto is_own = std::any_of(sizes.begin(), sizes.end(), [&](std::size_t size) {
    return at - begin >= size && closing_quote(text, at - size, kind) == size;
  });
  return !is_own && ends_with_quote(text.substr(begin, at - begin));
}

/// Typographic quotes that were opened and not closed: in German „so", in English “so". The straight one behind them
/// closes them, and not the string.
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

/// Whether the first straight double quote in the content of a string in other quotes closes a string: `'Soup",
/// "Cake'`.
bool begins_closing(std::string_view content) {
  const auto quote = content.find('"');
  if (quote == std::string_view::npos || quote == 0 || content[quote - 1] == ' ' || content[quote - 1] == '('
      || content[quote - 1] == '\\')
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
  if (end == begin || text[end - 1] == ',' || is_closer(text[end - 1])
      || ends_with_quote(text.substr(begin, end - begin)))
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

/// The search for the end of a value: reads it once and judges each quote.
class value_end_search {
public:
  value_end_search(metered_text text, std::size_t begin, quote_kind kind, const string_place& place)
    : text_(text), begin_(begin), kind_(kind), place_(place), until_(text.size()), paid_(begin), looked_(begin) {}

  string_extent run() {
    const auto& interesting = table_of(kind_);
    for (auto at = begin_; at < until_; ++at) {
      if (!interesting[static_cast<unsigned char>(text_[at])])
        continue;
      text_.spend(at - paid_ + 16);
      paid_ = at;
      if (text_.is_used_up())
        return {};
      if (text_[at] == '\\') {
        ++at;
        escaped_ += closing_quote(text_, at, kind_) != 0;
        continue;
      }
      const auto size = closing_quote(text_, at, kind_);
      if (size == 0)
        continue;
      if (const auto end = take_quote(at, at + size))
        return *end;
      at += size - 1;
    }
    text_.spend(until_ - std::min(paid_, until_));
    if (inner_ == 0 && at_line_end_.ending != string_ending::closed)
      return end_before_closers(text_, begin_, place_);
    return at_line_end_;
  }

private:
  /// What the quote at `at` decides, or nothing: it is part of the string.
  std::optional<string_extent> take_quote(std::size_t at, std::size_t next) {
    if (kind_ == quote_kind::straight_double) {
      typographic_.look(text_, looked_, at);
      looked_ = next;
    }
    switch (judge_quote(text_, begin_, at, next, place_, inner_)) {
      case quote_verdict::closes:
        return is_sure_end(at) ? string_extent{string_ending::closed, at, next, false} : string_extent{};
      case quote_verdict::name:
        if (place_.role == string_role::array_element && inner_ == 0)
          return string_extent{string_ending::member_name, at, next, false};
        if (place_.role == string_role::object_value && inner_ == 1)
          return end_before_line(text_, begin_, last_inner_);
        return string_extent{};
      case quote_verdict::perhaps:
        if (inner_ == 0) {
          constexpr std::size_t doubt_bytes_max = 16 << 10; // what contradicts this end comes sooner, if at all
          at_line_end_ = {string_ending::closed, at, next, false};
          until_ = std::min(until_, next + doubt_bytes_max);
        }
        suspicious_ = true;
        break;
      case quote_verdict::inner: break;
      case quote_verdict::unclear: return string_extent{};
    }
    keep(at, next);
    return std::nullopt;
  }

  /// Whether nothing in the string speaks against its end at the quote at `at`.
  bool is_sure_end(std::size_t at) const {
    // Quotes come in pairs. A single one is a part of the string only as the sign for inches or seconds.
    if (pairs() && plain_ % 2 != 0 && (plain_ + escaped_) % 2 != 0
        && !(plain_ == 1 && is_digit(text_[last_plain_ - 1])))
      return false;
    return !suspicious_ && (kind_ == quote_kind::straight_double || !begins_closing(text_.substr(begin_, at - begin_)));
  }

  /// Takes the quote at `at` as part of the string.
  void keep(std::size_t at, std::size_t next) {
    suspicious_ |= looks_like_an_end(text_, next, kind_) || begins_behind_another(text_, begin_, at, kind_);
    if (!typographic_.close()) {
      if (pairs() && (plain_ + escaped_) % 2 == 0 && at > begin_)
        suspicious_ |= is_behind_a_word(text_, at, next);
      ++plain_;
      last_plain_ = at;
    }
    ++inner_;
    last_inner_ = at;
  }

  bool pairs() const { return kind_ != quote_kind::straight_single && kind_ != quote_kind::typographic_single; }

  metered_text text_;
  std::size_t begin_;
  quote_kind kind_;
  const string_place& place_;
  std::size_t inner_ = 0; ///< quotes so far that were taken as part of the string
  std::size_t plain_ = 0; ///< those of them that do not close a typographic one
  std::size_t escaped_ = 0; ///< and those that were escaped
  std::size_t last_inner_ = 0; ///< position of the last one
  std::size_t last_plain_ = 0; ///< and of the last that closes no typographic one
  bool suspicious_ = false; ///< one of them looks as if it ended a string after all
  string_extent at_line_end_{};
  std::size_t until_;
  std::size_t paid_; ///< up to which the budget was charged
  open_typographic typographic_{};
  std::size_t looked_; ///< up to which typographic quotes are known
};

} // namespace

string_extent find_string_end(metered_text text, std::size_t begin, quote_kind kind, const string_place& place) {
  if (place.role == string_role::key)
    return find_key_end(text, begin, kind, place);
  return value_end_search{text, begin, kind, place}.run();
}

} // namespace mp
