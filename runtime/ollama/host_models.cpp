#include "runtime/ollama/host_models.hpp"

#include "messages/json/ascii.hpp"
#include "messages/model_name.hpp"
#include "runtime/ollama/response_json.hpp"

#include <algorithm>
#include <charconv>

namespace mp::ollama {
namespace {

/// A number that is not negative and, at most, as large as any size there is.
std::optional<double> number_of(std::string_view number) {
  constexpr double number_max = 1e18;
  double value = 0;
  const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  if (read.ec != std::errc{} || read.ptr != number.data() + number.size() || value < 0 || value > number_max)
    return std::nullopt;
  return value;
}

std::optional<double> share_of(std::string_view model) {
  const auto all = number_of(member_of(model, "size"));
  const auto in_gpu = number_of(member_of(model, "size_vram"));
  if (!all || !in_gpu || *all <= 0)
    return std::nullopt;
  return std::min(*in_gpu / *all, 1.0);
}

std::string digest_of(std::string_view model) {
  constexpr std::string_view algorithm = "sha256:";
  auto digest = string_value(member_of(model, "digest"));
  if (digest.starts_with(algorithm))
    digest.erase(0, algorithm.size());
  return lower_case(digest);
}

/// The array `models` of a response, or nothing where there is none.
std::optional<std::string_view> models_in(std::string_view body) {
  if (!is_json_object(body))
    return std::nullopt;
  const auto models = member_of(body, "models");
  if (models.empty() || kind_of(models) != json_kind::array)
    return std::nullopt;
  return models;
}

} // namespace

std::optional<std::vector<loaded_model>> loaded_models(std::string_view body) {
  const auto models = models_in(body);
  if (!models)
    return std::nullopt;
  std::vector<loaded_model> loaded;
  for_each_element(*models, [&](std::string_view each) {
    if (kind_of(each) != json_kind::object)
      return;
    const auto context = number_of(member_of(each, "context_length")).value_or(0);
    if (const auto name = string_value(member_of(each, "name")); !name.empty())
      loaded.push_back(
        {{canonical_model_name(name), digest_of(each)}, share_of(each), static_cast<std::uint64_t>(context)});
  });
  return loaded;
}

std::optional<std::map<std::string, std::string>> digests_of_models(std::string_view body) {
  const auto models = models_in(body);
  if (!models)
    return std::nullopt;
  std::map<std::string, std::string> digests;
  for_each_element(*models, [&](std::string_view each) {
    if (kind_of(each) != json_kind::object)
      return;
    const auto digest = digest_of(each);
    const auto name = string_value(member_of(each, "name"));
    if (name.empty())
      return;
    const auto [known, is_new] = digests.try_emplace(canonical_model_name(name), digest);
    if (!is_new && known->second != digest)
      known->second.clear(); // which of the two a call would get is not known
  });
  return digests;
}

} // namespace mp::ollama
