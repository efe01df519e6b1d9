#pragma once
// Which requests had their end lately. No actors.

#include "messages/origin.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

namespace mp {

/// Remembers the records of ended requests. A reader that crashes loses its ledger: its successor reads again what was
/// not committed, and without this memory the model calls of ended requests would be repeated.
class recent_ends {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Large enough for the acknowledgements of several commit intervals at full rate; about 0.5 MiB.
  static constexpr std::size_t count_max = 8'192;
  /// A crashed reader is restarted within seconds.
  static constexpr std::chrono::seconds age_max{120};

  void add(const origin& ended, time_point now) {
    forget_old(now);
    auto which = ended.record();
    if (!records_.insert(which).second)
      return;
    order_.push_back({now, which});
    if (order_.size() > count_max)
      forget_oldest();
  }

  bool contains(const origin& read, time_point now) {
    forget_old(now);
    return records_.contains(read.record());
  }

  std::size_t size() const { return order_.size(); }

private:
  void forget_oldest() {
    records_.erase(order_.front().second);
    order_.pop_front();
  }
  void forget_old(time_point now) {
    while (!order_.empty() && now - order_.front().first >= age_max)
      forget_oldest();
  }

  std::deque<std::pair<time_point, record_key>> order_;
  std::set<record_key> records_;
};

} // namespace mp
