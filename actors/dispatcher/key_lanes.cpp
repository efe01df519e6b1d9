#include "actors/dispatcher/key_lanes.hpp"

namespace mp {

bool key_lanes::enter(const std::string& key, ticket request) {
  if (key.empty())
    return true;
  if (auto [i, is_new] = places_.try_emplace(request, next_place_); is_new)
    lanes_[key].emplace(next_place_++, request);
  auto in = lanes_.find(key);
  return in != lanes_.end() && in->second.begin()->second == request;
}

bool key_lanes::may_go(const std::string& key, ticket request) const {
  auto in = lanes_.find(key);
  return key.empty() || (in != lanes_.end() && in->second.begin()->second == request);
}

std::size_t key_lanes::count(const std::string& key) const {
  auto in = lanes_.find(key);
  return in == lanes_.end() ? 0 : in->second.size();
}

std::optional<key_lanes::ticket> key_lanes::leave(const std::string& key, ticket request) {
  auto from = lanes_.find(key);
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
