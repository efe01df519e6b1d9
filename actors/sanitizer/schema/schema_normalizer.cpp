#include "actors/sanitizer/schema/schema_normalizer.hpp"

#include "messages/json/ascii.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace mp {
namespace {

namespace json = boost::json;

/// Why a schema is not taken.
struct refusal {
  std::string why;
};

[[noreturn]] void refuse(std::string why) { throw refusal{std::move(why)}; }

std::string quoted(std::string_view name) {
  constexpr std::size_t shown_max = 60;
  return "\"" + std::string{name.substr(0, shown_max)} + "\"";
}

constexpr std::array types{"array", "boolean", "integer", "null", "number", "object", "string"};
constexpr std::array counts{"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"};
constexpr std::array bounds{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"};
constexpr std::array not_supported{
  "patternProperties", "unevaluatedProperties", "unevaluatedItems", "$dynamicRef", "$recursiveRef",
  "minContains",       "maxContains",           "extends",          "disallow",    "divisibleBy"};

/// The members of a JSON pointer in a URI fragment: percent and tilde escapes are read.
std::vector<std::string> tokens_of(std::string_view fragment) {
  const auto text = without_percent_escapes(fragment);
  std::vector<std::string> tokens;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '/')
      tokens.emplace_back();
    else if (tokens.empty())
      refuse("a $ref in it does not lead to a place in the schema");
    else if (text[i] == '~' && i + 1 < text.size() && (text[i + 1] == '0' || text[i + 1] == '1'))
      tokens.back() += text[++i] == '1' ? '/' : '~';
    else
      tokens.back() += text[i];
  return tokens;
}

class preparer {
public:
  preparer(const json::value& original, const schema_limits& limits) : original_(original), limits_(limits) {}

  prepared_schema run() {
    json::array root;
    root.push_back(unit(original_));
    json::object definitions;
    for (std::size_t i = 0; i < targets_.size(); ++i) // preparing one may find more
      definitions[std::to_string(i)] = unit(*targets_[i]);
    check_circles();
    prepared_schema prepared;
    prepared.document = json::object{{"allOf", std::move(root)}, {"definitions", std::move(definitions)}};
    prepared.words.assign(words_.begin(), words_.end());
    prepared.subschemas = places_.size();
    return prepared;
  }

private:
  /// A subschema, with those that apply to the same value because of it.
  struct place {
    std::vector<std::size_t> in_place;
    std::optional<std::size_t> target;
  };

  /// The root, or what a `$ref` leads to.
  json::value unit(const json::value& from) {
    tops_.push_back(places_.size());
    unit_nesting_ = 0;
    auto prepared = schema(from, 1);
    nesting_ += unit_nesting_;
    if (nesting_ > limits_.nesting_max)
      refuse("its parts lie too deep in each other");
    return prepared;
  }

  json::value schema(const json::value& from, std::size_t nesting) {
    if (places_.size() >= limits_.subschemas_max)
      refuse("it has more than " + std::to_string(limits_.subschemas_max) + " parts");
    unit_nesting_ = std::max(unit_nesting_, nesting);
    const auto here = places_.size();
    places_.emplace_back();
    if (from.is_bool())
      return from;
    if (!from.is_object())
      refuse("a part of it is neither an object nor true or false");
    const auto& object = from.get_object();
    if (const auto* ref = object.if_contains("$ref")) {
      const auto target = target_of(*ref);
      places_[here].target = target;
      return json::object{{"$ref", "#/definitions/" + std::to_string(target)}};
    }
    json::object out;
    json::array all_of;
    all_of.push_back(json::object{{bounded_keyword_names::step, weight_of(object)}});
    for (const auto& [name, value] : object)
      keyword(name, value, object, out, all_of, here, nesting);
    out["allOf"] = std::move(all_of);
    return out;
  }

  static std::int64_t weight_of(const json::object& object) {
    std::int64_t weight = 1;
    for (const auto& each : object)
      weight += 1
                + static_cast<std::int64_t>(each.value().is_array()    ? each.value().get_array().size()
                                            : each.value().is_object() ? each.value().get_object().size()
                                                                       : 0);
    return weight;
  }

