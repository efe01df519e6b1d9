#include "actors/sanitizer/extract/lead_in.hpp"

#include "actors/sanitizer/extract/lead_in_words.hpp"
#include "messages/json/json_text.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace mp {
namespace {

using namespace lead_in_words;

/// Whether the bytes are a capital letter of Latin Extended-A, or a Romanian one, whose small one comes next.
bool is_latin_extended_capital(unsigned char lead, unsigned char next) {
  const auto even = next % 2 == 0;
  if (lead == 0xC4)
    return (even && next <= 0xB6 && next != 0xB0) || (!even && next >= 0xB9 && next <= 0xBD);
  if (lead == 0xC5)
    return (!even && next <= 0x87) || (even && next >= 0x8A && next <= 0xB6) || (!even && next >= 0xB9 && next <= 0xBD);
  return lead == 0xC8 && (next == 0x98 || next == 0x9A);
}

/// In lower case: ASCII, Latin and Cyrillic letters.
std::string folded(std::string_view text) {
  std::string out(text);
  for (std::size_t at = 0; at < out.size(); ++at) {
    const auto c = static_cast<unsigned char>(out[at]);
    if (c >= 'A' && c <= 'Z') {
      out[at] = static_cast<char>(c + 0x20);
    } else if (at + 1 < out.size() && (c == 0xC3 || c == 0xC4 || c == 0xC5 || c == 0xC8 || c == 0xD0)) {
      const auto next = static_cast<unsigned char>(out[at + 1]);
      if (is_latin_extended_capital(c, next))
        out[at + 1] = static_cast<char>(next + 1);
      if (c == 0xC3 && next >= 0x80 && next <= 0x9E && next != 0x97) {
        out[at + 1] = static_cast<char>(next + 0x20);
      } else if (c == 0xD0 && next >= 0x90 && next <= 0x9F) {
        out[at + 1] = static_cast<char>(next + 0x20);
      } else if (c == 0xD0 && next >= 0xA0 && next <= 0xAF) {
        out[at] = '\xD1';
        out[at + 1] = static_cast<char>(next - 0x20);
      } else if (c == 0xD0 && next >= 0x80 && next <= 0x8F) {
        out[at] = '\xD1';
        out[at + 1] = static_cast<char>(next + 0x10);
      }
      ++at;
    }
  }
  return out;
}

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

bool is_cjk(std::string_view word) { return !word.empty() && static_cast<unsigned char>(word.front()) >= 0xE3; }

/// Where `word` begins in `text` at a word's beginning, from `from` on. Scripts without blanks have it anywhere.
std::size_t find_word(std::string_view text, std::string_view word, std::size_t from = 0) {
  for (auto at = text.find(word, from); at != std::string_view::npos; at = text.find(word, at + 1))
    if (at == 0 || is_cjk(word) || !is_word_byte(text[at - 1]))
      return at;
  return std::string_view::npos;
}

template <std::size_t N>
bool has_any(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return find_word(text, word) != std::string_view::npos; });
}

bool begins_sentence(std::string_view text, std::size_t at) {
  while (at > 0
         && (text[at - 1] == ' ' || text[at - 1] == '*' || text[at - 1] == '_' || text[at - 1] == '#'
             || text[at - 1] == '\t'))
    --at;
  if (at == 0)
    return true;
  const auto before = text[at - 1];
  return std::string_view{".!?\n:;)}]`-"}.find(before) != std::string_view::npos || text.substr(0, at).ends_with("。")
         || text.substr(0, at).ends_with("！") || text.substr(0, at).ends_with("—")
         || text.substr(0, at).ends_with("–");
}

