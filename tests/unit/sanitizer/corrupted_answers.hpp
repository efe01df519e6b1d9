#pragma once
// Answers whose meaning is known, corrupted the way models do it: one kind of corruption, or a pair of them.

#include "tests/unit/sanitizer/food_answer.hpp"

#include <functional>
#include <utility>

namespace mp::test {

struct corrupted_answer {
  std::string kinds;    ///< "single_quotes+closers"
  std::string raw;      ///< what the model is taken to have said
  std::string expected; ///< what it means, as compact JSON
};

inline void replace(std::string& in, std::string_view from, std::string_view to) {
  for (auto at = in.find(from); at != std::string::npos; at = in.find(from, at + to.size()))
    in.replace(at, from.size(), to);
}

inline void replace_in_strings(tokens& all, std::string_view from, std::string_view to) {
  for (auto& each : all)
    if (each.is_string())
      replace(each.content, from, to);
}

inline std::vector<std::size_t> places_of(const tokens& all, std::string_view signs) {
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].kind == part::sign && signs.find(all[i].content) != std::string_view::npos)
      places.push_back(i);
  return places;
}

using corruption = std::function<void(tokens&, dice&)>;

inline void requote(tokens& all, std::string_view open, std::string_view close) {
  for (auto& each : all)
    if (each.is_string()) {
      each.open = open;
      each.close = close;
    }
}

inline void single_quotes(tokens& all, dice& random) {
  requote(all, "'", "'");
  replace_in_strings(all, "\\\"", "\"");
  if (random.chance(50))
    replace_in_strings(all, "'", "\\'");
}

inline void curly_quotes(tokens& all, dice& random) {
  requote(all, "\xE2\x80\x9C", random.chance(80) ? "\xE2\x80\x9D" : "\xE2\x80\x9C");
}

inline void trailing_comma(tokens& all, dice& random) {
  const auto places = places_of(all, "]}");
  auto at = places[random.roll(places.size())];
  while (all[at - 1].kind == part::space || all[at - 1].kind == part::comment)
    --at;
  all.insert(all.begin() + static_cast<std::ptrdiff_t>(at), {part::sign, ",", "", ""});
}

inline void missing_comma(tokens& all, dice& random) {
  const auto places = places_of(all, ",");
  const auto at = places[random.roll(places.size())];
  const auto apart = all[at - 1].is_string() || all[at - 1].kind == part::sign || all[at + 1].kind == part::space;
  all[at].content = apart ? "" : " ";
}

inline void double_comma(tokens& all, dice& random) {
  const auto places = places_of(all, ",");
  all[places[random.roll(places.size())]].content = random.pick({",,", ", ,", ",,,"});
}

inline void comments(tokens& all, dice& random) {
  const auto mark = random.pick({"//", "#", "/*"});
  const std::vector<std::string_view> texts{"the best part", "it's an \"estimate\"", "{see} [docs]", "http://x.y",
                                            "don't know"};
  const auto places = places_of(all, ",{[");
  for (auto i = places.size(); i > 0; --i)
    if (i == 1 || random.chance(30)) {
      auto text = " " + std::string(mark) + " " + std::string(random.pick(texts)) + (mark == "/*" ? " */ " : "\n");
      all.insert(all.begin() + static_cast<std::ptrdiff_t>(places[i - 1]) + 1, {part::comment, text, "", ""});
    }
}

inline void python_literals(tokens& all, dice&) {
  for (auto& each : all)
    if (each.kind == part::literal)
      each.content = each.content == "true" ? "True" : each.content == "false" ? "False" : "None";
}

inline void missing_closers(tokens& all, dice& random) {
  for (auto i = random.roll(2) + 1; i > 0 && (all.back().content == "}" || all.back().content == "]"); --i) {
    all.pop_back();
    while (all.back().kind == part::space)
      all.pop_back();
  }
}

inline void bad_escapes(tokens& all, dice& random) {
  replace_in_strings(all, "'", random.chance(70) ? "\\'" : "\\x27");
  replace_in_strings(all, "_", "\\_");
  replace_in_strings(all, "&", "\\&");
}

inline void inner_quotes(tokens& all, dice&) { replace_in_strings(all, "\\\"", "\""); }