  json::value in_place(const json::value& from, std::size_t here, std::size_t nesting) {
    places_[here].in_place.push_back(places_.size());
    return schema(from, nesting + 1);
  }

  void keyword(std::string_view name, const json::value& value, const json::object& object, json::object& out,
               json::array& all_of, std::size_t here, std::size_t nesting) {
    const auto is = [&](const auto& names) { return std::find(names.begin(), names.end(), name) != names.end(); };
    const auto must = [&](bool sound, std::string_view what) {
      if (!sound)
        refuse(quoted(name) + " in it has to be " + std::string{what});
    };
    if (is(not_supported))
      refuse(quoted(name) + " in it is not supported");
    if (name == "type") {
      out[bounded_keyword_names::types] = types_of(value);
    } else if (name == "enum" || name == "const") {
      must(name == "const" || (value.is_array() && !value.get_array().empty()), "an array that is not empty");
      auto values = name == "enum" ? value.get_array() : json::array{value};
      for (const auto& each : values)
        if (each.is_string())
          words_.emplace(each.get_string());
      auto condition = json::object{{bounded_keyword_names::values, std::move(values)}};
      all_of.push_back(std::move(condition)); // a schema may have both
    } else if (name == "pattern") {
      must(value.is_string(), "a string");
      out[bounded_keyword_names::pattern] = value;
    } else if (name == "uniqueItems") {
      must(value.is_bool(), "true or false");
      if (value.get_bool())
        out[bounded_keyword_names::unique] = true;
    } else if (name == "multipleOf") {
      must(value.is_number() && value.to_number<double>() > 0, "a number above 0");
      out[bounded_keyword_names::multiple] = value.to_number<double>();
    } else if (is(counts)) {
      constexpr std::int64_t count_max = 1'000'000'000;
      must(value.is_int64() && value.get_int64() >= 0, "a whole number that is not negative");
      out[name] = std::min(value.get_int64(), count_max);
    } else if (is(bounds)) {
      must(value.is_number(), "a number");
      out[name] = value.to_number<double>();
    } else if (name == "required") {
      out[name] = texts_of(name, value);
    } else if (name == "properties") {
      must(value.is_object(), "an object");
      json::object members;
      for (const auto& each : value.get_object())
        members[each.key()] = schema(each.value(), nesting + 1);
      out[name] = std::move(members);
    } else if (name == "allOf" || name == "anyOf" || name == "oneOf") {
      must(value.is_array() && !value.get_array().empty(), "an array that is not empty");
      json::array own;
      auto& into = name == "allOf" ? all_of : own;
      for (const auto& each : value.get_array())
        into.push_back(in_place(each, here, nesting));
      if (name != "allOf")
        out[name] = std::move(own);
    } else if (name == "not" || name == "if" || name == "then" || name == "else") {
      out[name] = in_place(value, here, nesting);
    } else if (name == "contains" || name == "propertyNames" || name == "additionalProperties") {
      out[name] = schema(value, nesting + 1);
    } else if (name == "items") {
      if (object.contains("prefixItems"))
        out["additionalItems"] = schema(value, nesting + 1);
      else
        out[name] = value.is_array() ? schemas(value.get_array(), nesting) : schema(value, nesting + 1);
    } else if (name == "prefixItems") {
      must(value.is_array(), "an array");
      out["items"] = schemas(value.get_array(), nesting);
    } else if (name == "additionalItems" && object.contains("items") && object.at("items").is_array()) {
      out[name] = schema(value, nesting + 1);
    } else if (name == "dependencies" || name == "dependentRequired" || name == "dependentSchemas") {
      must(value.is_object(), "an object");
      json::object conditions;
      for (const auto& each : value.get_object())
        conditions[each.key()] =
          each.value().is_array() ? texts_of(name, each.value()) : in_place(each.value(), here, nesting);
      all_of.push_back(json::object{{"dependencies", std::move(conditions)}});
    }
  }