/// Whether the text says that what follows replaces what came before, and does not deny it.
bool announces_correction(std::string_view text) {
  // clang-format off
  constexpr std::array denials{"no correction"sv, "not corrected"sv, "uncorrected"sv, "no need"sv, "nothing"sv,
                               "not be"sv, "without"sv,
                               "both"sv, "first one"sv, "first is"sv, "was right"sv, "was correct"sv, "is correct"sv,
                               "stands"sv,
                               "keine"sv, "beide"sv, "aucune"sv, "ninguna"sv, "nenhuma"sv, "nessuna"sv, "geen"sv,
                               "nie trzeba"sv,
                               "не нужн"sv, "не треб"sv, "无需"sv, "不需"sv, "不要"sv, "필요"sv};
  // clang-format on
  if (has_any(text, denials))
    return false;
  if (has_any(text, correction_words))
    return true;
  for (const auto word : turning_words)
    for (auto at = find_word(text, word); at != std::string_view::npos; at = find_word(text, word, at + 1))
      if (begins_sentence(text, at))
        return true;
  return false;
}

/// The last two lines of text with something in them, fences left out, and at most so many bytes.
std::string_view tail_of(std::string_view text) {
  constexpr std::size_t bytes_max = 240;
  constexpr std::string_view blank = " \n\r\t`~";
  const auto last = text.find_last_not_of(blank);
  if (last == std::string_view::npos)
    return {};
  text = text.substr(0, last + 1);
  if (text.size() > bytes_max)
    text.remove_prefix(text.size() - bytes_max);
  auto lines = 0;
  for (auto at = text.size(); at > 0; --at)
    if (text[at - 1] == '\n' && ++lines == 2)
      return text.substr(at);
  return text;
}

/// From the last end of a sentence, or of a line with a value's fence, on.
std::string_view last_clause(std::string_view text) {
  auto begin = text.size();
  while (begin > 0) {
    const auto c = text[begin - 1];
    const auto at_end = begin == text.size();
    // "z. B." and "p. ej." end no sentence.
    const auto behind_word =
      begin >= 4 && is_word_byte(text[begin - 2]) && is_word_byte(text[begin - 3]) && is_word_byte(text[begin - 4]);
    if (!at_end && (c == '!' || c == '?' || (c == '.' && behind_word && (text[begin] == ' ' || text[begin] == '\n'))))
      break;
    --begin;
  }
  return text.substr(begin);
}

/// Whether "format" stands in the text and is what is shown, not what is kept to.
bool shows_format(std::string_view text) {
  for (const auto word : format_words)
    for (auto at = find_word(text, word); at != std::string_view::npos; at = find_word(text, word, at + 1)) {
      constexpr std::size_t near = 40;
      const auto whole_clause = last_clause(text.substr(0, at));
      const auto clause = whole_clause.substr(whole_clause.size() - std::min(whole_clause.size(), near));
      const auto kept_to =
        std::any_of(format_prepositions.begin(), format_prepositions.end(), [&](std::string_view preposition) {
          for (auto found = find_word(clause, preposition); found != std::string_view::npos;
               found = find_word(clause, preposition, found + 1))
            if (found + preposition.size() < clause.size() && !is_word_byte(clause[found + preposition.size()]))
              return true;
          return false;
        });
      const auto end = text.substr(at + word.size());
      // clang-format off
      constexpr std::array verbs{" is"sv, " was"sv, " would"sv, " should"sv, " must"sv, " ist"sv, " wäre"sv, " est"sv,
                                 " es "sv, " é "sv, " è "sv, " to:"sv};
      // clang-format on
      const auto is_told = std::any_of(verbs.begin(), verbs.end(),
                                       [&](std::string_view verb) { return end.substr(0, verb.size()) == verb; });
      // "formatted"
      // clang-format off
      constexpr std::array doings{"ted"sv, "ting"sv, "ed"sv, "ing"sv, "tiert"sv, "ieren"sv, "iert"sv, "é"sv, "owan"sv,
                                  "ado"sv, "ato"sv};
      // clang-format on
      const auto is_done = std::any_of(doings.begin(), doings.end(),
                                       [&](std::string_view ending) { return end.substr(0, ending.size()) == ending; });
      if (is_told || (!kept_to && !is_done))
        return true;
    }
  return false;
}

