#include "actors/node_link/slot_offers.hpp"

#include <algorithm>
#include <tuple>

namespace mp {

void slot_offers::remove_reader(reader_id id) {
  auto i = readers_.find(id);
  if (i == readers_.end())
    return;
  for (std::size_t at = 0; at < hosts_.size(); ++at)
    give_back(at, i->second.hosts[at].offered);
  readers_.erase(i);
}

void slot_offers::set_backlog(reader_id id, std::size_t requests) {
  if (auto i = readers_.find(id); i != readers_.end())
    i->second.backlog = requests;
}

void slot_offers::slot_added(std::size_t at) {
  if (hosts_[at].owed > 0)
    --hosts_[at].owed;
  else
    ++hosts_[at].free;
}

void slot_offers::slot_removed(std::size_t at) {
  if (hosts_[at].free > 0)
    --hosts_[at].free;
  else
    ++hosts_[at].owed;
}

bool slot_offers::used(reader_id id, std::size_t at) {
  auto i = readers_.find(id);
  if (i == readers_.end() || at >= hosts_.size() || i->second.hosts[at].offered == 0)
    return false;
  auto& share = i->second.hosts[at];
  --share.offered;
  share.recalled = std::min(share.recalled, share.offered);
  ++share.busy;
  return true;
}

void slot_offers::ended(reader_id id, std::size_t at) {
  if (auto i = readers_.find(id); i != readers_.end() && i->second.hosts[at].busy > 0)
    --i->second.hosts[at].busy;
  give_back(at, 1);
}

void slot_offers::returned(reader_id id, std::size_t at, std::size_t count) {
  auto i = readers_.find(id);
  if (i == readers_.end() || at >= hosts_.size())
    return;
  auto& share = i->second.hosts[at];
  count = std::min(count, share.offered);
  share.offered -= count;
  share.recalled -= std::min(share.recalled, count);
  give_back(at, count);
}

void slot_offers::give_back(std::size_t at, std::size_t count) {
  auto gone = std::min(count, hosts_[at].owed);
  hosts_[at].owed -= gone;
  hosts_[at].free += count - gone;
}

std::vector<slot_offers::action> slot_offers::distribute() {
  std::vector<action> actions;
  if (readers_.empty() || stopping_)
    return actions;
  for (std::size_t at = 0; at < hosts_.size(); ++at) {
    std::map<reader_id, std::size_t> offers;
    for (; hosts_[at].free > 0; --hosts_[at].free) {
      auto to = next_for(at);
      ++readers_.at(to).hosts[at].offered;
      ++offers[to];
    }
    for (const auto& [to, count] : offers)
      actions.push_back({to, at, action::kind::offer, count});
    recall(at, actions);
  }
  return actions;
}

/// One with a backlog before one without, then the one with the fewest slots.
slot_offers::reader_id slot_offers::next_for(std::size_t at) const {
  auto rank = [&](const auto& each) {
    const auto& share = each.second.hosts[at];
    return std::tuple{each.second.backlog == 0, share.offered + share.busy, each.first};
  };
  return std::min_element(readers_.begin(), readers_.end(),
                          [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
    ->first;
}

/// What idles with readers without a backlog, as far as it is needed and not on its way back already.
void slot_offers::recall(std::size_t at, std::vector<action>& actions) {
  std::size_t needed = 0;
  for (const auto& [id, each] : readers_)
    needed += each.backlog;
  for (const auto& [id, each] : readers_)
    needed -= std::min(needed, each.hosts[at].recalled);
  for (auto& [id, each] : readers_) {
    auto& share = each.hosts[at];
    auto count = each.backlog > 0 ? 0 : std::min(needed, share.offered - share.recalled);
    if (count == 0)
      continue;
    actions.push_back({id, at, action::kind::recall, count});
    share.recalled += count;
    needed -= count;
  }
}

std::size_t slot_offers::offered(reader_id id, std::size_t at) const {
  auto i = readers_.find(id);
  return i == readers_.end() ? 0 : i->second.hosts[at].offered;
}

} // namespace mp
