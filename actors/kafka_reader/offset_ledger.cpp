#include "actors/kafka_reader/offset_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace mp {

offset_ledger::loaded offset_ledger::load(const position& committed) {
  ledger_start from{.offset = committed.offset};
  bool nothing = committed.offset < 0 || committed.metadata.empty();
  auto found = nothing ? commit_metadata{} : read_commit_metadata(committed.offset, committed.metadata, spread_max);
  if (found)
    from.known = std::move(*found);
  auto result = !found ? loaded::foreign : from.known.finished.empty() ? loaded::empty : loaded::restored;
  begin(std::move(from));
  return result;
}

void offset_ledger::begin(ledger_start from) {
  *this = {};
  next_ = from.offset;
  finished_ = std::move(from.known.finished);
  topic_id_ = std::move(from.known.topic_id);
  leader_epoch_ = from.known.leader_epoch;
  ended_below_ = from.ended_below;
  dirty_ = from.commit_at_once;
}

offset_ledger::verdict offset_ledger::receive(std::int64_t offset, std::int32_t leader_epoch) {
  if (leader_epoch > leader_epoch_) {
    if (leader_epoch_ >= 0 && offset < next_)
      return verdict::rewritten;
    if (leader_epoch_ >= 0) { // from here on the log is newer than anything that was finished in it
      finished_.erase(finished_.lower_bound(offset), finished_.end());
      ended_below_ = std::min(ended_below_, offset);
    }
    note_epoch(offset, leader_epoch);
  }
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
  if (offset < ended_below_)
    return verdict::finished; // not worth a commit: the one that is stored says more
  if (finished_.contains(offset)) {
    dirty_ = true; // the commit point may have moved past it
    return verdict::finished;
  }
  open_.emplace(offset, open_record{false, offset});
  return verdict::fresh;
}

void offset_ledger::passed(std::int64_t offset) {
  if (offset < next_)
    return;
  finished_.erase(finished_.lower_bound(offset), finished_.end()); // there is nothing yet that could have been finished
  if (ended_below_ > offset) {
    ended_below_ = offset;
    dirty_ = true; // read again to its end: what is stored says no more than this ledger, and names a place that the
                   // log has not got
  }
  if (offset == next_)
    return;
  next_ = offset;
  finished_.erase(finished_.begin(), finished_.lower_bound(commit_point()));
  dirty_ = true;
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

void offset_ledger::trimmed(std::int64_t log_begin) {
  std::size_t count = 0;
  for (auto i = open_.begin(); i != open_.lower_bound(log_begin);) {
    if (i->second.handed_back) {
      i = open_.erase(i);
      ++count;
    } else {
      ++i;
    }
  }
  if (count == 0)
    return;
  handed_back_ -= count;
  finished_.erase(finished_.begin(), finished_.lower_bound(commit_point()));
  dirty_ = true;
}

offset_ledger::state offset_ledger::look(std::int64_t offset) const {
  if (open_.contains(offset))
    return state::open;
  return offset < commit_point() || finished_.contains(offset) ? state::finished : state::unread;
}

bool offset_ledger::merge(const position& committed) {
  if (committed.offset < 0)
    return false;
  auto found = read_commit_metadata(committed.offset, committed.metadata, spread_max).value_or(commit_metadata{});
  if (!found.topic_id.empty() && !topic_id_.empty() && found.topic_id != topic_id_)
    return false;
  const auto& told = found.finished;
  auto is_newer = [&](std::int64_t offset) { return found.leader_epoch >= 0 && epoch_at(offset) > found.leader_epoch; };
  std::vector<std::int64_t> finished;
  for (const auto& [offset, record] : open_)
    if ((offset < committed.offset || told.contains(offset)) && !is_newer(offset))
      finished.push_back(offset);
  for (auto offset : finished)
    finish(offset);
  for (auto offset : told)
    if (offset >= next_ && !is_newer(offset))
      finished_.insert(offset); // not read yet in this assignment
  if (ended_below_ != position::none && found.leader_epoch >= leader_epoch_)
    ended_below_ = std::max(
      ended_below_, committed.offset); // a log that was cut off is being read again, and nothing newer was read yet
  return true;
}

void offset_ledger::note_epoch(std::int64_t offset, std::int32_t leader_epoch) {
  leader_epoch_ = leader_epoch;
  epoch_starts_.emplace(offset, leader_epoch);
  if (epoch_starts_.size() > epoch_starts_max)
    epoch_starts_.erase(epoch_starts_.begin());
}

std::int32_t offset_ledger::epoch_at(std::int64_t offset) const {
  auto above = epoch_starts_.upper_bound(offset);
  return above == epoch_starts_.begin() ? -1 : std::prev(above)->second;
}

void offset_ledger::name_topic(const std::string& topic_id) {
  if (topic_id_.empty())
    topic_id_ = topic_id;
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
  commit_metadata known{topic_id_, leader_epoch_, finished_};
  // What is still to be read again of a log that was cut off: a reader that begins at this commit has to know of it,
  // too.
  for (auto each = std::max(next_, point); each < ended_below_ && each - point < spread_max; ++each)
    known.finished.insert(each);
  return {partition, point, write_commit_metadata(point, known, spread_max)};
}

bool offset_ledger::intake_full() const { return next_ - commit_point() >= intake_spread_max; }

} // namespace mp
