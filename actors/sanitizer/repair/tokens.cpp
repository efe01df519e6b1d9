#include "actors/sanitizer/repair/tokens.hpp"

#include "actors/sanitizer/repair/lookahead.hpp"
#include "messages/json/ascii.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

bool starts_with_at(std::string_view text, std::size_t at, std::string_view what) {
  return text.substr(at, what.size()) == what;
}

/// Size of the space beyond ASCII at `at`, or 0: U+0085, U+00A0, U+1680, U+2000-200F, U+2028, U+2029, U+202F, U+205F,
/// U+2060, U+2581 (a space, to SentencePiece), U+3000, U+FEFF.
std::size_t odd_space_size(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t offset) -> unsigned {
    return at + offset < text.size() ? static_cast<unsigned char>(text[at + offset]) : 0u;
  };
  switch (byte(0)) {
    case 0xC2: return byte(1) == 0xA0 || byte(1) == 0x85 ? 2 : 0;
    case 0xE1: return byte(1) == 0x9A && byte(2) == 0x80 ? 3 : 0;
    case 0xE2:
      if (byte(1) == 0x80
          && ((byte(2) >= 0x80 && byte(2) <= 0x8F) || byte(2) == 0xA8 || byte(2) == 0xA9 || byte(2) == 0xAF))
        return 3;
      if (byte(1) == 0x96 && byte(2) == 0x81)
        return 3;
      return byte(1) == 0x81 && (byte(2) == 0x9F || byte(2) == 0xA0) ? 3 : 0;
    case 0xE3: return byte(1) == 0x80 && byte(2) == 0x80 ? 3 : 0;
    case 0xEF: return byte(1) == 0xBB && byte(2) == 0xBF ? 3 : 0;
    default: return 0;
  }
}

/// Longer ones are prose, and looking for their end again and again would cost more than linear time.
constexpr std::size_t line_comment_bytes_max = 1024;
constexpr std::size_t comment_bytes_max = 4096;

/// Takes the comment to the line's end that begins at `at`, unless it is too long.
bool take_line_comment(metered_text whole, std::size_t at, blanks& result) {
  const auto text = whole.substr(0, at + line_comment_bytes_max);
  const auto newline = text.find('\n', at);
  whole.spend(4 * (std::min(newline, text.size()) - at)); // four searches
  if (newline == std::string_view::npos && text.size() < whole.size())
    return false;
  const auto line = text.substr(at, newline - at);
  result.comment = true;
  result.comment_with_quote |= line.find('"') != std::string_view::npos;
  result.comment_with_apostrophe |= line.find('\'') != std::string_view::npos;
  result.comment_with_bracket |= unmatched_closers(line) != 0;
  if (newline == std::string_view::npos)
    result.comment_with_bracket |= line.find("\":") != std::string_view::npos;
  result.end = newline == std::string_view::npos ? text.size() : newline;
  return true;
}

/// Takes the comment at `at` if one begins there and is closed.
bool take_comment(metered_text text, std::size_t at, blanks& result) {
  const auto until = [&](std::string_view mark, std::size_t from) {
    const auto near = text.substr(0, from + comment_bytes_max);
    const auto end = near.find(mark, from);
    text.spend(3 * (std::min(end, near.size()) - std::min(from, near.size())));
    if (end == std::string_view::npos)
      return false;
    result.comment = true;
    result.end = end + mark.size();
    return true;
  };
  if (text[at] == '#' || starts_with_at(text, at, "//"))
    return take_line_comment(text, at, result);
  if (starts_with_at(text, at, "/*"))
    return until("*/", at + 2);
  return starts_with_at(text, at, "<!--") && until("-->", at + 4);
}

constexpr std::size_t name_bytes_max = 128; // no field name is longer; bounds every look ahead

struct wide_sign {
  std::string_view bytes;
  char sign;
};

