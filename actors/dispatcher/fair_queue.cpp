#include "actors/dispatcher/fair_queue.hpp"

#include <algorithm>

namespace mp {

fair_queue::due fair_queue::due_of(const account& of) {
  const auto& [oldest, request] = *of.requests.begin();
  return {of.paid + request.cost, of.turn, oldest};
}

void fair_queue::push(ticket request, std::string_view user, unsigned priority, std::uint32_t cost, std::size_t group) {
  if (contains(request))
    return;
  priority = std::min(priority, priority_max);
  user = user.substr(0, user_bytes_max);
  auto& in = classes_[priority];
  auto i = in.users.find(user);
  if (i == in.users.end())
    i = in.users.emplace(user, account{in.round, in.next_turn++, {}}).first;
  else
    in.order.erase(due_of(i->second)); // it may come before what was its user's oldest
  i->second.requests.emplace(request, waiting{std::max(cost, std::uint32_t{1}), group});
  ++group_sizes_.at(group);
  in.order.insert(due_of(i->second));
  in.oldest.insert(request);
  places_.emplace(request, place{priority, i});
}

// Every pick that is not the oldest class's goes to the largest one; with one class in use both are the same.
std::optional<fair_queue::ticket> fair_queue::front(const groups& held_back) const {
  std::size_t held = 0;
  for (std::size_t group = 0; held_back.any() && group < group_count; ++group)
    held += held_back[group] ? group_sizes_[group] : 0;
  if (held == size())
    return std::nullopt;
  std::optional<candidate> chosen;
  for (const auto& each : classes_)
    if (auto its = candidate_of(each, held > 0 ? held_back : groups{});
        its && (!chosen || picks_ + 1 < oldest_turn || its->oldest < chosen->oldest))
      chosen = its;
  return std::get<2>(chosen->next);
}

bool fair_queue::take(ticket request) {
  auto i = places_.find(request);
  if (i == places_.end())
    return false;
  picks_ = (picks_ + 1) % oldest_turn;
  take_out(i, true);
  return true;
}

bool fair_queue::remove(ticket request) {
  auto i = places_.find(request);
  if (i == places_.end())
    return false;
  take_out(i, false);
  return true;
}

std::size_t fair_queue::accounts() const {
  std::size_t sum = 0;
  for (const auto& each : classes_)
    sum += each.users.size();
  return sum;
}

std::optional<fair_queue::candidate> fair_queue::candidate_of(const priority_class& in, const groups& held_back) {
  if (in.users.empty())
    return std::nullopt;
  if (held_back.none())
    return candidate{*in.order.begin(), *in.oldest.begin()};
  std::optional<candidate> found;
  for (const auto& [name, user] : in.users) {
    auto first = std::find_if(user.requests.begin(), user.requests.end(),
                              [&](const auto& each) { return !held_back[each.second.group]; });
    if (first == user.requests.end())
      continue;
    due next{user.paid + first->second.cost, user.turn, first->first};
    if (!found)
      found = candidate{next, first->first};
    else
      found = candidate{std::min(found->next, next), std::min(found->oldest, first->first)};
  }
  return found;
}

void fair_queue::take_out(std::unordered_map<ticket, place>::iterator which, bool charged) {
  auto [request, at] = *which;
  auto& in = classes_[at.priority];
  auto& of = at.user->second;
  in.order.erase(due_of(of));
  auto taken = of.requests.find(request);
  --group_sizes_.at(taken->second.group);
  if (charged) {
    of.paid += taken->second.cost;
    of.turn = in.next_turn++;
    in.round = std::max(in.round, of.paid); // an older, cheaper request may have gone in a round that was over
  }
  of.requests.erase(taken);
  in.oldest.erase(request);
  if (of.requests.empty())
    in.users.erase(at.user);
  else
    in.order.insert(due_of(of));
  places_.erase(which);
}

} // namespace mp
