#include "actors/dispatcher/break_off_watch.hpp"

namespace mp {

break_off_watch::time_point break_off_watch::broke_off(const std::string& host, ticket work, std::uint64_t began,
                                                       std::uint64_t number, time_point now) {
  auto& found =
    events_.try_emplace(host, event{now + moment, number, false, false, false, false, {}, {}}).first->second;
  (began < found.first ? found.calls : found.late).push_back(work);
  return found.due;
}

void break_off_watch::answered(const std::string& host, std::uint64_t began) {
  if (auto i = events_.find(host); i != events_.end())
    i->second.lives |= began < i->second.first;
}

void break_off_watch::found_dead(const std::string& host) {
  if (auto i = events_.find(host); i != events_.end())
    i->second.dead = true;
}

void break_off_watch::runner_died(const std::string& host, bool at_photo, std::uint64_t number, time_point now) {
  auto& found =
    events_.try_emplace(host, event{now + moment, number, false, false, false, false, {}, {}}).first->second;
  found.runner = true;
  found.at_photo |= at_photo;
}

std::optional<std::uint64_t> break_off_watch::first(const std::string& host) const {
  auto i = events_.find(host);
  return i == events_.end() ? std::nullopt : std::optional{i->second.first};
}

std::vector<break_off_watch::ticket> break_off_watch::in_doubt(const std::string& host) const {
  auto i = events_.find(host);
  return i == events_.end() ? std::vector<ticket>{} : i->second.calls;
}

std::optional<break_off_watch::time_point> break_off_watch::next() const {
  std::optional<time_point> earliest;
  for (const auto& [host, each] : events_)
    if (!earliest || each.due < *earliest)
      earliest = each.due;
  return earliest;
}

} // namespace mp
