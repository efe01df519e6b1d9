#include "actors/kafka_reader/log_watch.hpp"

#include <algorithm>

namespace mp {
namespace {

/// Begins at the log's beginning with nothing finished.
ledger_start anew(const std::string& topic_id, const log_extent& log) {
  return {.offset = std::max<std::int64_t>(log.begin, 0), .known = {.topic_id = topic_id}, .commit_at_once = true};
}

bool differ(const std::string& a, const std::string& b) { return !a.empty() && !b.empty() && a != b; }
bool are_the_same(const std::string& a, const std::string& b) { return !a.empty() && a == b; }

} // namespace

log_start start_of(const position& committed, const std::string& topic_id, const log_extent& log) {
  log_start start{.expected = committed.offset,
                  .ledger = {.offset = committed.offset, .known = {.topic_id = topic_id}}};
  if (committed.offset < 0)
    return start;
  auto found = read_commit_metadata(committed.offset, committed.metadata, offset_ledger::spread_max);
  start.foreign_metadata = !found;
  auto known = found.value_or(commit_metadata{});
  if (differ(known.topic_id, topic_id)) {
    start.change = log_change::made_anew;
    start.ledger = anew(topic_id, log);
    return start;
  }
  bool is_its_own = are_the_same(known.topic_id, topic_id);
  bool is_comparable = is_its_own && known.leader_epoch >= 0;
  if (!topic_id.empty())
    known.topic_id = topic_id;
  if (auto first = known.finished.lower_bound(log.end); log.end >= 0 && first != known.finished.end()) {
    known.finished.erase(first, known.finished.end());
    start.ledger.commit_at_once = true; // once the log has grown so far, a later reader could not detect it any more
  }
  if (log.end >= 0 && committed.offset > log.end) {
    start.change = is_its_own ? log_change::truncated : log_change::beyond_end;
    start.ledger = anew(topic_id, log);
    if (is_comparable) {
      start.ledger.known = std::move(known);
      start.ledger.ended_below = committed.offset;
      start.ledger.commit_at_once = false; // what is stored says more until the log is read
    }
    return start;
  }
  start.ledger.known = std::move(known);
  if (log.begin > committed.offset)
    start.change = log_change::trimmed;
  else if (is_comparable && log.begin >= 0 && committed.offset > log.begin)
    start.read_from = committed.offset - 1;
  return start;
}

log_watch::order log_watch::came(std::int64_t offset, std::int32_t leader_epoch, std::int32_t known_epoch) {
  if (proof_)
    return last_ ? compare_with_last({offset, leader_epoch})
                 : compare_with_beginning({offset, leader_epoch}, known_epoch);
  if (!moved_ || (last_ && last_->leader_epoch < 0) || (!last_ && expected_ <= begun_))
    return {};
  auto before = last_.value_or(place{begun_, known_epoch});
  if (offset <= before.offset || leader_epoch <= std::max(before.leader_epoch, proved_epoch_))
    return {};
  proof_ = {offset, leader_epoch};
  proof_errors_ = 0;
  return {false, before.offset};
}

log_watch::order log_watch::compare_with_last(place found) {
  auto proof = *std::exchange(proof_, std::nullopt);
  if (found.offset != last_->offset || found.leader_epoch != last_->leader_epoch) {
    doubted_ = found.offset;
    return {false, {}};
  }
  proved_epoch_ = proof.leader_epoch;
  return {false, found.offset + 1};
}

log_watch::order log_watch::compare_with_beginning(place found, std::int32_t known_epoch) {
  auto proof = *std::exchange(proof_, std::nullopt);
  proved_epoch_ = proof.leader_epoch;
  if (found.offset >= expected_)
    return {}; // still nothing before it
  if (found.leader_epoch <= known_epoch)
    return {false, found.offset + 1}; // of before the commit
  doubted_ = found.offset;
  return {false, {}};
}

std::optional<std::int64_t> log_watch::unreadable() {
  if (!proof_ || ++proof_errors_ < unreadable_search::errors_max)
    return std::nullopt;
  auto proof = *std::exchange(proof_, std::nullopt);
  if (!last_) {
    proved_epoch_ = proof.leader_epoch;
    return expected_;
  }
  doubted_ = last_->offset;
  return std::nullopt;
}

bool log_watch::follows(std::int64_t offset) {
  if (offset < expected_) {
    doubted_ = offset;
    return false;
  }
  if (offset > expected_ && expected_ != position::none)
    gap_ = {expected_, offset};
  expected_ = offset + 1;
  return true;
}

std::optional<log_start> log_watch::look_again(const std::string& topic_id, const log_extent& log,
                                               const offset_ledger& ledger) {
  auto gap = std::exchange(gap_, std::nullopt);
  log_start start{.expected = expected_};
  if (differ(ledger.topic_id(), topic_id)) {
    start.change = log_change::made_anew;
    start.ledger = anew(topic_id, log);
    return start;
  }
  bool is_shorter = log.end >= 0 && log.end < log.reached;
  if (doubted_ || is_shorter) {
    // Without ids it cannot be known whether it is still the same topic.
    bool is_its_own = are_the_same(ledger.topic_id(), topic_id);
    start.change = is_its_own ? log_change::truncated : log_change::made_anew;
    start.ledger = anew(topic_id, log);
    if (!is_its_own || ledger.leader_epoch() < 0)
      return start;
    // The offset that raised the doubt may lie above the place of the cut: it is where the client went on.
    start.ledger.known = {topic_id, ledger.leader_epoch(), ledger.finished_above()};
    start.ledger.ended_below = ledger.ended_below();
    start.ledger.commit_at_once = false;
    return start;
  }
  if (gap && log.begin > gap->first && log.begin <= gap->second) {
    start.change = log_change::trimmed;
    start.expected = gap->first;
    start.ledger.offset = log.begin;
    return start;
  }
  return std::nullopt;
}

} // namespace mp
