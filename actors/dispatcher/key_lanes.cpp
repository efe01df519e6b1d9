#include "actors/dispatcher/key_lanes.hpp"

#include "actors/dispatcher/short_key.hpp"

namespace mp {

bool key_lanes::enter(const std::string& key, ticket request) {
  if (key.empty())
    return true;
  if (auto [i, is_new] = places_.try_emplace(request, next_place_, 0); is_new)
    lanes_[short_key{key}.text()].emplace(place{next_place_++, 0}, request);
  auto in = lanes_.find(short_key{key}.text());
  return in != lanes_.end() && in->second.begin()->second == request;
}

bool key_lanes::may_go(const std::string& key, ticket request) const {
  auto in = lanes_.find(short_key{key}.text());
  return key.empty() || (in != lanes_.end() && in->second.begin()->second == request);
}

std::size_t key_lanes::count(const std::string& key) const {
  auto in = lanes_.find(short_key{key}.text());
  return in == lanes_.end() ? 0 : in->second.size();
}

void key_lanes::enter_behind(const std::string& key, ticket leader, ticket heir) {
  auto in = lanes_.find(short_key{key}.text());
  auto before = places_.find(leader);
  if (in == lanes_.end() || before == places_.end() || places_.contains(heir))
    return;
  place behind{before->second.first, before->second.second + 1};
  if (in->second.emplace(behind, heir).second)
    places_.emplace(heir, behind);
}

std::optional<key_lanes::ticket> key_lanes::leave(const std::string& key, ticket request) {
  auto from = lanes_.find(short_key{key}.text());
  auto place = places_.find(request);
  if (from == lanes_.end() || place == places_.end())
    return std::nullopt;
  auto& in = from->second;
  bool was_first = in.begin()->second == request;
  if (in.erase(place->second) == 0)
    return std::nullopt; // it is in another lane
  places_.erase(place);
  if (in.empty()) {
    lanes_.erase(from);
    return std::nullopt;
  }
  return was_first ? std::optional{in.begin()->second} : std::nullopt;
}

} // namespace mp