  json::value schemas(const json::array& from, std::size_t nesting) {
    json::array prepared;
    for (const auto& each : from)
      prepared.push_back(schema(each, nesting + 1));
    return prepared;
  }

  static json::value texts_of(std::string_view name, const json::value& value) {
    if (!value.is_array())
      refuse(quoted(name) + " in it has to be an array of strings");
    json::array texts;
    std::set<std::string_view> seen;
    for (const auto& each : value.get_array())
      if (!each.is_string())
        refuse(quoted(name) + " in it has to be an array of strings");
      else if (seen.insert(each.get_string()).second)
        texts.push_back(each);
    return texts;
  }

  static json::value types_of(const json::value& value) {
    auto names = value.is_array() ? value.get_array() : json::array{value};
    for (const auto& each : names)
      if (!each.is_string()
          || std::find(types.begin(), types.end(), std::string_view{each.get_string()}) == types.end())
        refuse("\"type\" in it names a type that JSON does not have");
    if (names.empty())
      refuse("\"type\" in it names no type");
    return names;
  }

  /// The number of the place that a `$ref` leads to.
  std::size_t target_of(const json::value& ref) {
    if (!ref.is_string() || ref.get_string().empty() || ref.get_string().front() != '#')
      refuse("a $ref in it leads out of the schema");
    const auto* at = &original_;
    for (const auto& token : tokens_of(std::string_view{ref.get_string()}.substr(1))) {
      if (at->is_object())
        at = at->get_object().if_contains(token);
      else if (at->is_array() && !token.empty() && token.size() < 6
               && token.find_first_not_of("0123456789") == std::string::npos)
        at = at->get_array().if_contains(std::stoul(token));
      else
        at = nullptr;
      if (at == nullptr)
        refuse("a $ref in it leads nowhere");
    }
    const auto [found, is_new] = numbers_.emplace(at, targets_.size());
    if (is_new)
      targets_.push_back(at);
    if (targets_.size() > limits_.targets_max)
      refuse("its $refs lead to more than " + std::to_string(limits_.targets_max) + " places");
    return found->second;
  }

  /// Subschemas that lead to each other without a step into the value would be asked for ever.
  void check_circles() {
    heights_.assign(places_.size(), 0);
    for (std::size_t i = 0; i < places_.size(); ++i)
      height_of(i, 1);
  }

  std::size_t height_of(std::size_t which, std::size_t above) {
    auto& height = heights_[which];
    if (height == 0) {
      std::size_t inner = 0;
      if (above <= limits_.in_place_max) {
        for (const auto each : places_[which].in_place)
          inner = std::max(inner, height_of(each, above + 1));
        if (const auto target = places_[which].target)
          inner = std::max(inner, height_of(tops_[1 + *target], above + 1));
      }
      height = inner + 1;
    }
    if (above + height > limits_.in_place_max + 1)
      refuse("its parts lead to each other in a circle, or too many of them apply to one value");
    return height;
  }

  const json::value& original_;
  const schema_limits& limits_;
  std::map<const json::value*, std::size_t> numbers_;
  std::vector<const json::value*> targets_;
  std::vector<place> places_;
  std::vector<std::size_t> tops_;    ///< the first place of the root, then of each target
  std::vector<std::size_t> heights_; ///< 0: not known yet
  std::set<std::string> words_;
  std::size_t unit_nesting_ = 0;
  std::size_t nesting_ = 0;
};

} // namespace

std::variant<prepared_schema, std::string> prepare_schema(std::string_view text, const schema_limits& limits) {
  if (text.size() > limits.bytes_max)
    return "it is larger than " + std::to_string(limits.bytes_max) + " bytes";
  json::parse_options options;
  options.max_depth = limits.depth_max;
  json::error_code problem;
  const auto original = json::parse({text.data(), text.size()}, problem, {}, options);
  if (problem)
    return std::string{"it is not valid JSON, or its parts lie too deep in each other"};
  if (!original.is_object())
    return std::string{"it is not a JSON object"};
  try {
    return preparer{original, limits}.run();
  } catch (const refusal& refused) {
    return refused.why;
  }
}

} // namespace mp
