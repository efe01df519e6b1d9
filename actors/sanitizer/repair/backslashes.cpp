#include "actors/sanitizer/repair/backslashes.hpp"

#include "messages/json/ascii.hpp"

namespace mp {
namespace {

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

std::size_t hex_digits(std::string_view text, std::size_t at, std::size_t most) {
  std::size_t count = 0;
  while (count < most && at + count < text.size() && hex_value(text[at + count]) >= 0)
    ++count;
  return count;
}

enum class escape_class {
  control,  ///< `\n`, `\t`, `\r`, `\b`, `\f`: JSON's, and the beginning of words
  firm,     ///< `\"`, `\\`, `\/`, `\u00e9`: JSON's, and hardly anything else
  foreign,  ///< `\x41`, `\u{41}`, `\U00000041`, `\'`, a line's end: other languages' escapes
  markdown, ///< `\_`, `\*`, `\&`: signs that Markdown escapes
  odd_sign, ///< `\.`, `\(`, `\+`: signs that patterns and formulas escape
  digit,    ///< `\0`, `\1`
  letter,   ///< no escape anywhere
  broken,   ///< `\u12`, `\x4`
};

/// The class of the backslash at `at`, and where what belongs to it ends.
struct read_escape {
  escape_class kind = escape_class::letter;
  std::size_t end = 0;
};

read_escape read_hex_escape(std::string_view text, std::size_t at, std::size_t digits) {
  const auto found = hex_digits(text, at + 2, digits);
  if (found == digits)
    return {escape_class::foreign, at + 2 + digits};
  return {found == 0 || digits == 8 ? escape_class::letter : escape_class::broken, at + 2};
}

read_escape escape_at(std::string_view text, std::size_t at, quote_kind kind) {
  const auto c = at + 1 < text.size() ? text[at + 1] : '\0';
  const auto end = at + 2;
  if (is_one_of(c, "ntrbf"))
    return {escape_class::control, end};
  if (is_one_of(c, "\"\\/"))
    return {escape_class::firm, end};
  if (c == 'x')
    return read_hex_escape(text, at, 2);
  if (c == 'U')
    return read_hex_escape(text, at, 8);
  if (c == 'u') {
    if (at + 2 < text.size() && text[at + 2] == '{')
      return {escape_class::foreign, at + 3};
    const auto digits = hex_digits(text, at + 2, 4);
    if (digits == 4)
      return {escape_class::firm, at + 6};
    return {digits == 0 ? escape_class::letter : escape_class::broken, end};
  }
  if (is_letter(c))
    return {escape_class::letter, end};
  if (is_digit(c))
    return {escape_class::digit, end};
  if (c == '\'' || c == '\n' || c == '\r' || c == '`' || c == '\0' || closing_quote(text, at + 1, kind) != 0)
    return {escape_class::foreign, end};
  if (is_one_of(c, "_*&%$#[]- <>!~@:") || static_cast<unsigned char>(c) >= 0x80)
    return {escape_class::markdown, end};
  return {escape_class::odd_sign, end};
}

/// What one word, or all of a string, holds.
struct census {
  bool control = false;
  bool firm = false;
  bool foreign = false;
  bool markdown = false;
  bool odd_sign = false;
  bool digit = false;
  bool letter = false;
  bool broken = false;

  void add(escape_class kind) {
    switch (kind) {
      case escape_class::control: control = true; return;
      case escape_class::firm: firm = true; return;
      case escape_class::foreign: foreign = true; return;
      case escape_class::markdown: markdown = true; return;
      case escape_class::odd_sign: odd_sign = true; return;
      case escape_class::digit: digit = true; return;
      case escape_class::letter: letter = true; return;
      case escape_class::broken: broken = true;
    }
  }

  bool has_doubtful() const { return control || markdown || odd_sign || digit; }
};

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }

/// A letter, a colon and a backslash, at a word's beginning or directly behind an escape.
bool is_drive(std::string_view text, std::size_t at, bool behind_escape = false) {
  return at + 2 < text.size() && is_letter(text[at]) && text[at + 1] == ':' && text[at + 2] == '\\'
         && (at == 0 || behind_escape || !is_letter(text[at - 1]));
}

/// Whether all of the string is one path: a drive, then names that may hold blanks.
bool is_whole_path(std::string_view text) {
  if (!is_drive(text, 0))
    return false;
  constexpr std::size_t name_bytes_max = 40;
  std::size_t name = 0;
  for (const auto c : text.substr(2)) {
    name = c == '\\' ? 0 : name + 1;
    if (name > name_bytes_max || is_one_of(c, "\n\r\t,;:?!*|<>\"'"))
      return false;
  }
  return true;
}

} // namespace

bool names_a_drive(std::string_view content) {
  for (auto at = content.find(":\\"); at != std::string_view::npos; at = content.find(":\\", at + 1))
    if (at > 0 && is_drive(content, at - 1) && content.substr(at + 2, 1) != "\\")
      return true;
  return false;
}

backslashes meaning_of_backslashes(std::string_view content, quote_kind kind) {
  census all;
  census word; // of the word at hand
  auto word_is_literal = false;
  auto behind_escape = false;
  auto doubtful_elsewhere = false; // where nothing shows that a backslash is meant
  auto some_literal = false;
  auto mixed = false;
  const auto end_word = [&] {
    const auto shows_literal = word.letter || word_is_literal;
    some_literal |= shows_literal;
    if (!shows_literal)
      doubtful_elsewhere |= word.has_doubtful();
    mixed |= word.control && word.markdown; // `\textbf{x}\_y`: a formula, or a tab?
    word = {};
    word_is_literal = false;
  };
  for (std::size_t at = 0; at < content.size();) {
    if (is_space(content[at])) {
      end_word();
      behind_escape = false;
      ++at;
    } else if (content[at] == '\\') {
      const auto read = escape_at(content, at, kind);
      word.add(read.kind);
      all.add(read.kind);
      at = read.end;
      behind_escape = true;
    } else {
      if (is_drive(content, at, behind_escape)) {
        doubtful_elsewhere |= word.has_doubtful(); // `Path:\nC:\Windows`
        word_is_literal = true;
      }
      behind_escape = false;
      ++at;
    }
  }
  end_word();
  if (is_whole_path(content))
    return all.firm ? backslashes::unclear : backslashes::literal;
  if (some_literal)
    return all.firm || all.foreign || all.broken || doubtful_elsewhere ? backslashes::unclear : backslashes::literal;
  const auto formula = content.find("\\[") != std::string_view::npos && content.find('^') != std::string_view::npos;
  if (all.odd_sign || all.digit || all.broken || mixed || formula)
    return backslashes::unclear;
  return backslashes::escapes;
}

} // namespace mp
