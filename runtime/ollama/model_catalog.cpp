#include "runtime/ollama/model_catalog.hpp"

#include "messages/model_name.hpp"
#include "runtime/ollama/response_json.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

namespace mp::ollama {

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

bool reads_webp(std::string_view version) {
  constexpr std::array<unsigned, 3> first{0, 32, 14};
  std::array<unsigned, 3> numbers{};
  for (auto& number : numbers) {
    const auto* begin = version.data();
    const auto read = std::from_chars(begin, begin + version.size(), number);
    if (read.ec != std::errc{})
      return false;
    version.remove_prefix(static_cast<std::size_t>(read.ptr - begin));
    if (version.starts_with('.'))
      version.remove_prefix(1);
    else if (&number == &numbers.front())
      return false; // no version
    else
      break;
  }
  return numbers >= first;
}

std::optional<model_facts> model_catalog::find(std::string_view model, time_point now) const {
  const scoped_lock guard{mutex_};
  const auto found = models_.find(canonical_model_name(model));
  if (found == models_.end() || found->second.good_until <= now)
    return std::nullopt;
  return found->second.facts;
}

void model_catalog::learn(std::string_view model, model_facts facts, time_point now) {
  if (model.size() > model_name_bytes_max)
    return;
  const scoped_lock guard{mutex_};
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
  const scoped_lock guard{mutex_};
  return version_;
}

void model_catalog::learn_version(std::string version) {
  const scoped_lock guard{mutex_};
  version_ = std::move(version);
}

void model_catalog::learn_context(std::string_view model, std::uint64_t tokens) {
  const scoped_lock guard{mutex_};
  contexts_[canonical_model_name(model)] = tokens;
  smallest_context_ = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [name, context] : contexts_)
    if (context > 0)
      smallest_context_ = std::min(smallest_context_, context);
}

bool model_catalog::is_cut(std::string_view model, std::uint64_t prompt_tokens) const {
  const scoped_lock guard{mutex_};
  if (prompt_tokens < smallest_context_) // nearly always; asked for each answer
    return false;
  const auto found = contexts_.find(canonical_model_name(model));
  return found != contexts_.end() && found->second > 0 && prompt_tokens >= found->second;
}

} // namespace mp::ollama
