#include "runtime/config/model_lists.hpp"

#include "messages/json/ascii.hpp"
#include "messages/model_name.hpp"
#include "runtime/config/values.hpp"

#include <algorithm>

namespace mp::config {
namespace {

constexpr std::size_t name_length_max = model_name_bytes_max;
constexpr std::size_t digest_digits = 64;     // of SHA-256
constexpr std::size_t digest_digits_min = 12; // as `ollama list` shows them

/// The parts between commas, trimmed; none for a blank text.
std::vector<std::string_view> parts_of(std::string_view text) {
  std::vector<std::string_view> parts;
  text = trimmed(text);
  while (!text.empty()) {
    const auto comma = text.find(',');
    parts.push_back(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos)
      break;
    text.remove_prefix(comma + 1);
    if (text.empty())
      parts.emplace_back(); // the comma was the last character
  }
  return parts;
}

std::optional<name_pairs> parse_pairs(std::string_view text) {
  name_pairs pairs;
  for (const auto part : parts_of(text)) {
    const auto split = part.find('=');
    if (split == std::string_view::npos)
      return std::nullopt;
    pairs.emplace_back(trimmed(part.substr(0, split)), trimmed(part.substr(split + 1)));
  }
  return pairs;
}

/// Whether `key_of` gives the same for two of them.
template <class List, class Key>
bool has_duplicates(const List& list, Key key_of) {
  for (auto i = list.begin(); i != list.end(); ++i)
    for (auto j = list.begin(); j != i; ++j)
      if (key_of(*i) == key_of(*j))
        return true;
  return false;
}

} // namespace

bool is_model_name(std::string_view text) {
  return !text.empty() && text.size() <= name_length_max && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7F && c != ',' && c != '=' && c != '"' && c != '\\';
  });
}

std::optional<std::vector<std::string>> parse_models(std::string_view text) {
  std::vector<std::string> models;
  for (const auto part : parts_of(text)) {
    if (!is_model_name(part))
      return std::nullopt;
    models.emplace_back(part);
  }
  if (has_duplicates(models, canonical_model_name))
    return std::nullopt;
  return models;
}

std::string models_text(const std::vector<std::string>& models) {
  std::string text;
  for (const auto& each : models)
    text += (text.empty() ? "" : ",") + each;
  return text;
}

std::optional<name_pairs> parse_model_routes(std::string_view text) {
  auto pairs = parse_pairs(text);
  if (!pairs || has_duplicates(*pairs, [](const auto& pair) { return pair.first; }))
    return std::nullopt;
  for (const auto& [task, model] : *pairs)
    if (!is_model_name(task) || !is_model_name(model))
      return std::nullopt;
  return pairs;
}

std::optional<name_pairs> parse_digests(std::string_view text) {
  auto pairs = parse_pairs(text);
  if (!pairs || has_duplicates(*pairs, [](const auto& pair) { return canonical_model_name(pair.first); }))
    return std::nullopt;
  for (auto& [model, digest] : *pairs) {
    constexpr std::string_view algorithm = "sha256:";
    if (same_ignoring_case(std::string_view{digest}.substr(0, algorithm.size()), algorithm))
      digest.erase(0, algorithm.size());
    digest = lower_case(digest);
    const auto is_hex = digest.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_model_name(model) || !is_hex || digest.size() < digest_digits_min || digest.size() > digest_digits)
      return std::nullopt;
  }
  return pairs;
}

std::string pairs_text(const name_pairs& pairs) {
  std::string text;
  for (const auto& [name, value] : pairs)
    text += (text.empty() ? "" : ",") + name + '=' + value;
  return text;
}

} // namespace mp::config
