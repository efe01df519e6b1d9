#include "actors/sanitizer/repair/string_text.hpp"

#include "actors/sanitizer/repair/backslashes.hpp"
#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"
#include "messages/json/utf8.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

namespace mp {
namespace {

struct hex_run {
  std::uint32_t value = 0;
  std::size_t digits = 0;
};

/// Up to `digits_max` (at most 8) hexadecimal digits at `at`.
hex_run read_hex(std::string_view text, std::size_t at, std::size_t digits_max) {
  hex_run run;
  while (run.digits < digits_max && at + run.digits < text.size() && hex_value(text[at + run.digits]) >= 0) {
    run.value = run.value * 16 + static_cast<std::uint32_t>(hex_value(text[at + run.digits]));
    ++run.digits;
  }
  return run;
}

bool is_character(std::uint32_t code_point) {
  return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

/// Whether the line break in a string's content stands where one string ends and another begins, both in quotes of
/// another kind: a comma between quotes.
bool is_between_strings(std::string_view content, std::size_t newline) {
  constexpr std::array<std::string_view, 10> closing{
    "\"",           "'",        "`",       "\xE2\x80\x9C", "\xE2\x80\x9D", "\xE2\x80\x9E", "\xE2\x80\x98",
    "\xE2\x80\x99", "\xC2\xBB", "\xC2\xAB"};
  const auto comma = content.substr(0, newline).find_last_not_of(" \r");
  if (comma == std::string_view::npos || content[comma] != ',')
    return false;
  const auto before = content.substr(0, comma);
  const auto after = content.find_first_not_of(" \t", newline + 1);
  return after != std::string_view::npos && opening_quote(content, after).kind != quote_kind::none
         && std::any_of(closing.begin(), closing.end(),
                        [&](std::string_view quote) { return before.ends_with(quote); });
}

/// Writes one string's content. Each step takes the backslash at `at_` and what belongs to it.
class writer {
public:
  writer(std::string& out, std::string_view content, quote_kind kind, mend_list& mends)
    : out_(out), content_(content), kind_(kind), mends_(mends) {}

  bool run() {
    const auto begin = out_.size();
    take_all();
    if (!literal_)
      return clear_;
    out_.resize(begin);
    at_ = 0;
    take_all();
    return clear_;
  }

private:
  static bool is_plain(char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; }

  /// Up to the end, or to the place from which it is known that all has to be read in another way, or in none.
  void take_all() {
    const auto was_literal = literal_;
    while (at_ < content_.size() && clear_ && literal_ == was_literal) {
      const auto from = at_;
      while (at_ < content_.size() && is_plain(content_[at_]))
        ++at_;
      out_ += content_.substr(from, at_ - from);
      if (at_ == content_.size())
        break;
      if (content_[at_] != '\\')
        take_unescaped();
      else if (literal_)
        keep_backslash();
      else
        take_escape();
    }
  }

  /// At the first backslash that makes no escape of JSON: decides for all of them.
  bool may_mend_escapes() {
    mends_.add(mend_kind::bad_escape);
    if (decided_)
      return true;
    decided_ = true;
    const auto meaning = meaning_of_backslashes(content_, kind_);
    literal_ = meaning == backslashes::literal;
    clear_ = meaning != backslashes::unclear;
    return meaning == backslashes::escapes;
  }

  void take_unescaped() {
    const auto quote = content_[at_] == '"';
    if (!quote || kind_ == quote_kind::straight_double)
      mends_.add(quote ? mend_kind::inner_quotes : mend_kind::control_character);
    if (content_[at_] == '\n' && is_between_strings(content_, at_))
      clear_ = false;
    put_escaped(content_.substr(at_, 1));
    ++at_;
  }

  /// A character as JSON has to write it inside of a string.
  void put_escaped(std::string_view character) {
    if (character == "\n" || character == "\"") { // by far the most frequent ones
      out_ += character == "\n" ? "\\n" : "\\\"";
      return;
    }
    const auto literal = string_literal(character);
    out_.append(literal, 1, literal.size() - 2);
  }

  void put_code_point(std::uint32_t code_point) {
    std::string character;
    append_utf8(character, code_point);
    put_escaped(character);
  }

  void take_escape() {
    const auto c = at_ + 1 < content_.size() ? content_[at_ + 1] : '\0';
    switch (c) {
      case '"':
      case '\\':
      case '/':
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't':
        out_ += content_.substr(at_, 2);
        at_ += 2;
        return;
      case 'u': take_unicode_escape(); return;
      default:
        if (may_mend_escapes())
          take_bad_escape(c);
    }
  }

  void take_bad_escape(char c) {
    if (c == 'x') {
      take_hex_escape(2);
    } else if (c == 'U') {
      take_hex_escape(8);
    } else if (c == '\n' || (c == '\r' && content_.substr(at_ + 1, 2) == "\r\n")) {
      at_ += c == '\n' ? 2 : 3;
    } else if (kind_ == quote_kind::typographic_double && closing_quote(content_, at_ + 1, kind_) != 0) {
      out_ += "\\\""; // every quote was replaced by typographic ones, those inside of strings too
      at_ += 1 + closing_quote(content_, at_ + 1, kind_);
    } else {
      ++at_; // the sign itself is the next to be written
      if (at_ < content_.size() && c != '"') {
        put_escaped(content_.substr(at_, 1));
        ++at_;
      }
    }
  }

  /// A backslash that makes no escape is a backslash.
  void keep_backslash() {
    out_ += "\\\\";
    ++at_;
  }

  void take_hex_escape(std::size_t digits) {
    const auto run = read_hex(content_, at_ + 2, digits);
    const auto is_control = run.value >= 0x80 && run.value < 0xA0; // `C:\x86` is a path
    clear_ = run.digits == digits && is_character(run.value) && !is_control;
    if (clear_)
      put_code_point(run.value);
    at_ += 2 + digits;
  }

  void take_unicode_escape() {
    constexpr std::size_t size = 6; // \u and four digits
    const auto run = read_hex(content_, at_ + 2, 4);
    if (run.digits == 4 && is_character(run.value)) {
      out_ += content_.substr(at_, size);
      at_ += size;
      return;
    }
    if (run.digits == 4) {
      take_surrogate(run.value);
      return;
    }
    if (!may_mend_escapes())
      return;
    if (content_.substr(at_ + 2, 1) == "{") {
      const auto braced = read_hex(content_, at_ + 3, 6);
      clear_ = braced.digits != 0 && is_character(braced.value) && content_.substr(at_ + 3 + braced.digits, 1) == "}";
      if (clear_)
        put_code_point(braced.value);
      at_ += 4 + braced.digits;
    } else {
      clear_ = false;
    }
  }

  void take_surrogate(std::uint32_t first) {
    const auto second = content_.substr(at_ + 6, 2) == "\\u" ? read_hex(content_, at_ + 8, 4) : hex_run{};
    if (first < 0xDC00 && second.digits == 4 && second.value >= 0xDC00 && second.value <= 0xDFFF) {
      out_ += content_.substr(at_, 12);
      at_ += 12;
      return;
    }
    mends_.add(mend_kind::bad_escape);
    out_ += "\\ufffd"; // half a character cannot be known
    at_ += 6;
  }

  std::string& out_;
  std::string_view content_;
  quote_kind kind_;
  mend_list& mends_;
  std::size_t at_ = 0;
  bool clear_ = true;
  bool decided_ = false; ///< meaning_of_backslashes has been asked
  bool literal_ = false; ///< its answer: all backslashes are meant
};

} // namespace

bool append_string_text(std::string& out, std::string_view content, quote_kind kind, mend_list& mends) {
  return writer(out, content, kind, mends).run();
}

std::string unescape_once(std::string_view content) {
  std::string literal;
  literal.reserve(content.size() + 2);
  literal += '"';
  literal += content;
  literal += '"';
  return unescape(literal);
}

} // namespace mp
