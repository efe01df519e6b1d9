#include "actors/node_link/held_answers.hpp"

#include <algorithm>
#include <utility>

namespace mp {
namespace {

bool contains(const std::vector<held_answers::owned_call>& owners, const held_answers::owned_call& one) {
  return std::find(owners.begin(), owners.end(), one) != owners.end();
}

bool owns(const std::vector<held_answers::owned_call>& owners, held_answers::owner_id owner) {
  return std::any_of(owners.begin(), owners.end(), [&](const auto& each) { return each.owner == owner; });
}

} // namespace

std::uint64_t held_answers::begun(const call_key& key, const std::string& model, owned_call by) {
  if (auto i = entries_.find(key); i != entries_.end())
    erase(i);
  entries_.emplace(key, entry{next_serial_, model, {by}});
  return next_serial_++;
}

std::vector<held_answers::owned_call> held_answers::answered(const call_key& key, std::uint64_t serial,
                                                             const call_result& result, time_point now) {
  auto i = entries_.find(key);
  if (i == entries_.end() || i->second.serial != serial)
    return {};
  auto& held = i->second;
  const auto* answer = std::get_if<raw_answer>(&result.outcome);
  held.result = result;
  held.bytes = (answer != nullptr ? answer->text.size() : 0) + key.topic.size() + held.model.size() + sizeof(entry);
  held.order = next_order_++;
  bytes_ += held.bytes;
  by_age_.emplace(held.order, key);
  if (held.owners.empty())
    held.orphan_since = now;
  auto owners = held.owners;
  drop_oldest();
  return owners;
}

std::vector<held_answers::owned_call> held_answers::failed(const call_key& key, std::uint64_t serial) {
  auto i = entries_.find(key);
  if (i == entries_.end() || i->second.serial != serial)
    return {};
  auto owners = i->second.owners;
  erase(i);
  return owners;
}

bool held_answers::is_orphan(const call_key& key) const {
  auto i = entries_.find(key);
  return i != entries_.end() && i->second.owners.empty();
}

bool held_answers::is_owned(const call_key& key, std::uint64_t serial, owned_call by) const {
  auto i = entries_.find(key);
  return i != entries_.end() && i->second.serial == serial && contains(i->second.owners, by);
}

bool held_answers::cancelled(const call_key& key, std::uint64_t serial, owned_call by) {
  if (!is_owned(key, serial, by))
    return false;
  auto i = entries_.find(key);
  std::erase(i->second.owners, by);
  if (!i->second.owners.empty())
    return false;
  erase(i);
  return true;
}

void held_answers::settled(owner_id owner, const call_key& key) {
  auto i = entries_.find(key);
  if (i == entries_.end() || !i->second.result || !owns(i->second.owners, owner))
    return;
  std::erase_if(i->second.owners, [&](const auto& each) { return each.owner == owner; });
  if (i->second.owners.empty())
    erase(i);
}

/// True: it has become an orphan.
bool held_answers::lose(entries::value_type& each, owner_id owner, time_point now) {
  auto& held = each.second;
  if (!owns(held.owners, owner))
    return false;
  std::erase_if(held.owners, [&](const auto& one) { return one.owner == owner; });
  if (!held.owners.empty())
    return false;
  held.orphan_since = now;
  return true;
}

std::vector<held_call> held_answers::lose_owner(owner_id owner, time_point now) {
  std::vector<held_call> offers;
  for (auto& each : entries_)
    if (lose(each, owner, now))
      offers.push_back(offer_of(each));
  return offers;
}

std::vector<held_call> held_answers::lose_owner(owner_id owner, const std::vector<call_key>& keys, time_point now) {
  std::vector<held_call> offers;
  for (const auto& key : keys)
    if (auto i = entries_.find(key); i != entries_.end() && lose(*i, owner, now))
      offers.push_back(offer_of(*i));
  return offers;
}

std::vector<held_call> held_answers::orphans() const {
  std::vector<held_call> offers;
  for (const auto& each : entries_)
    if (each.second.owners.empty())
      offers.push_back(offer_of(each));
  return offers;
}

held_answers::adoption held_answers::adopt(const call_key& key, const std::string& model, owned_call by) {
  auto i = entries_.find(key);
  if (i == entries_.end() || owns(i->second.owners, by.owner) || i->second.model != model)
    return {};
  i->second.owners.push_back(by);
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
