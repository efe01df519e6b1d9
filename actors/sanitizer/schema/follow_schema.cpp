#include "actors/sanitizer/schema/follow_schema.hpp"

#include "messages/json/ascii.hpp"
#include "messages/json/json_text.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

namespace mp {
namespace {

using value_path = std::vector<std::string>;

// Places that are mended at once, and rounds of it: an element taken out of its array may have to be mended itself.
constexpr std::size_t places_max = 64;
constexpr int rounds_max = 3;
constexpr std::size_t depth_max = 66;

/// One way to write a value anew.
struct change {
  std::vector<mend_kind> mends;
  std::string json;
};

struct broken_place {
  value_path path;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<change> changes;
};

std::vector<change> changes_of(std::string_view value, const answer_schema& schema) {
  std::vector<change> changes;
  switch (kind_of(value)) {
    case json_kind::string: {
      const auto text = unescape(value);
      if (is_valid_json(text, 1) && kind_of(text) == json_kind::number)
        changes.push_back({{mend_kind::text_to_number}, text});
      for (const std::string_view word : {"true", "false"})
        if (same_ignoring_case(text, word))
          changes.push_back({{mend_kind::text_to_boolean}, std::string{word}});
      for (const auto& word : schema.words())
        if (text != word && same_ignoring_case(text, word))
          changes.push_back({{mend_kind::enum_case}, string_literal(word)});
      break;
    }
    case json_kind::number: changes.push_back({{mend_kind::number_to_text}, '"' + std::string{value} + '"'}); break;
    case json_kind::array: {
      std::vector<std::string_view> elements;
      for_each_element(value, [&](std::string_view element) {
        elements.push_back(element);
        return elements.size() < 2;
      });
      if (elements.size() != 1)
        return changes;
      changes.push_back({{mend_kind::single_element}, std::string{elements.front()}});
      if (kind_of(elements.front()) != json_kind::array)
        for (auto& each : changes_of(elements.front(), schema))
          if (each.mends.front() != mend_kind::lone_element)
            changes.push_back({{mend_kind::single_element, each.mends.front()}, std::move(each.json)});
      return changes;
    }
    case json_kind::null: return changes;
    case json_kind::object:
    case json_kind::boolean: break;
  }
  changes.push_back({{mend_kind::lone_element}, '[' + std::string{value} + ']'});
  return changes;
}

/// The value at `path`: of a name that stands twice the last one, as the checker sees it.
std::optional<std::string_view> value_at(std::string_view json, const value_path& path) {
  for (const auto& step : path) {
    std::string_view found;
    if (kind_of(json) == json_kind::object) {
      for_each_member(json, [&](const json_member& member) {
        if (is_named(member, step))
          found = member.value_raw;
      });
    } else {
      std::size_t index = 0;
      for_each_element(json, [&](std::string_view element) {
        if (std::to_string(index++) != step)
          return true;
        found = element;
        return false;
      });
    }
    if (found.empty())
      return std::nullopt;
    json = found;
  }
  return json;
}

/// Whether `inner` is `outer` or lies inside of it.
bool lies_in(const value_path& inner, const value_path& outer) {
  return inner.size() >= outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

/// The places where the schema asks for another value, with no violation inside of them, from left to right in the
/// text.
std::vector<broken_place> innermost(std::string_view json, const std::vector<violation>& violations,
                                    const answer_schema& schema) {
  std::map<value_path, bool> paths; // and whether another value is asked for there
  for (const auto& each : violations)
    paths[each.path] |= each.other_value;
  std::vector<broken_place> places;
  for (auto i = paths.begin(); i != paths.end(); ++i) {
    const auto next = std::next(i); // what lies inside of a path follows it
    if (!i->second || (next != paths.end() && lies_in(next->first, i->first)))
      continue; // a value of another type would only slip through: conditions on members ask nothing of an array
    const auto value = value_at(json, i->first);
    if (!value)
      continue;
    const auto begin = static_cast<std::size_t>(value->data() - json.data());
    places.push_back({i->first, begin, begin + value->size(), changes_of(*value, schema)});
    if (places.size() == places_max)
      break;
  }
  std::sort(places.begin(), places.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return places;
}

constexpr auto unchanged = static_cast<std::size_t>(-1);

/// `json` with the chosen change made at each place; `choice[i]` beyond the changes of place i: none.
std::string changed(std::string_view json, const std::vector<broken_place>& places,
                    const std::vector<std::size_t>& choice) {
  std::string text;
  std::size_t from = 0;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (choice[i] >= places[i].changes.size())
      continue;
    text += json.substr(from, places[i].begin - from);
    text += places[i].changes[choice[i]].json;
    from = places[i].end;
  }
  text += json.substr(from);
  return text;
}

/// What a change does: nothing is wrong any more at its place, or only deeper inside.
enum class effect { none, deeper, all };

effect effect_at(const value_path& path, const std::vector<violation>& violations) {
  auto result = effect::all;
  for (const auto& each : violations)
    if (each.path == path)
      return effect::none;
    else if (lies_in(each.path, path))
      result = effect::deeper;
  return result;
}

/// Of each place the only one of the best changes (one that does the same with fewer mends is better), or unchanged.
/// All places try their first change together, then their second, and so on: few checks of the whole.
std::vector<std::size_t> choose(std::string_view json, const std::vector<broken_place>& places,
                                const answer_schema& schema) {
  std::vector<std::size_t> best(places.size(), unchanged);
  std::vector<effect> found(places.size(), effect::none);
  std::vector<std::size_t> found_mends(places.size(), 0);
  std::size_t tries = 0;
  for (const auto& each : places)
    tries = std::max(tries, each.changes.size());
  constexpr std::size_t tries_max = 8;
  for (std::size_t which = 0; which < std::min(tries, tries_max); ++which) {
    const auto text = changed(json, places, std::vector<std::size_t>(places.size(), which));
    const auto left = schema.violations(text);
    if (left.empty() && !schema.accepts(text))
      continue; // too much work to say
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (which >= places[i].changes.size())
        continue;
      const auto now = effect_at(places[i].path, left);
      const auto mends = places[i].changes[which].mends.size();
      if (now == effect::none || now < found[i] || (now == found[i] && mends > found_mends[i]))
        continue;
      best[i] = now == found[i] && mends == found_mends[i] ? unchanged : which;
      found[i] = now;
      found_mends[i] = mends;
    }
  }
  return best;
}

std::optional<followed> coerced(std::string_view json, const answer_schema& schema) {
  followed result{std::string{json}, {}};
  for (int round = 0; round < rounds_max; ++round) {
    const auto violations = schema.violations(result.json);
    const auto places = innermost(result.json, violations, schema);
    const auto choice = choose(result.json, places, schema);
    if (std::all_of(choice.begin(), choice.end(), [](auto each) { return each == unchanged; }))
      return std::nullopt;
    for (std::size_t i = 0; i < places.size(); ++i)
      if (choice[i] != unchanged)
        for (const auto each : places[i].changes[choice[i]].mends)
          result.mends.add(each);
    result.json = changed(result.json, places, choice);
    if (!is_valid_json(result.json, depth_max))
      return std::nullopt;
    if (schema.accepts(result.json))
      return result;
  }
  return std::nullopt;
}

/// What the only member of an object holds, where that is an object or an array.
std::string_view wrapped(std::string_view json) {
  std::size_t members = 0;
  std::string_view inner;
  for_each_member(json, [&](const json_member& member) {
    ++members;
    inner = member.value_raw;
    return members < 2;
  });
  return members == 1 && (inner.front() == '{' || inner.front() == '[') ? inner : std::string_view{};
}

} // namespace

std::variant<followed, std::string> follow_schema(std::string_view json, const answer_schema& schema) {
  if (schema.accepts(json))
    return followed{std::string{json}, {}};
  if (auto result = coerced(json, schema))
    return *std::move(result);
  const auto violations = schema.violations(json);
  // What the schema finds wrong inside of the member is a member that it knows, and no wrapper.
  const auto is_known =
    std::any_of(violations.begin(), violations.end(), [](const violation& each) { return !each.path.empty(); });
  if (const auto inner = wrapped(json); !inner.empty() && !violations.empty() && !is_known) {
    mend_list unwrapped;
    unwrapped.add(mend_kind::wrapper);
    if (schema.accepts(inner))
      return followed{std::string{inner}, unwrapped};
    if (auto result = coerced(inner, schema)) {
      unwrapped.add(result->mends);
      return followed{std::move(result->json), unwrapped};
    }
  }
  return reason_text(violations);
}

} // namespace mp
