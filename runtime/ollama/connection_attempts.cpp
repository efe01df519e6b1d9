#include "runtime/ollama/connection_attempts.hpp"

#include <algorithm>

namespace mp::ollama {

std::vector<std::size_t> order_of_attempts(const std::vector<int>& families) {
  std::vector<std::size_t> order;
  std::vector<bool> taken(families.size(), false);
  while (order.size() < families.size()) {
    const auto last = order.empty() ? std::optional<int>{} : families[order.back()];
    std::optional<std::size_t> chosen;
    for (std::size_t i = 0; i < families.size(); ++i)
      if (!taken[i] && (!chosen || (families[*chosen] == last && families[i] != last)))
        chosen = i;
    taken[*chosen] = true;
    order.push_back(*chosen);
  }
  return order;
}

connection_attempts::connection_attempts(std::size_t addresses, clock::time_point begin,
                                         std::chrono::milliseconds limit)
  : addresses_(addresses), next_at_(begin), deadline_(begin + limit) {
  // All of them have begun at half of the limit.
  const auto share = limit / static_cast<int>(2 * std::max<std::size_t>(1, addresses));
  delay_ = std::clamp(share, std::chrono::milliseconds{1}, delay_max);
}

std::optional<std::size_t> connection_attempts::next(clock::time_point now) {
  if (begun_ == addresses_ || now < next_at_ || now >= deadline_)
    return std::nullopt;
  next_at_ = now + delay_;
  return begun_++;
}

void connection_attempts::failed(clock::time_point now) {
  ++failed_;
  next_at_ = now;
}

bool connection_attempts::is_over(clock::time_point now) const { return failed_ == addresses_ || now >= deadline_; }

connection_attempts::clock::time_point connection_attempts::wake_at() const {
  return begun_ < addresses_ ? std::min(next_at_, deadline_) : deadline_;
}

} // namespace mp::ollama
