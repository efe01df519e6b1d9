#include "actors/sanitizer/extract/find_values.hpp"

#include "actors/sanitizer/extract/thinking.hpp"
#include "actors/sanitizer/repair/lookahead.hpp"
#include "actors/sanitizer/repair/string_text.hpp"
#include "actors/sanitizer/repair/tokens.hpp"
#include "messages/json/json_text.hpp"

#include <string>
#include <utility>

namespace mp {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

/// Behind the bracket that closes the one at `begin`; where the brackets do not match up, the next fence line, closing
/// thinking tag or the end of the text. Only for values that cannot be read, so strings are taken as they come.
std::size_t end_of_broken(std::string_view text, std::size_t begin) {
  std::size_t depth = 0;
  auto in_string = false;
  for (auto at = begin; at < text.size(); ++at) {
    const auto c = text[at];
    if (c == '\\')
      ++at;
    else if (c == '"')
      in_string = !in_string;
    else if (c == '\n' && fence_at(text, at + 1).size != 0)
      return at;
    else if (c == '\n')
      in_string = false;
    else if (!in_string && closing_tag_size(text, at) != 0)
      return at;
    else if (!in_string && (c == '{' || c == '['))
      ++depth;
    else if (!in_string && (c == '}' || c == ']') && --depth == 0)
      return at + 1;
  }
  return text.size();
}

/// The next fence line or closing thinking tag, or the end of the text.
std::size_t end_of_rest(std::string_view text, std::size_t at) {
  for (; at < text.size(); ++at)
    if ((text[at] == '\n' && fence_at(text, at + 1).size != 0) || closing_tag_size(text, at) != 0)
      return at;
  return text.size();
}

/// More values than any answer has beside it. A text that goes on like this is a runaway, whatever of it is thrown
/// away.
constexpr std::size_t values_max = 1000;

/// Whether the bracket at `at` can be JSON's, by what follows it. Most brackets in prose are told from it here.
bool may_begin(metered_text text, std::size_t at) {
  constexpr std::size_t levels_max = 4;
  for (std::size_t level = 0; level < levels_max; ++level) {
    const auto opening = sign_at(text, at);
    text.spend(8);
    const auto next = skip_blanks(text, at + opening.size).end;
    if (next >= text.size())
      return true;
    const auto sign = sign_at(text, next).sign;
    if (opening.sign == '{' && sign == '{') {
      if (level > 0 || sign_at(text, next + 1).sign == '{')
        return false;
    } else if (opening.sign == '{' && is_word_byte(text, next)) {
      return member_begins(text, next, true);
    } else if (opening.sign == '{' && sign == '[') {
      return false;
    } else if (sign != '[' && sign != '{') {
      return true;
    }
    at = next;
  }
  return true;
}

class scanner {
public:
  scanner(metered_text text, std::size_t depth_max) : text_(text), depth_max_(depth_max) {}

  found_values run() {
    text_.spend(text_.size());
    while (at_ < text_.size() && seen_ <= values_max && !text_.is_used_up())
      step();
    found_.too_many = seen_ > values_max || text_.is_used_up();
    return std::move(found_);
  }

private:
  void step() {
    const auto c = text_[at_];
    if (c == '`' || c == '~') {
      if (!take_fence())
        take_prose();
    } else if (c == '<' || c == '[' || c == '\xE2') {
      if (!take_thinking())
        c == '[' ? take_value() : take_prose();
    } else if (c == '}') {
      end_enclosure();
      take_prose();
    } else if (c == '{' || c == '\xEF' || c == '\xE3') {
      const auto sign = sign_at(text_, at_).sign;
      sign == '{' || sign == '[' ? take_value() : take_prose();
    } else {
      take_prose();
    }
  }

  void take_prose() {
    found_.prose |= !is_space(text_[at_]);
    ++at_;
  }

  bool take_fence() {
    const auto mark = fence_at(text_, at_);
    if (mark.size == 0)
      return false;
    text_.spend(192 + 2 * mark.size);
    const auto begin = at_;
    at_ += mark.size;
    found_.fences = true;
    if (fence_.size == 0) {
      const auto label = fence_label(text_, at_);
      if (label.empty() && stands_behind_value(begin)
          && text_.find(std::string(3, mark.sign), at_) == std::string_view::npos)
        return true; // the end of a fence that was never opened: what follows is not inside of it
      fence_ = mark;
      where_ = rank_of(label);
      if (!label.empty())
        at_ = static_cast<std::size_t>(label.data() + label.size() - text_.data());
    } else if (mark.sign == fence_.sign && mark.size >= fence_.size) {
      fence_ = {};
      where_ = fence_rank::bare;
    }
    return true;
  }

  /// Whether nothing but white space stands between the last value and `at`.
  bool stands_behind_value(std::size_t at) const {
    return !found_.values.empty()
           && text_.substr(found_.values.back().end, at - found_.values.back().end).find_first_not_of(" \n\r\t")
                == std::string_view::npos;
  }

  bool take_thinking() {
    text_.spend(16);
    if (opening_tag_size(text_, at_) != 0) {
      found_.thinking = true;
      at_ = thinking_end(text_, at_).value_or(text_.size());
      return true;
    }
    const auto size = closing_tag_size(text_, at_);
    if (size == 0)
      return false;
    found_ = {};
    found_.thinking = true;
    enclosures_.clear();
    fence_ = {};
    where_ = fence_rank::bare;
    at_ += size;
    return true;
  }

