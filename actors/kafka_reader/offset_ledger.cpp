#include "actors/kafka_reader/offset_ledger.hpp"

#include "actors/kafka_reader/offset_bitmap.hpp"

#include <algorithm>
#include <iterator>
#include <vector>

namespace mp {

offset_ledger::loaded offset_ledger::load(const position& committed) {
  *this = {};
  next_ = committed.offset;
  if (committed.offset < 0 || committed.metadata.empty())
    return loaded::empty;
  auto finished = read_offset_bitmap(committed.offset, committed.metadata, spread_max);
  if (!finished)
    return loaded::foreign;
  finished_ = std::move(*finished);
  return finished_.empty() ? loaded::empty : loaded::restored;
}

offset_ledger::verdict offset_ledger::receive(std::int64_t offset) {
  if (auto i = open_.find(offset); i != open_.end()) {
    if (!i->second.handed_back)
      return verdict::known;
    i->second.handed_back = false;
    --handed_back_;
    return verdict::fresh;
  }
  if (offset < commit_point())
    return verdict::finished;
  next_ = std::max(next_, offset + 1);
  if (finished_.contains(offset)) {
    dirty_ = true; // the commit point may have moved past it
    return verdict::finished;
  }
  open_.emplace(offset, open_record{false, offset});
  return verdict::fresh;
}

std::optional<std::int64_t> offset_ledger::receive_unreadable(std::int64_t first, std::int64_t last) {
  if (receive(first) != verdict::fresh)
    return std::nullopt;
  auto own = open_.find(first);
  if (auto behind = std::next(own); behind != open_.end())
    last = std::min(last, behind->first - 1);
  if (auto behind = finished_.upper_bound(first); behind != finished_.end())
    last = std::min(last, *behind - 1);
  if (auto point = commit_point(); point < first)
    last = std::max(first, std::min(last, point + intake_spread_max));
  own->second.last = last;
  next_ = std::max(next_, last + 1);
  return last;
}

bool offset_ledger::finish(std::int64_t offset) {
  auto i = open_.find(offset);
  if (i == open_.end())
    return false;
  if (i->second.handed_back)
    --handed_back_;
  auto last = i->second.last;
  open_.erase(i);
  for (auto each = std::max(offset, commit_point()); each <= last; ++each)
    finished_.insert(each);
  finished_.erase(finished_.begin(), finished_.lower_bound(commit_point()));
  dirty_ = true;
  return true;
}

bool offset_ledger::hand_back(std::int64_t offset) {
  auto i = open_.find(offset);
  if (i == open_.end() || i->second.handed_back)
    return false;
  i->second.handed_back = true;
  ++handed_back_;
  return true;
}

offset_ledger::state offset_ledger::look(std::int64_t offset) const {
  if (open_.contains(offset))
    return state::open;
  return offset < commit_point() || finished_.contains(offset) ? state::finished : state::unread;
}

void offset_ledger::merge(const position& committed) {
  if (committed.offset < 0)
    return;
  auto told = read_offset_bitmap(committed.offset, committed.metadata, spread_max).value_or(std::set<std::int64_t>{});
  std::vector<std::int64_t> finished;
  for (const auto& [offset, record] : open_)
    if (offset < committed.offset || told.contains(offset))
      finished.push_back(offset);
  for (auto offset : finished)
    finish(offset);
  for (auto offset : told)
    if (offset >= next_)
      finished_.insert(offset); // not read yet in this assignment
}

void offset_ledger::reopen() {
  for (auto& [offset, record] : open_)
    record.handed_back = true;
  handed_back_ = open_.size();
}

// Offsets restored from a bitmap lie ahead of what was read: "one above the highest finished" would skip unread ones.
std::int64_t offset_ledger::commit_point() const { return open_.empty() ? next_ : open_.begin()->first; }

position offset_ledger::to_commit(std::int32_t partition) const {
  auto point = commit_point();
  return {partition, point, write_offset_bitmap(point, finished_, spread_max)};
}

bool offset_ledger::intake_full() const { return next_ - commit_point() >= intake_spread_max; }

} // namespace mp
