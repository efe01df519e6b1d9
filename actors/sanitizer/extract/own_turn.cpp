#include "actors/sanitizer/extract/own_turn.hpp"

#include "actors/sanitizer/extract/fences.hpp"
#include "actors/sanitizer/extract/harmony.hpp"
#include "actors/sanitizer/extract/thinking.hpp"
#include "actors/sanitizer/extract/turn_marks.hpp"
#include "messages/json/json_text.hpp"

#include <algorithm>
#include <array>

namespace mp {
namespace {

using enum turn_mark_kind;

/// Marks that stand between a role's name and what is said.
std::size_t behind_role(std::string_view text, std::size_t at) {
  constexpr std::array<std::string_view, 5> separators{"<|end_header_id|>", "<|header_end|>", "<|end_of_role|>",
                                                       "<|im_sep|>", "<|im_middle|>"};
  for (const auto separator : separators)
    if (text.substr(at, separator.size()) == separator)
      return at + separator.size();
  return at;
}

/// Harmony whose marks were left out: `analysis...assistantfinal...`.
constexpr std::string_view bare_analysis = "analysis";
constexpr std::string_view bare_final = "assistantfinal";

/// Where the own turn begins, and what stood before it.
struct turn_begin {
  std::size_t at = 0;
  own_turn found;
  bool is_own = true;
};

turn_begin find_begin(std::string_view text) {
  turn_begin result;
  auto at = skip_space(text, 0);
  const auto take = [&](std::size_t next) {
    result.found.header = true;
    result.at = at = skip_space(text, next);
  };
  for (;;) {
    if (is_harmony(text, at)) {
      result.found.channels = true;
      const auto last = find_final(text, at);
      result.is_own = last.found;
      result.at = skip_space(text, last.begin);
      return result;
    }
    const auto mark = turn_mark_at(text, at);
    if (mark.kind == start && text.substr(at, mark.size) == "<s>" && text.substr(at + mark.size, 1) != " "
        && turn_mark_at(text, skip_space(text, at + mark.size)).kind == none)
      return result; // HTML's
    if (mark.kind == start || mark.kind == message) {
      take(at + mark.size);
    } else if (mark.kind == assistant) {
      const auto next = at + mark.size;
      const auto role = word_at(text, next);
      const auto behind = behind_role(text, next + role.size());
      take(is_own_role(role) && behind != next + role.size() ? behind : next);
    } else if (mark.kind == header) {
      const auto name = skip_space(text, at + mark.size);
      const auto role = word_at(text, name);
      if (!role.empty() && !is_own_role(role)) {
        result.is_own = false;
        return result;
      }
      take(behind_role(text, name + role.size()));
    } else if (mark.kind == other) {
      result.is_own = false;
      return result;
    } else if (opening_tag_size(text, at) != 0 && !result.found.thought) {
      const auto behind = thinking_end(text, at);
      if (!behind)
        return result;
      const auto next = skip_space(text, *behind);
      if (const auto kind = turn_mark_at(text, next).kind;
          kind != assistant && kind != header && !is_harmony(text, next))
        return result;
      result.found.thought = true;
      result.at = at = next;
    } else {
      break;
    }
  }
  if (text.substr(at, bare_analysis.size()) == bare_analysis)
    if (const auto last = text.find(bare_final, at); last != std::string_view::npos) {
      result.found.channels = true;
      result.at = last + bare_final.size();
    }
  return result;
}

/// Whether the quote or backtick at `quote` is the first of a pair, by those before it on its line. Looks at most 512
/// bytes back.
bool opens_on_line(std::string_view text, std::size_t quote) {
  constexpr std::size_t bytes_max = 512;
  auto opens = true;
  for (auto at = quote; at > 0 && quote - at < bytes_max && text[at - 1] != '\n'; --at)
    if (text[at - 1] == text[quote])
      opens = !opens;
  return opens;
}

/// Whether the same quote or backtick stands on both sides of the mark.
bool is_quoted(std::string_view text, std::size_t at, std::size_t size) {
  if (at == 0 || at + size >= text.size())
    return false;
  const auto before = text[at - 1];
  if (before == '"' || before == '\'' || before == '`')
    return text[at + size] == before && (before == '\'' || opens_on_line(text, at - 1))
           && !(before == '`' && (text.substr(at + size, 2) == "``" || (at > 1 && text[at - 2] == '`'))); // a fence
  constexpr std::string_view opening = "\xE2\x80\x9C";
  constexpr std::string_view closing = "\xE2\x80\x9D";
  return at >= opening.size() && text.substr(at - opening.size(), opening.size()) == opening
         && text.substr(at + size, closing.size()) == closing;
}

bool ends_turn(turn_mark_kind kind) { return kind != none && kind != start && kind != message; }

/// The next `<` or `[`, or the text's end.
std::size_t next_bracket(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] != '<' && text[at] != '[')
    ++at;
  return at;
}