/// Whether the text ends with the word, as "Like {...}" does before the value.
bool ends_with_word(std::string_view text, std::string_view word) {
  const auto last = text.find_last_not_of(" \n\r\t:`*");
  text = text.substr(0, last == std::string_view::npos ? 0 : last + 1);
  return text.ends_with(word) && (text.size() == word.size() || !is_word_byte(text[text.size() - word.size() - 1]));
}

bool is_placeholder(std::string_view value) {
  if (kind_of(value) != json_kind::string)
    return false;
  const auto content = folded(unescape(value));
  const std::string_view text = content;
  if (std::find(type_words.begin(), type_words.end(), text) != type_words.end())
    return true;
  const auto last = text.back();
  if ((text.front() == '<' && last == '>') || (text.front() == '[' && last == ']')
      || (text.front() == '{' && last == '}'))
    return true;
  const auto is_choice =
    text.find('|') != std::string_view::npos && text.find_first_of("<> ") == std::string_view::npos;
  return text == "..." || text == "…" || is_choice || text.find(" | ") != std::string_view::npos;
}

/// Whether all values in it are placeholders; `seen` counts them.
bool all_are_placeholders(std::string_view json, std::size_t& seen) {
  const auto kind = kind_of(json);
  auto all = true;
  const auto look = [&](std::string_view value) { return all = all && all_are_placeholders(value, seen); };
  if (kind == json_kind::object)
    for_each_member(json, [&](const json_member& member) { return look(member.value_raw); });
  else if (kind == json_kind::array)
    for_each_element(json, look);
  else
    all = ++seen > 0 && is_placeholder(json);
  return all;
}

} // namespace

said_of_value what_is_said(std::string_view before, std::string_view behind) {
  constexpr std::size_t before_max = 400; // what is said of a value stands near it
  constexpr std::size_t behind_max = 80;
  if (before.size() > before_max)
    before.remove_prefix(before.size() - before_max);
  if (const auto next = behind.find_first_not_of(" \n\r\t");
      next != std::string_view::npos && (behind[next] == '`' || behind[next] == '~'))
    behind.remove_prefix(std::min(behind.find_first_not_of("`~", next), behind.size())); // behind the end of its fence
  behind = behind.substr(0, std::min(behind.find('\n'), behind_max));
  const auto all = folded(before);
  const auto tail = tail_of(all);
  const auto clause = last_clause(tail);
  const auto after = folded(behind);
  said_of_value said;
  const auto is_condition = has_any(clause, conditional_words);
  const auto refused = has_any(all, refusal_words) || has_any(after, refusal_words);
  const auto condition_ends = is_condition
                              && std::any_of(conditional_words.begin(), conditional_words.end(),
                                             [&](std::string_view word) { return ends_with_word(tail, word); });
  said.example = (refused && (is_condition || has_any(after, conditional_words))) || condition_ends
                 || has_any(clause, example_words) || shows_format(clause) || ends_with_word(tail, "like")
                 || ends_with_word(tail, "wie") || ends_with_word(tail, "comme") || ends_with_word(tail, "como")
                 || ends_with_word(tail, "come") || ends_with_word(tail, "zoals") || ends_with_word(tail, "jak")
                 || ends_with_word(tail, "как") || has_any(after, example_words) || shows_format(after);
  said.rejected = has_any(clause, rejected_words);
  said.option = has_any(all, option_words);
  said.correction = announces_correction(all);
  for (const auto word :
       {"better"sv, "besser"sv, "mieux"sv, "mejor"sv, "melhor"sv, "meglio"sv, "beter"sv, "lepiej"sv, "лучше"sv})
    said.correction |= ends_with_word(tail, word);
  return said;
}

bool is_form(std::string_view json) {
  std::size_t seen = 0;
  return (json.front() == '{' || json.front() == '[') && all_are_placeholders(json, seen) && seen > 0;
}

} // namespace mp
