#include "actors/supervisor/restart_ledger.hpp"

#include <algorithm>

namespace mp {

restart_ledger::restart_ledger(std::size_t children, restart_backoff backoff, restart_intensity intensity,
                               std::function<double()> random)
  : children_(children), backoff_(backoff), intensity_(intensity), random_(std::move(random)) {}

void restart_ledger::started(std::size_t child, time_point now) { children_.at(child).since = now; }

restart_decision restart_ledger::ended(std::size_t child, restart_rule rule, bool failed, time_point now) {
  auto& history = children_.at(child);
  auto since = std::exchange(history.since, std::nullopt);
  if (rule == restart_rule::never || (rule == restart_rule::on_failure && !failed))
    return leave_ended{};
  while (!recent_.empty() && now - recent_.front() > intensity_.period)
    recent_.pop_front();
  if (recent_.size() >= intensity_.restarts)
    return give_up{history.restarts, recent_.size() + 1};
  recent_.push_back(now);
  if (since && now - *since >= backoff_.stable_time)
    history.restarts = 0;
  auto wait = delay(history.restarts);
  return restart_after{wait, ++history.restarts};
}

std::pair<std::size_t, std::size_t> restart_ledger::affected(restart_strategy strategy, std::size_t child,
                                                             std::size_t children) {
  switch (strategy) {
    case restart_strategy::one_for_one: return {child, child + 1};
    case restart_strategy::one_for_all: return {0, children};
    case restart_strategy::rest_for_one: return {child, children};
  }
  return {child, child + 1};
}

std::chrono::nanoseconds restart_ledger::delay(std::size_t restarts) const {
  auto wait = static_cast<double>(backoff_.first.count());
  auto limit = static_cast<double>(backoff_.limit.count());
  for (std::size_t i = 0; i < restarts && wait < limit; ++i)
    wait *= backoff_.factor;
  wait = std::min(wait, limit) * (1.0 + backoff_.jitter * (2.0 * random_() - 1.0));
  return std::chrono::nanoseconds{static_cast<std::chrono::nanoseconds::rep>(wait)};
}

} // namespace mp
