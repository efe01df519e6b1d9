#pragma once
// Limits how many requests a user may send in a minute. No actors.

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace mp {

/// A token bucket for each user: it holds one minute's worth of requests, so that a user may send them all at once, and
/// it fills evenly. A bucket is stored as the time at which it will be full again; a full one need not be stored at
/// all.
class rate_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Buckets that are kept at most: about 5 MB with the longest addresses. Should more users come within a minute, the
  /// bucket is forgotten that would be full first: its user gains the few requests that were missing from it, and
  /// whoever asks much is remembered longest.
  static constexpr std::size_t users_max = 10'000;

  /// The longest address that SMTP allows, in bytes. Longer names are told apart by their beginning only: the limit is
  /// for memory, a name can be as long as a record.
  static constexpr std::size_t name_bytes_max = 320;

  /// RATE_LIMIT_PER_USER, requests a minute; 0 is no limit.
  explicit rate_limiter(unsigned per_minute);
  rate_limiter(const rate_limiter&) = delete; // its parts refer to each other
  rate_limiter& operator=(const rate_limiter&) = delete;

  /// A request of `user` came. Nothing: it is allowed and counted. Else it is over the limit and not counted, and the
  /// time (rounded up, at least 1 ms) is after how long the next one is allowed, provided that none comes in between.
  std::optional<std::chrono::milliseconds> take(std::string_view user, time_point now);

  /// Buckets that are kept.
  std::size_t users() const { return full_at_.size(); }

private:
  using buckets = std::map<std::string, time_point, std::less<>>;

  void forget(buckets::iterator which);

  std::chrono::nanoseconds interval_{0}; ///< in which one request is refilled; 0: no limit
  std::chrono::nanoseconds whole_{0}; ///< in which an empty bucket becomes full
  buckets full_at_;
  std::set<std::pair<time_point, const std::string*>> by_time_; ///< the same, for forgetting
};

} // namespace mp