constexpr std::array wide_signs{
  wide_sign{"\xEF\xBC\x8C", ','}, wide_sign{"\xE3\x80\x81", ','}, wide_sign{"\xEF\xBC\x9A", ':'},
  wide_sign{"\xEF\xBD\x9B", '{'}, wide_sign{"\xEF\xBD\x9D", '}'}, wide_sign{"\xEF\xBC\xBB", '['},
  wide_sign{"\xEF\xBC\xBD", ']'}, wide_sign{"\xE3\x80\x90", '['}, wide_sign{"\xE3\x80\x91", ']'},
};

struct quote_form {
  std::string_view bytes;
  quote_kind opens;
  quote_kind closes;
};

/// The typographic quotes. Models and editors use the same mark for both sides, so each side of a pair may do both.
constexpr std::array quote_forms{
  quote_form{"\xE2\x80\x9C", quote_kind::typographic_double, quote_kind::typographic_double}, // left double
  quote_form{"\xE2\x80\x9D", quote_kind::typographic_double, quote_kind::typographic_double}, // right double
  quote_form{"\xE2\x80\x9E", quote_kind::typographic_double, quote_kind::none},               // low double
  quote_form{"\xE2\x80\x9F", quote_kind::typographic_double, quote_kind::none},               // high reversed double
  quote_form{"\xEF\xBC\x82", quote_kind::typographic_double, quote_kind::typographic_double}, // full-width double
  quote_form{"\xE2\x80\x98", quote_kind::typographic_single, quote_kind::typographic_single}, // left single
  quote_form{"\xE2\x80\x99", quote_kind::typographic_single, quote_kind::typographic_single}, // right single
  quote_form{"\xE2\x80\x9A", quote_kind::typographic_single, quote_kind::none},               // low single
  quote_form{"\xC2\xAB", quote_kind::angle, quote_kind::none},                                // left angle
  quote_form{"\xC2\xBB", quote_kind::none, quote_kind::angle},                                // right angle
};

const quote_form* quote_form_at(std::string_view text, std::size_t at) {
  if (at >= text.size() || static_cast<unsigned char>(text[at]) < 0x80)
    return nullptr;
  for (const auto& form : quote_forms)
    if (starts_with_at(text, at, form.bytes))
      return &form;
  return nullptr;
}

} // namespace

namespace tokens_detail {

blanks take_blanks(metered_text text, std::size_t at) {
  blanks result;
  result.end = at;
  while (result.end < text.size()) {
    const auto c = text[result.end];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      result.newline |= c == '\n';
      ++result.end;
    } else if (c == '/' || c == '#' || c == '<') {
      if (!take_comment(text, result.end, result))
        break;
    } else if (c == '\\' && result.end + 1 < text.size()
               && (text[result.end + 1] == 'n' || text[result.end + 1] == 'r' || text[result.end + 1] == 't')) {
      result.escaped_space = true;
      result.newline |= text[result.end + 1] == 'n';
      result.end += 2;
    } else if (c == '\f' || c == '\v') {
      result.odd_space = true;
      ++result.end;
    } else if (const auto size = odd_space_size(text, result.end); size != 0) {
      result.odd_space = true;
      result.end += size;
    } else {
      break;
    }
  }
  text.spend(8 + 2 * (result.end - at));
  return result;
}

punctuation wide_sign_at(std::string_view text, std::size_t at) {
  const auto second = text.substr(at + 1, 1);
  if (second != "\xBC" && second != "\xBD" && second != "\x80")
    return {text[at], 1};
  for (const auto& wide : wide_signs)
    if (starts_with_at(text, at, wide.bytes))
      return {wide.sign, wide.bytes.size()};
  return {text[at], 1};
}

quote_mark rare_opening_quote(std::string_view text, std::size_t at) {
  if (at >= text.size())
    return {};
  switch (text[at]) {
    case '\'': return {quote_kind::straight_single, 1};
    case '`': return {quote_kind::backtick, 1};
    default:
      if (const auto* form = quote_form_at(text, at); form != nullptr && form->opens != quote_kind::none)
        return {form->opens, form->bytes.size()};
      return {};
  }
}

