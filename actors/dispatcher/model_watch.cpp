#include "actors/dispatcher/model_watch.hpp"

#include <bit>
#include <functional>

namespace mp {
namespace {

constexpr std::uint16_t last_ten = (1u << 10) - 1;
constexpr int often_min = 3;

// The host's times and ours are taken at two ends of a connection.
constexpr std::chrono::seconds same_load{1};

} // namespace

model_watch::finding model_watch::answered(const std::string& host, time_point began, std::chrono::nanoseconds load_time) {
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
  return degenerate_.try_emplace({host, model}, seen_by).first->second != seen_by;
}

void model_watch::spoke(const std::string& host, const std::string& model, time_point now) {
  answers_[{host, model}] = now;
  if (!degenerate_.empty())
    degenerate_.erase({host, model});
}

bool model_watch::is_silent(const std::string& host, const std::string& model, time_point began) const {
  auto last = answers_.find({host, model});
  return last == answers_.end() || last->second < began;
}

bool model_watch::may_reload(const std::string& host, const std::string& model, time_point now) {
  auto [known, fresh] = reloads_.try_emplace({host, model}, now);
  if (!fresh && now - known->second < reload_interval)
    return false;
  known->second = now;
  return true;
}

} // namespace mp
