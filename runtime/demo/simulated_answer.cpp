#include "runtime/demo/simulated_answer.hpp"

#include <array>

#include <boost/json.hpp>

namespace mp {
namespace {

namespace json = boost::json;

struct dish {
  const char* name;
  int calories;
  int weight_grams;
  std::array<const char*, 3> ingredients;
  double protein;
  double carbs;
  double fat;
};

constexpr std::array dishes{
  dish{"Margherita pizza", 780, 320, {"dough", "tomato sauce", "mozzarella"}, 31.5, 96.0, 29.0},
  dish{"Caesar salad", 430, 260, {"romaine lettuce", "croutons", "parmesan"}, 14.0, 22.5, 31.0},
  dish{"Pancakes with berries", 520, 240, {"pancakes", "blueberries", "maple syrup"}, 11.5, 84.0, 15.0},
  dish{"Salmon with rice", 610, 350, {"salmon", "rice", "broccoli"}, 38.0, 58.5, 24.0},
};

constexpr const char* note = "simulated model: nobody looked at the photo";

const dish& dish_for(const simulated_question& question) { return dishes[question.photo_bytes % dishes.size()]; }

json::object analysis_of(const dish& seen) {
  json::array ingredients;
  for (const auto* each : seen.ingredients)
    ingredients.emplace_back(each);
  return {{"dish_name", seen.name},
          {"estimated_avg_calories", seen.calories},
          {"ingredients", std::move(ingredients)},
          {"total_avg_weight", seen.weight_grams},
          {"contains", {{"protein", seen.protein}, {"carbs", seen.carbs}, {"fat", seen.fat}}},
          {"note", note}};
}

std::string sentence_for(const simulated_question& question) {
  return "This is the built-in simulated model: it has not understood your question of "
         + std::to_string(question.prompt.size())
         + " bytes, but the question reached it and this answer is on its way back.";
}

std::string fenced_analysis(const dish& seen) {
  std::string list;
  for (const auto* each : seen.ingredients)
    list += (list.empty() ? "\"" : ", \"") + std::string{each} + "\"";
  const auto number = [](double value) { return json::serialize(json::value(static_cast<int>(value * 10) / 10.0)); };
  return "Sure! Here is the analysis of your photo (from the built-in simulated model):\n\n```json\n{\n  "
         "\"dish_name\": \""
         + std::string{seen.name} + "\",\n  \"estimated_avg_calories\": " + std::to_string(seen.calories)
         + ",\n  \"ingredients\": [" + list + "],\n  \"total_avg_weight\": " + std::to_string(seen.weight_grams)
         + ",\n  \"contains\": {\"protein\": " + number(seen.protein) + ", \"carbs\": " + number(seen.carbs)
         + ", \"fat\": " + number(seen.fat) + "},\n  \"note\": \"" + note + "\"\n}\n```\n\nEnjoy your meal!";
}

/// A schema can hold itself in itself by the depth of its text only; deeper than this nobody asks.
constexpr int depth_max = 24;

json::value example_of(const json::value& schema, std::string_view name, const json::object& known, int depth);

json::value example_of_type(std::string_view type, const json::object& schema, std::string_view name,
                            const json::object& known, int depth) {
  const auto* familiar = known.if_contains({name.data(), name.size()});
  if (type == "object") {
    json::object out;
    if (const auto* properties = schema.if_contains("properties"); properties != nullptr && properties->is_object())
      for (const auto& [key, value] : properties->get_object()) {
        const auto* inner = familiar != nullptr ? familiar->if_object() : nullptr;
        out[key] = example_of(value, {key.data(), key.size()}, inner != nullptr ? *inner : known, depth + 1);
      }
    return out;
  }
  if (type == "array") {
    if (familiar != nullptr && familiar->is_array())
      return *familiar;
    json::array out;
    if (const auto* items = schema.if_contains("items"))
      out.push_back(example_of(*items, {}, known, depth + 1));
    return out;
  }
  if (type == "number" || type == "integer") {
    if (familiar != nullptr && (familiar->is_int64() || (familiar->is_double() && type == "number")))
      return *familiar;
    const auto* least = schema.if_contains("minimum");
    return least != nullptr && least->is_number() ? *least : json::value(1);
  }
  if (type == "boolean")
    return true;
  if (type == "null")
    return nullptr;
  return familiar != nullptr && familiar->is_string() ? *familiar : json::value("simulated model");
}

std::string_view type_of(const json::object& schema) {
  const auto* type = schema.if_contains("type");
  if (type != nullptr && type->is_array() && !type->get_array().empty())
    type = &type->get_array().front();
  if (type != nullptr && type->is_string())
    return {type->get_string().data(), type->get_string().size()};
  return schema.contains("properties") ? "object" : schema.contains("items") ? "array" : "string";
}

json::value example_of(const json::value& schema, std::string_view name, const json::object& known, int depth) {
  if (!schema.is_object() || depth > depth_max)
    return "simulated model";
  const auto& object = schema.get_object();
  if (const auto* only = object.if_contains("const"))
    return *only;
  for (const auto* choice : {"enum", "anyOf", "oneOf"})
    if (const auto* list = object.if_contains(choice);
        list != nullptr && list->is_array() && !list->get_array().empty()) {
      const auto& first = list->get_array().front();
      return std::string_view{choice} == "enum" ? first : example_of(first, name, known, depth + 1);
    }
  return example_of_type(type_of(object), object, name, known, depth);
}

} // namespace

std::string simulated_answer(const simulated_question& question) {
  const auto has_photo = question.photo_bytes > 0;
  if (question.format_json.empty() && has_photo)
    return fenced_analysis(dish_for(question));
  if (question.format_json.empty() && question.prompt.find("JSON") == std::string::npos)
    return sentence_for(question);
  const auto known = has_photo ? analysis_of(dish_for(question))
                               : json::object{{"answer", sentence_for(question)}, {"note", "simulated model"}};
  json::error_code error;
  const auto format = json::parse(question.format_json, error);
  const auto has_schema = !error && format.is_object();
  return json::serialize(has_schema ? example_of(format, {}, known, 0) : json::value(known));
}

std::vector<std::string_view> simulated_tokens(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto word = text.find_first_not_of(" \n");
    const auto end = word == std::string_view::npos ? text.size() : text.find_first_of(" \n", word);
    out.push_back(text.substr(0, end));
    text.remove_prefix(out.back().size());
  }
  return out;
}

} // namespace mp
