#include "runtime/kafka/log_deduplicator.hpp"

namespace mp::kafka {

namespace {

std::string without_parentheses(std::string_view text) {
  std::string kept;
  kept.reserve(text.size());
  int depth = 0;
  for (const auto c : text) {
    if (c == '(')
      ++depth;
    else if (c == ')' && depth > 0)
      --depth;
    else if (depth == 0)
      kept.push_back(c);
  }
  return kept;
}

} // namespace

std::optional<unsigned> log_deduplicator::pass(std::string_view text, time_point now) {
  const auto key = without_parentheses(text);
  if (auto known = entries_.find(key); known != entries_.end()) {
    auto& e = known->second;
    if (now - e.shown < quiet_time) {
      ++e.held_back;
      return std::nullopt;
    }
    const auto held_back = e.held_back;
    e = {now, 0};
    return held_back;
  }
  if (entries_.size() >= texts_max)
    std::erase_if(entries_, [now](const auto& each) { return now - each.second.shown >= quiet_time; });
  if (entries_.size() >= texts_max)
    return std::nullopt;
  entries_.emplace(key, entry{now, 0});
  return 0;
}

} // namespace mp::kafka
