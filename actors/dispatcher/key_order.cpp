#include "actors/dispatcher/key_order.hpp"

#include "actors/dispatcher/short_key.hpp"

namespace mp {

bool key_order::enter(const std::string& key, ticket request) {
  if (key.empty())
    return true;
  if (auto [i, is_new] = places_.try_emplace(request, next_place_, 0); is_new)
    queues_[short_key{key}.text()].emplace(place{next_place_++, 0}, request);
  auto in = queues_.find(short_key{key}.text());
  return in != queues_.end() && in->second.begin()->second == request;
}

bool key_order::may_go(const std::string& key, ticket request) const {
  auto in = queues_.find(short_key{key}.text());
  return key.empty() || (in != queues_.end() && in->second.begin()->second == request);
}

std::size_t key_order::count(const std::string& key) const {
  auto in = queues_.find(short_key{key}.text());
  return in == queues_.end() ? 0 : in->second.size();
}

void key_order::enter_behind(const std::string& key, ticket leader, ticket next_leader) {
  auto in = queues_.find(short_key{key}.text());
  auto before = places_.find(leader);
  if (in == queues_.end() || before == places_.end() || places_.contains(next_leader))
    return;
  place behind{before->second.first, before->second.second + 1};
  if (in->second.emplace(behind, next_leader).second)
    places_.emplace(next_leader, behind);
}

std::optional<key_order::ticket> key_order::leave(const std::string& key, ticket request) {
  auto from = queues_.find(short_key{key}.text());
  auto place = places_.find(request);
  if (from == queues_.end() || place == places_.end())
    return std::nullopt;
  auto& in = from->second;
  bool was_first = in.begin()->second == request;
  if (in.erase(place->second) == 0)
    return std::nullopt; // it is in the queue of another key
  places_.erase(place);
  if (in.empty()) {
    queues_.erase(from);
    return std::nullopt;
  }
  return was_first ? std::optional{in.begin()->second} : std::nullopt;
}

} // namespace mp
