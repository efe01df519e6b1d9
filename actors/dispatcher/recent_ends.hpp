#pragma once
// Which requests had their end lately. No CAF.

#include "messages/origin.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>
#include <utility>

namespace mp {

/// Remembers the places (partition and offset) of requests that had their end. A reader that dies takes its ledger along: what it
/// had not committed is read again by its successor, and would be paid for a second time if nobody knew of its end.
class recent_ends {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// More than a fast broker acknowledges within several commit intervals; about 0.5 MiB.
  static constexpr std::size_t count_max = 8'192;
  /// A reader comes back within seconds. Not longer than needed: should a topic be made anew, its offsets are other requests.
  static constexpr std::chrono::seconds age_max{120};

  void add(const origin& ended, time_point now) {
    forget_old(now);
    place which{ended.partition, ended.offset};
    if (!places_.insert(which).second)
      return;
    order_.push_back({now, which});
    if (order_.size() > count_max)
      forget_oldest();
  }

  bool contains(const origin& read, time_point now) {
    forget_old(now);
    return places_.contains({read.partition, read.offset});
  }

  std::size_t size() const { return order_.size(); }

private:
  using place = std::pair<std::int32_t, std::int64_t>;

  void forget_oldest() {
    places_.erase(order_.front().second);
    order_.pop_front();
  }
  void forget_old(time_point now) {
    while (!order_.empty() && now - order_.front().first >= age_max)
      forget_oldest();
  }

  std::deque<std::pair<time_point, place>> order_;
  std::set<place> places_;
};

} // namespace mp