  void take_value() {
    const auto begin = at_;
    text_.spend(64);
    if (!may_begin(text_, begin)) {
      if (text_[begin] == '{')
        enclosures_.push_back(found_.values.size());
      take_prose();
      return;
    }
    auto read = mend_json(text_, begin, depth_max_);
    if (read.outcome == mend_outcome::not_json) {
      found_.prose = true;
      if (text_[begin] == '{')
        enclosures_.push_back(found_.values.size());
      at_ = std::max(read.end, begin + 1);
      return;
    }
    auto doubtful = has_quote_mends(read.mends);
    if (read.outcome == mend_outcome::escaped)
      read = read_escaped(begin);
    else if (read.outcome == mend_outcome::broken || !read.mends.empty())
      doubtful |= prefer_strict(begin, read);
    if (read.outcome == mend_outcome::complete && is_continued(begin, read.end, doubtful))
      read.outcome = mend_outcome::broken;
    found_value value{begin, read.end, where_, read.outcome, std::move(read.json), read.mends, read.plausible};
    if (value.readable())
      check_neighbours(value);
    else
      value.end = std::max(value.end, end_of_broken(text_, begin));
    text_.spend(256 + 8 * (value.end - begin));
    at_ = value.end;
    ++seen_;
    found_.values.push_back(std::move(value));
  }

  /// A brace in prose is closed. Values between it and its opening one are parts of something that cannot be read.
  void end_enclosure() {
    if (enclosures_.empty())
      return;
    const auto first = enclosures_.back();
    enclosures_.pop_back();
    if (first >= found_.values.size())
      return;
    found_.values.resize(first + 1); // one broken value stands for all of them
    found_.values[first].outcome = mend_outcome::broken;
    found_.values[first].end = at_ + 1;
  }

  static bool has_quote_mends(const mend_list& mends) {
    for (const auto each : {mend_kind::inner_quotes, mend_kind::missing_quote, mend_kind::single_quotes,
                            mend_kind::typographic_quotes, mend_kind::backtick_quotes})
      if (mends.has(each))
        return true;
    return false;
  }

  /// Whether the value from `begin` to `end` seems to go on behind that: a quote inside of a string was taken for its
  /// end. Where its quotes leave doubt a stray member or bracket shows it, otherwise both together do.
  bool is_continued(std::size_t begin, std::size_t end, bool doubtful) const {
    const auto next = end < text_.size() ? text_[end] : ' ';
    if (doubtful && (next == '"' || next == '\'') && (begin == 0 || text_[begin - 1] != next))
      return true; // `"with "}" and"`
    constexpr std::size_t bytes_max = 1024;
    text_.spend(4 * std::min(bytes_max, text_.size() - end));
    const auto found = strays_in(text_.substr(end, bytes_max));
    return doubtful ? found.member || found.closer : found.member && found.closer;
  }

  /// Valid JSON is never mended, whatever the tolerant reading made of it. True where there is some.
  bool prefer_strict(std::size_t begin, mended_value& read) const {
    const auto [size, looked_at] = read_json_prefix(text_.substr(begin), depth_max_);
    text_.spend(128 + 4 * looked_at + 2 * size);
    if (size == 0)
      return false;
    auto valid = text_.substr(begin, size);
    while (is_space(valid.back()))
      valid.remove_suffix(1);
    read = {mend_outcome::complete, begin + valid.size(), compact_json(valid), {}, true};
    return true;
  }

  /// JSON with escaped quotes: one level of escapes is taken off the rest of the text, and the value is read from that.
  /// Where it ends in the text as it was cannot be told, so nothing behind it is looked at.
  mended_value read_escaped(std::size_t begin) {
    const auto plain = unescape_once(text_.substr(begin));
    text_.spend(8 * plain.size());
    auto read = mend_json(metered_text{plain, text_.budget()}, 0, depth_max_);
    if (read.outcome == mend_outcome::escaped || read.outcome == mend_outcome::not_json)
      read.outcome = mend_outcome::broken;
    read.mends.add(mend_kind::escaped_text);
    read.end = text_.size();
    return read;
  }

  /// A value that was read to its closing bracket may still be a part of something that is broken: `"name": {...},` or
  /// `{...}}, "more": 1}`. Closing brackets alone behind it are merely too many.
  void check_neighbours(found_value& value) {
    auto next = skip_blanks(text_, value.end).end;
    const auto is_member = follows_name(value.begin);
    while (enclosures_.empty() && (sign_at(text_, next).sign == '}' || sign_at(text_, next).sign == ']')) {
      if (is_member)
        value.outcome = mend_outcome::broken;
      value.mends.add(mend_kind::extra_bracket);
      value.end = next + sign_at(text_, next).size;
      next = skip_blanks(text_, value.end).end;
    }
    if (sign_at(text_, next).sign == ',') {
      const auto after = skip_blanks(text_, next + 1).end;
      const auto goes_on = member_begins(text_, after, true);
      if (is_member || goes_on)
        value.outcome = mend_outcome::broken;
      if (goes_on && !is_member)
        value.end = end_of_rest(text_, after); // its other members are no answers
    }
  }

  /// Whether a quoted name and a colon stand directly before `at`.
  bool follows_name(std::size_t at) const {
    while (at > 0 && is_space(text_[at - 1]))
      --at;
    if (at == 0 || text_[at - 1] != ':')
      return false;
    --at;
    while (at > 0 && is_space(text_[at - 1]))
      --at;
    return at > 0 && (text_[at - 1] == '"' || text_[at - 1] == '\'');
  }

  metered_text text_;
  std::size_t depth_max_;
  std::size_t at_ = 0;
  std::size_t seen_ = 0; ///< values, those in what has turned out as thinking too
  fence_mark fence_; ///< the open fence, if any
  fence_rank where_ = fence_rank::bare;
  std::vector<std::size_t> enclosures_; ///< for each brace open in prose: how many values stand before it
  found_values found_;
};

} // namespace

found_values find_values(metered_text text, std::size_t depth_max) { return scanner(text, depth_max).run(); }

} // namespace mp