inline void raw_line_breaks(tokens& all, dice&) {
  replace_in_strings(all, "\\n", "\n");
  replace_in_strings(all, "\\t", "\t");
}

inline void unquoted_keys(tokens& all, dice&) {
  for (auto& each : all)
    if (each.kind == part::name)
      each.open = each.close = "";
}

inline std::string in_fence(std::string answer, dice& random) {
  const std::string fence(random.pick({"```", "```", "```", "~~~", "````"}));
  const auto label = std::string(random.pick({"json", "json", "", "JSON"}));
  return fence + label + "\n" + answer + (random.chance(85) ? "\n" + fence : "");
}

inline std::string in_prose(std::string answer, dice& random) {
  const auto before =
    random.pick({"", "Sure! Here is the JSON:\n\n", "It's a pizza, I'd say. ", "Answer: ", "The dish {as seen}:\n",
                 "See https://x.y // and:\n", "Like {\"dish_name\": \"?\"}. Here:\n"});
  const auto after =
    random.pick({"", "\n\nHope this helps!", "\nIt's \"about\" right [1].", "\n\nNote: {approximate} values."});
  return std::string(before) + answer + std::string(after);
}

inline std::string with_thinking(std::string answer, dice& random) {
  const auto thought =
    std::string(random.pick({"It's a pizza.", "JSON like {\"dish_name\": \"?\"}?", "{ unbalanced [ \"brackets",
                             "```json\n{\"dish_name\": \"draft\"}\n```"}));
  if (random.chance(30))
    return thought + "\n</think>\n\n" + answer;
  return "<think>\n" + thought + "\n</think>\n\n" + answer;
}

struct named_corruption {
  std::string_view name;
  corruption apply;
};

/// In the order in which they are applied: what needs the strings as they are comes first.
inline const std::vector<named_corruption>& corruptions() {
  static const std::vector<named_corruption> all{{"raw_line_breaks", raw_line_breaks},
                                                 {"bad_escapes", bad_escapes},
                                                 {"inner_quotes", inner_quotes},
                                                 {"unquoted_keys", unquoted_keys},
                                                 {"missing_comma", missing_comma},
                                                 {"double_comma", double_comma},
                                                 {"trailing_comma", trailing_comma},
                                                 {"comments", comments},
                                                 {"python_literals", python_literals},
                                                 {"missing_closers", missing_closers},
                                                 {"curly_quotes", curly_quotes},
                                                 {"single_quotes", single_quotes},
                                                 {"fence", nullptr},
                                                 {"prose", nullptr},
                                                 {"thinking", nullptr}};
  return all;
}

/// Both change the quotes or the escapes of the same strings: what the result means would not be known.
inline bool exclude_each_other(std::string_view first, std::string_view second) {
  const auto about_quotes = [](std::string_view name) {
    return name == "curly_quotes" || name == "single_quotes" || name == "inner_quotes" || name == "bad_escapes"
           || name == "unquoted_keys";
  };
  return about_quotes(first) && about_quotes(second);
}

/// The next answer of the sequence that `random` stands for.
inline corrupted_answer corrupt_an_answer(dice& random) {
  const auto& all = corruptions();
  for (;;) {
    auto first = random.roll(all.size());
    auto second = random.chance(60) ? random.roll(all.size()) : first;
    if (second < first)
      std::swap(first, second);
    if (first != second && exclude_each_other(all[first].name, all[second].name))
      continue;
    auto answer = writer(random).write();
    corrupted_answer result{std::string(all[first].name), "", joined(answer, true)};
    if (second != first)
      result.kinds += "+" + std::string(all[second].name);
    if (all[first].apply)
      all[first].apply(answer, random);
    if (second != first && all[second].apply)
      all[second].apply(answer, random);
    result.raw = joined(answer, false);
    for (std::string (*wrap)(std::string, dice&) : {in_fence, in_prose, with_thinking}) {
      const auto name = wrap == in_fence ? "fence" : wrap == in_prose ? "prose" : "thinking";
      if (all[first].name == name || all[second].name == name)
        result.raw = wrap(std::move(result.raw), random);
    }
    if (result.raw != result.expected)
      return result;
  }
}

} // namespace mp::test
