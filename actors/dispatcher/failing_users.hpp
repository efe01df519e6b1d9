#pragma once
// Whose calls fail at a host that answers others. Values in, values out; time is handed in. No actors.

#include <chrono>
#include <cstddef>
#include <map>
#include <string_view>

namespace mp {

/// Tells a user whose requests no host can answer from a host that is sick: while the host answers others, that user's
/// failures say nothing against it. What one user sends so costs that user alone, also when those are most of the
/// calls.
class failing_users {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// For this long after an answer to another user a user's failures do not count against the host. Without a later
  /// answer they do again.
  static constexpr std::chrono::seconds cleared_for{60};

  /// Users that are remembered, by a hash. The failures of more count against the host.
  static constexpr std::size_t users_max = 64;

  /// A call of `user` has failed at `now`.
  void failed(std::string_view user, time_point now);

  /// A call of `user` was answered at `now`.
  void answered(std::string_view user, time_point now);

  /// A call of `user` has failed, and none was answered since. Forgotten after cleared_for.
  bool fails(std::string_view user, time_point now) const;

  /// The user's calls fail, and another user was answered since the first of these failures.
  bool fails_alone(std::string_view user, time_point now) const;

private:
  struct account {
    time_point failed_at{};
    time_point cleared_until{}; ///< in the past: no other user was answered
  };
  using hash = std::size_t;

  void forget_old(time_point now);

  std::map<hash, account> users_;
};

} // namespace mp
