#include "actors/dispatcher/failing_users.hpp"

#include "actors/dispatcher/fair_queue.hpp"

#include <functional>

namespace mp {
namespace {

/// Of what tells users apart: their names may be as long as a record.
std::size_t hash_of(std::string_view user) {
  return std::hash<std::string_view>{}(user.substr(0, fair_queue::user_bytes_max));
}

} // namespace

void failing_users::failed(std::string_view user, time_point now) {
  forget_old(now);
  auto known = users_.find(hash_of(user));
  if (known != users_.end())
    known->second.failed_at = now;
  else if (users_.size() < users_max)
    users_.emplace(hash_of(user), account{now, time_point::min()});
}

void failing_users::answered(std::string_view user, time_point now) {
  users_.erase(hash_of(user));
  for (auto& [who, each] : users_)
    each.cleared_until = now + cleared_for;
}

bool failing_users::fails(std::string_view user, time_point now) const {
  auto known = users_.find(hash_of(user));
  return known != users_.end() && now - known->second.failed_at <= cleared_for;
}

bool failing_users::fails_alone(std::string_view user, time_point now) const {
  auto known = users_.find(hash_of(user));
  return known != users_.end() && fails(user, now) && now < known->second.cleared_until;
}

void failing_users::forget_old(time_point now) {
  std::erase_if(users_, [now](const auto& each) { return now - each.second.failed_at > cleared_for; });
}

} // namespace mp
