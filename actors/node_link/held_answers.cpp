#include "actors/node_link/held_answers.hpp"

#include <utility>

namespace mp {

std::uint64_t held_answers::begun(const call_key& key, const std::string& model, owned_call by) {
  if (auto i = entries_.find(key); i != entries_.end())
    erase(i);
  entries_.emplace(key, entry{next_serial_, model, by});
  return next_serial_++;
}

std::optional<held_answers::owned_call> held_answers::answered(const call_key& key, std::uint64_t serial,
                                                               const call_result& result, time_point now) {
  auto i = entries_.find(key);
  if (i == entries_.end() || i->second.serial != serial)
    return std::nullopt;
  auto& held = i->second;
  const auto* answer = std::get_if<raw_answer>(&result.outcome);
  held.result = result;
  held.bytes = (answer != nullptr ? answer->text.size() : 0) + key.topic.size() + held.model.size() + sizeof(entry);
  held.order = next_order_++;
  bytes_ += held.bytes;
  by_age_.emplace(held.order, key);
  if (held.by.owner == 0)
    held.orphan_since = now;
  auto by = held.by;
  drop_oldest();
  return by;
}

std::optional<held_answers::owned_call> held_answers::failed(const call_key& key, std::uint64_t serial) {
  auto i = entries_.find(key);
  if (i == entries_.end() || i->second.serial != serial)
    return std::nullopt;
  auto by = i->second.by;
  erase(i);
  return by;
}

bool held_answers::is_owned(const call_key& key, std::uint64_t serial, owned_call by) const {
  auto i = entries_.find(key);
  return i != entries_.end() && i->second.serial == serial && i->second.by == by;
}

void held_answers::settled(owner_id owner, const call_key& key) {
  if (auto i = entries_.find(key); i != entries_.end() && i->second.by.owner == owner && i->second.result)
    erase(i);
}

std::vector<held_call> held_answers::lose_owner(owner_id owner, time_point now) {
  std::vector<held_call> offers;
  for (auto& each : entries_)
    if (each.second.by.owner == owner) {
      each.second.by = {};
      each.second.orphan_since = now;
      offers.push_back(offer_of(each));
    }
  return offers;
}

std::vector<held_call> held_answers::lose_owner(owner_id owner, const std::vector<call_key>& keys, time_point now) {
  std::vector<held_call> offers;
  for (const auto& key : keys)
    if (auto i = entries_.find(key); i != entries_.end() && i->second.by.owner == owner) {
      i->second.by = {};
      i->second.orphan_since = now;
      offers.push_back(offer_of(*i));
    }
  return offers;
}

std::vector<held_call> held_answers::orphans() const {
  std::vector<held_call> offers;
  for (const auto& each : entries_)
    if (each.second.by.owner == 0)
      offers.push_back(offer_of(each));
  return offers;
}

held_answers::adoption held_answers::adopt(const call_key& key, const std::string& model, owned_call by) {
  auto i = entries_.find(key);
  if (i == entries_.end() || i->second.by.owner != 0 || i->second.model != model)
    return {};
  i->second.by = by;
  i->second.orphan_since.reset();
  if (i->second.result)
    return {adoption::kind::answered, *i->second.result};
  return {adoption::kind::running, {}};
}

void held_answers::expire(time_point now) {
  for (auto i = entries_.begin(); i != entries_.end();) {
    const auto& held = i->second;
    bool is_old = held.result && held.orphan_since && now - *held.orphan_since >= limits_.age_max;
    i = is_old ? erase(i) : std::next(i);
  }
}

held_answers::entries::iterator held_answers::erase(entries::iterator which) {
  if (which->second.result) {
    bytes_ -= which->second.bytes;
    by_age_.erase(which->second.order);
  }
  return entries_.erase(which);
}

held_call held_answers::offer_of(const entries::value_type& each) const {
  return {each.first, each.second.model, each.second.result.has_value()};
}

void held_answers::drop_oldest() {
  while (bytes_ > limits_.bytes_max && !by_age_.empty())
    erase(entries_.find(by_age_.begin()->second));
}

} // namespace mp
