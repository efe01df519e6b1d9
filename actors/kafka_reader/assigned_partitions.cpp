#include "actors/kafka_reader/assigned_partitions.hpp"

#include <algorithm>

namespace mp {
namespace {

bool readable(const held_partition& held) {
  return held.live && !held.revoking && held.more && !held.log.in_doubt() && !held.ledger.intake_full();
}

// A late answer to a commit of an earlier assignment can make a ledger dirty of which nothing is known yet.
bool worth_a_commit(const held_partition& held) {
  return held.live && held.ledger.dirty() && held.ledger.commit_point() != position::none;
}

} // namespace

std::size_t assigned_partitions::live_count() const {
  return static_cast<std::size_t>(
    std::count_if(held_.begin(), held_.end(), [](const auto& each) { return each.second.live; }));
}

std::size_t assigned_partitions::in_flight(const std::vector<std::int32_t>& partitions) const {
  std::size_t sum = 0;
  for (auto partition : partitions)
    if (auto i = held_.find(partition); i != held_.end())
      sum += i->second.ledger.in_flight();
  return sum;
}

std::vector<position> assigned_partitions::to_commit() const {
  std::vector<position> positions;
  for (const auto& [partition, held] : held_)
    if (worth_a_commit(held))
      positions.push_back(held.ledger.to_commit(partition));
  return positions;
}

bool assigned_partitions::dirty(const std::vector<std::int32_t>& partitions) const {
  return std::any_of(partitions.begin(), partitions.end(), [this](auto partition) {
    auto i = held_.find(partition);
    return i != held_.end() && worth_a_commit(i->second);
  });
}

std::vector<std::int32_t> assigned_partitions::live() const {
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, held] : held_)
    if (held.live)
      partitions.push_back(partition);
  return partitions;
}

held_partition* assigned_partitions::next_readable(std::int32_t& partition) {
  auto take = [&](auto from, auto to) -> held_partition* {
    for (auto i = from; i != to; ++i)
      if (readable(i->second)) {
        partition = last_read_ = i->first;
        return &i->second;
      }
    return nullptr;
  };
  auto middle = held_.upper_bound(last_read_);
  if (auto* held = take(middle, held_.end()))
    return held;
  return take(held_.begin(), middle);
}

} // namespace mp
