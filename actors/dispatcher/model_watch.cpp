#include "actors/dispatcher/model_watch.hpp"

#include "messages/model_name.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <utility>

namespace mp {
namespace {

constexpr std::uint16_t last_ten = (1u << 10) - 1;
constexpr int often_min = 3;

// The host's times and ours are taken at two ends of a connection.
constexpr std::chrono::seconds same_load{1};

} // namespace

model_watch::finding model_watch::answered(const std::string& host, time_point began,
                                           std::chrono::nanoseconds load_time) {
  auto& kept = hosts_[host];
  finding found;
  if (load_time > load_time_min && load_time <= load_time_max) {
    auto loaded = began + load_time;
    if (kept.loaded && std::chrono::abs(loaded - *kept.loaded) < same_load)
      return found;
    kept.loaded = loaded;
    found.reloaded = true;
  }
  kept.last = static_cast<std::uint16_t>((kept.last << 1 | (found.reloaded ? 1 : 0)) & last_ten);
  auto often = kept.often ? kept.last != 0 : std::popcount(kept.last) >= often_min;
  if (often != kept.often)
    found.often = kept.often = often;
  return found;
}

bool model_watch::is_degenerate(const std::string& host, const std::string& model, std::string_view user) {
  const auto seen_by = std::hash<std::string_view>{}(user);
  auto& degenerate = hosts_[host].degenerate;
  auto name = canonical_model_name(model);
  if (degenerate.size() >= models_max && !degenerate.contains(name))
    degenerate.clear(); // names of models that do not exist; a model that is really degenerate is found again
  return degenerate.try_emplace(std::move(name), seen_by).first->second != seen_by;
}

void model_watch::spoke(const std::string& host, const std::string& model, time_point now) {
  auto& kept = hosts_[host];
  if (kept.last_as_given != model) {
    kept.last_as_given = model;
    kept.last_name = canonical_model_name(model);
  }
  if (!kept.degenerate.empty())
    kept.degenerate.erase(kept.last_name);
  kept.answers[kept.last_name] = now;
  if (kept.answers.size() > models_max)
    kept.answers.erase(
      std::min_element(kept.answers.begin(), kept.answers.end(), [](auto& a, auto& b) { return a.second < b.second; }));
}

bool model_watch::is_silent(const std::string& host, const std::string& model, time_point began) const {
  auto of_host = hosts_.find(host);
  if (of_host == hosts_.end())
    return true;
  auto last = of_host->second.answers.find(canonical_model_name(model));
  return last == of_host->second.answers.end() || last->second < began;
}

std::size_t model_watch::known_models(const std::string& host) const {
  auto of_host = hosts_.find(host);
  return of_host == hosts_.end() ? 0 : of_host->second.answers.size();
}

bool model_watch::may_reload(const std::string& host, const std::string& model, time_point now) {
  auto [known, fresh] = reloads_.try_emplace({host, model}, now);
  if (!fresh && now - known->second < reload_interval)
    return false;
  known->second = now;
  return true;
}

} // namespace mp
