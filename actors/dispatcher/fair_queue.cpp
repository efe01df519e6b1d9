#include "actors/dispatcher/fair_queue.hpp"

#include <algorithm>

namespace mp {

fair_queue::due fair_queue::due_of(const account& of) {
  const auto& [oldest, cost] = *of.costs.begin();
  return {of.paid + cost, of.turn, oldest};
}

void fair_queue::push(ticket request, std::string_view user, unsigned priority, std::uint32_t cost) {
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
  i->second.costs.emplace(request, std::max(cost, std::uint32_t{1}));
  in.order.insert(due_of(i->second));
  in.oldest.insert(request);
  places_.emplace(request, place{priority, i});
}

std::optional<fair_queue::ticket> fair_queue::front() const {
  const auto* in = next_class();
  if (in == nullptr)
    return std::nullopt;
  return std::get<2>(*in->order.begin());
}

void fair_queue::pop() {
  auto which = front();
  if (!which)
    return;
  picks_ = (picks_ + 1) % oldest_turn;
  take_out(places_.find(*which), true);
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

// Every pick that is not the oldest class's goes to the largest one; with one class in use both are the same.
const fair_queue::priority_class* fair_queue::next_class() const {
  const priority_class* chosen = nullptr;
  for (const auto& each : classes_)
    if (!each.users.empty()
        && (chosen == nullptr || picks_ + 1 < oldest_turn || *each.oldest.begin() < *chosen->oldest.begin()))
      chosen = &each;
  return chosen;
}

void fair_queue::take_out(std::unordered_map<ticket, place>::iterator which, bool charged) {
  auto [request, at] = *which;
  auto& in = classes_[at.priority];
  auto& of = at.user->second;
  auto next = due_of(of);
  in.order.erase(next);
  if (charged) {
    of.paid = std::get<0>(next);
    of.turn = in.next_turn++;
    in.round = std::max(in.round, of.paid); // an older, cheaper request may have gone in a round that was over
  }
  of.costs.erase(request);
  in.oldest.erase(request);
  if (of.costs.empty())
    in.users.erase(at.user);
  else
    in.order.insert(due_of(of));
  places_.erase(which);
}

} // namespace mp
