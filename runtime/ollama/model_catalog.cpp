#include "runtime/ollama/model_catalog.hpp"

#include "runtime/ollama/response_json.hpp"

#include <algorithm>
#include <charconv>

namespace mp {

std::optional<model_facts> facts_from_show(std::string_view body) {
  if (!is_json_object(body))
    return std::nullopt;
  const auto capabilities = member_of(body, "capabilities");
  if (capabilities.empty())
    return model_facts{true, true};
  model_facts facts{true, false};
  for_each_element(capabilities, [&](std::string_view element) { facts.vision |= is_string(element, "vision"); });
  return facts;
}

std::string canonical_model_name(std::string_view name) {
  std::string out{name};
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  constexpr std::string_view usual_library = "library/";
  if (out.starts_with(usual_library))
    out.erase(0, usual_library.size());
  const auto slash = out.rfind('/');
  if (out.find(':', slash == std::string::npos ? 0 : slash) == std::string::npos)
    out += ":latest";
  return out;
}

bool reads_webp(std::string_view version) {
  unsigned major = 0;
  unsigned minor = 0;
  const auto* end = version.data() + version.size();
  const auto first = std::from_chars(version.data(), end, major);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != '.')
    return false;
  const auto second = std::from_chars(first.ptr + 1, end, minor);
  return second.ec == std::errc{} && (major > 0 || minor >= 30);
}

std::optional<model_facts> model_catalog::find(std::string_view model, time_point now) const {
  const std::lock_guard guard{mutex_};
  const auto found = models_.find(canonical_model_name(model));
  if (found == models_.end() || found->second.good_until <= now)
    return std::nullopt;
  return found->second.facts;
}

void model_catalog::learn(std::string_view model, model_facts facts, time_point now) {
  const std::lock_guard guard{mutex_};
  auto name = canonical_model_name(model);
  if (models_.size() >= models_max && models_.count(name) == 0) {
    std::erase_if(models_, [now](const auto& each) { return each.second.good_until <= now; });
    if (models_.size() >= models_max)
      models_.erase(std::min_element(models_.begin(), models_.end(), [](const auto& a, const auto& b) {
        return a.second.good_until < b.second.good_until;
      }));
  }
  models_[std::move(name)] = {facts, now + (facts.exists ? known_for : missing_for)};
}

std::string model_catalog::version() const {
  const std::lock_guard guard{mutex_};
  return version_;
}

void model_catalog::learn_version(std::string version) {
  const std::lock_guard guard{mutex_};
  version_ = std::move(version);
}

} // namespace mp