/// Whether thought goes on as harmony's final message behind the mark at `at`: the first message's header was the
/// prompt's.
final_message final_behind(std::string_view text, std::size_t at, std::size_t size) {
  if (text.substr(at, size) != "<|end|>")
    return {};
  const auto next = skip_space(text, at + size);
  return text.substr(next, 9) == "<|start|>" ? find_final(text, next) : final_message{};
}

own_turn ended_at(std::string_view text, own_turn result, std::size_t begin, std::size_t end) {
  result.text = text.substr(begin, end - begin);
  result.ended = true;
  return result;
}

/// The marks of a text that are talked about: those in closed code fences that begin with one.
class fenced_marks {
public:
  explicit fenced_marks(std::string_view text) : text_(text) {}

  /// Has to be called for each fence, from left to right. Returns the position behind it.
  std::size_t take_fence(std::size_t at) {
    const auto mark = fence_at(text_, at);
    if (end_ != 0 && at >= end_) {
      end_ = 0;
      return at + mark.size;
    }
    const auto line_end = std::min(text_.find('\n', at), text_.size());
    const auto closing = text_.find(std::string_view{"```"}, line_end);
    end_ = closing == std::string_view::npos ? 0 : closing;
    const auto first = turn_mark_at(text_, skip_space(text_, line_end)).kind;
    about_marks_ = first != none && first != start;
    return line_end;
  }

  bool hold(std::size_t at) const { return at < end_ && about_marks_; }

private:
  std::string_view text_;
  std::size_t end_ = 0; ///< where the closing marks of the fence at hand stand; 0 outside, and where it has none
  bool about_marks_ = false;
};

} // namespace

own_turn own_turn_of_text(std::string_view text) {
  const auto begun = find_begin(text);
  auto begin = begun.at;
  auto result = begun.found;
  result.text = text.substr(begin);
  if (!begun.is_own)
    return ended_at(text, result, begin, begin);
  fenced_marks fences{text};
  std::size_t struck_out = 0; // HTML's `<s>` that are open
  for (auto at = begin; at < text.size();) {
    const auto c = text[at];
    if (c == '`' && text.substr(at, 3) == "```") {
      at = std::max(fences.take_fence(at), at + 3);
      continue;
    }
    if (c != '<' && c != '[') {
      ++at;
      continue;
    }
    const auto mark = turn_mark_at(text, at);
    const auto bytes = text.substr(at, mark.size);
    if (bytes == "<s>")
      ++struck_out;
    if (bytes == "</s>" && struck_out > 0) {
      --struck_out;
    } else if (ends_turn(mark.kind) && !is_quoted(text, at, mark.size) && !fences.hold(at)) {
      if (const auto last = final_behind(text, at, mark.size); last.found) {
        result.channels = true;
        at = begin = skip_space(text, last.begin);
        result.text = text.substr(begin);
        continue;
      }
      return ended_at(text, result, begin, at);
    }
    at += std::max<std::size_t>(mark.size, 1);
  }
  return result;
}

own_turn own_turn_of_json(metered_text text, std::size_t depth_max) {
  const auto begun = find_begin(text);
  auto begin = begun.at;
  auto result = begun.found;
  result.text = text.substr(begin);
  text.spend(text.size());
  if (!begun.is_own)
    return ended_at(text, result, begin, begin);
  auto unread = begin; // behind the values that marks may stand in
  for (auto at = next_bracket(text, begin); at < text.size();) {
    const auto mark = turn_mark_at(text, at);
    text.spend(32);
    if (!ends_turn(mark.kind) || is_quoted(text, at, mark.size)) {
      at = next_bracket(text, at + std::max<std::size_t>(mark.size, 1));
      continue;
    }
    auto behind_value = at;
    for (auto open = std::min(text.find_first_of("{[", unread), text.size()); open < at && !text.is_used_up();
         open = std::min(text.find_first_of("{[", unread), text.size())) {
      const auto value = read_json_prefix(text.substr(open), depth_max);
      text.spend(128 + 4 * value.read);
      unread = value.size != 0 ? open + value.size : open + 1;
      behind_value = unread;
    }
    if (behind_value > at) {
      at = next_bracket(text, behind_value);
      continue;
    }
    if (const auto last = final_behind(text, at, mark.size); last.found) {
      result.channels = true;
      unread = begin = skip_space(text, last.begin);
      result.text = text.substr(begin);
      at = next_bracket(text, begin);
      continue;
    }
    return ended_at(text, result, begin, at);
  }
  return result;
}

} // namespace mp
