#include "actors/sanitizer/choose_answer.hpp"

#include "messages/wire/json_text.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace mp {
namespace {

/// What a value is worth as an answer.
enum class weight { none, list, structure };

/// `[1]`, `[12]`: a footnote's mark.
bool is_footnote(std::string_view json) {
  return json.size() <= 5 && json.front() == '['
         && std::all_of(json.begin() + 1, json.end() - 1, [](char c) { return c >= '0' && c <= '9'; });
}

weight weight_of(const found_value& value, bool amid_prose) {
  if (!value.readable())
    return weight::structure;
  const std::string_view json = value.json;
  if (amid_prose && (json.size() <= 2 || !value.convincing || is_footnote(json)))
    return weight::none;
  return json.front() == '{' || json.substr(0, 2) == "[{" ? weight::structure : weight::list;
}

std::vector<std::string> names_of(std::string_view object) {
  std::vector<std::string> names;
  for_each_member(object, [&](const json_member& member) { names.push_back(unescape(member.name_raw)); });
  std::sort(names.begin(), names.end());
  return names;
}

bool share_a_name(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  std::vector<std::string> common;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(common));
  return !common.empty();
}

/// Whether nothing but white space and commas lies between two values.
bool are_adjacent(std::string_view text, const found_value& first, const found_value& second) {
  const auto between = text.substr(first.end, second.begin - first.end);
  return between.find_first_not_of(" \n\r\t,") == std::string_view::npos;
}

} // namespace

std::optional<chosen_answer> choose_answer(std::string_view text, const found_values& found) {
  const auto& values = found.values;
  if (found.too_many)
    return std::nullopt;
  std::vector<weight> weights;
  auto rank = standing::code_fence;
  auto heaviest = weight::none;
  for (const auto& value : values) {
    weights.push_back(weight_of(value, value.where == standing::bare && (found.prose || values.size() > 1)));
    if (weights.back() != weight::none)
      rank = std::max(rank, value.where);
  }
  for (std::size_t i = 0; i < values.size(); ++i)
    if (values[i].where == rank)
      heaviest = std::max(heaviest, weights[i]);
  if (heaviest == weight::none)
    return std::nullopt;
  const auto counts = [&](std::size_t i) { return values[i].where == rank && weights[i] == heaviest; };
  auto last = values.size();
  while (!counts(last - 1))
    --last;
  const auto& answer = values[--last];
  if (!answer.readable())
    return std::nullopt;
  const auto names = names_of(answer.json);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto& other = values[i];
    if (i == last || other.json == answer.json)
      continue;
    const auto other_names = names_of(other.json);
    if (i > last && other.where != standing::code_fence && share_a_name(other_names, names))
      return std::nullopt;
    if (i + 1 == last && counts(i) && are_adjacent(text, other, answer))
      return std::nullopt;
    const auto rival = other.readable() && (rank == standing::bare || (i < last && counts(i)));
    if (rival && other_names.size() > names.size() && !share_a_name(other_names, names))
      return std::nullopt;
  }
  const auto candidates =
      weights.size() - static_cast<std::size_t>(std::count(weights.begin(), weights.end(), weight::none));
  return chosen_answer{last, candidates > 1};
}

} // namespace mp