std::size_t rare_closing_quote(std::string_view text, std::size_t at, quote_kind kind) {
  switch (kind) {
    case quote_kind::none:
    case quote_kind::straight_double: return 0;
    case quote_kind::straight_single: return at < text.size() && text[at] == '\'' ? 1 : 0;
    case quote_kind::backtick: return at < text.size() && text[at] == '`' ? 1 : 0;
    default:
      const auto* form = quote_form_at(text, at);
      return form != nullptr && form->closes == kind ? form->bytes.size() : 0;
  }
}

} // namespace tokens_detail

std::size_t ellipsis_size(std::string_view text, std::size_t at) {
  if (starts_with_at(text, at, "\xE2\x80\xA6"))
    return 3;
  if (!starts_with_at(text, at, "..."))
    return 0;
  auto end = at;
  while (end < text.size() && text[end] == '.')
    ++end;
  return end - at;
}

bool is_word_byte(std::string_view text, std::size_t at) {
  const auto c = text[at];
  switch (static_cast<unsigned char>(c)) {
    case 0xC2:
    case 0xE1:
    case 0xE2:
    case 0xE3:
    case 0xEF:
      return odd_space_size(text, at) == 0 && sign_at(text, at).size == 1 && quote_form_at(text, at) == nullptr
             && ellipsis_size(text, at) == 0;
    default: return is_letter_or_digit(c) || c == '_' || c == '$' || static_cast<unsigned char>(c) >= 0x80;
  }
}

std::size_t word_end(std::string_view whole, std::size_t at) {
  const auto text = whole.substr(0, at + name_bytes_max);
  auto end = at;
  while (end < text.size()) {
    if (is_word_byte(text, end) || (end > at && (text[end] == '-' || text[end] == '.')))
      ++end;
    else if (text.substr(end, 2) == "\\_")
      end += 2;
    else
      break;
  }
  return end;
}

bool is_apostrophe(std::string_view text, std::size_t at, quote_kind kind) {
  if (kind != quote_kind::straight_single && kind != quote_kind::typographic_single)
    return false;
  const auto after = at + closing_quote(text, at, kind);
  return at > 0 && after < text.size() && after > at && is_word_byte(text, at - 1) && is_word_byte(text, after);
}

std::size_t colon_of_open_name(std::string_view text, std::size_t at) {
  auto colon = word_end(text, at);
  if (colon == at)
    return at;
  while (colon < text.size() && text[colon] == ' ')
    ++colon;
  return colon < text.size() && text[colon] == ':' && text.substr(colon, 3) != "://" ? colon : at;
}

bool member_begins(metered_text text, std::size_t at, bool unquoted_allowed) {
  const auto near = text.up_to(at + name_bytes_max);
  text.spend(24);
  const auto colon_follows = [&](std::size_t from) {
    const auto next = skip_blanks(near, from);
    const auto sign = sign_at(text, next.end).sign;
    return sign == ':' || (sign == '=' && !next.newline);
  };
  if (const auto quote = opening_quote(text, at); quote.kind != quote_kind::none) {
    for (auto end = at + quote.size; end < near.size() && text[end] != '\n'; ++end) {
      text.spend(quote.size > 1 ? 16 : 2);
      if (text[end] == '\\')
        ++end;
      else if (end == at + 1 && text[end] == '"' && text[at] == '"')
        return colon_follows(end + 1);
      else if (const auto size = closing_quote(text, end, quote.kind);
               size != 0 && !is_apostrophe(text, end, quote.kind)) {
        if (colon_follows(end + size))
          return true;
        break;
      }
    }
    const auto colon = colon_of_open_name(near, at + quote.size);
    text.spend(colon != at + quote.size ? 4 * (colon - at) : 4 * (near.size() - at));
    return colon != at + quote.size;
  }
  if (!unquoted_allowed)
    return false;
  const auto end = word_end(near, at);
  text.spend(4 * (end - at));
  const auto quote_missing_before = closing_quote(text, end, quote_kind::straight_double) != 0;
  return end > at && colon_follows(quote_missing_before ? end + 1 : end) && text.substr(end, 3) != "://";
}

} // namespace mp
