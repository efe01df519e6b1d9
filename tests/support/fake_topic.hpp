#pragma once
// A requests topic and a consumer group in memory: a test says what the world does and looks at what was asked of it.

#include "actors/kafka_reader/consumer_port.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace mp::test {

/// Outlives the port, so a restarted reader finds it as it was left.
///
/// One member at a time: another one that joins gets its partitions when the first has left or died.
/// As strict as the real one where that shows mistakes: it notifies only when a queue was empty before, and an answer
/// to a question that was not asked, or a commit of what is not held, is an exception in the reader.
struct fake_topic {
  struct stored {
    std::int64_t offset = 0;
    std::string key;
    std::string body;
    std::vector<name_and_text> headers;
    std::int32_t leader_epoch = -1;
  };

  std::map<std::int32_t, std::vector<stored>> partitions;
  std::map<std::int32_t, position> committed;
  std::string topic_id;                                ///< empty: a broker that knows none
  std::int32_t leader_epoch = -1;                      ///< of the leader that appends
  std::map<std::int32_t, std::int64_t> begins;         ///< where logs begin that do not begin at 0
  std::map<std::int32_t, std::int64_t> markers;        ///< offsets behind the last record that hold none

  // How it behaves.
  bool assigns_by_itself = false;                      ///< a member gets all partitions as soon as it has joined
  bool closes_without_revoke = false;                  ///< as after an error that put the member out of the group
  bool hold_commits = false;                           ///< commits wait for answer_commit()
  bool hold_positions = false;                         ///< load_positions() waits for the test to answer
  bool fail_open = false;
  bool hides_logs = false;                             ///< nothing is said of begins and ends
  bool tells_ends = true;                              ///< the lag is reported now and then
  std::set<std::pair<std::int32_t, std::int64_t>>
    stuck{}; ///< partition and offset behind which nothing comes, without a word
  std::map<std::int32_t, std::vector<std::pair<std::int64_t, std::int64_t>>>
    unreadable{}; ///< per partition, first and last offset of batches
  int positions_failures = 0;                          ///< times that load_positions() will fail
  commit_result commit_answer = commit_result::done;

  // What was asked of it.
  std::vector<std::vector<position>> commits;          ///< every commit() in order
  std::vector<std::vector<std::int32_t>> assigned;     ///< every assign() in order
  std::vector<std::vector<std::int32_t>> unassigned;   ///< every unassign() in order
  std::vector<std::pair<std::int32_t, std::int64_t>> rewinds;
  int opened = 0;
  int closes = 0;
  int loads = 0;                                       ///< calls of load_positions()
  std::size_t fetched = 0;                             ///< records handed out, repeats counted
  std::size_t failed_fetches = 0;                      ///< ended by a batch that cannot be read
  std::size_t polls = 0;                               ///< calls of next_event()
  int looks = 0;                                       ///< calls of look_at_logs()

  // The member.
  std::map<std::int32_t, std::int64_t> next;           ///< read position of each partition it holds
  std::deque<group_event> events;
  std::optional<std::vector<std::int32_t>> to_assign;  ///< the group waits for assign()
  std::optional<std::vector<std::int32_t>> to_unassign; ///< the group waits for unassign()
  std::deque<std::vector<position>> held_commits;
  std::string membership = "member-1";
  std::vector<position> noted; ///< said to be committed by a transaction
  bool closing = false;
  bool closed = false;
  consumer_port::notifier notify;
  std::deque<consumer_port*> members;                  ///< the first one holds the partitions

  /// Appends a record; `gap` offsets before it are missing in the log, as after a transaction marker or compaction.
  void add(std::int32_t partition, std::string key, std::string body, std::int64_t gap = 0,
           std::vector<name_and_text> headers = {}) {
    auto& log = partitions[partition];
    auto offset = end(partition) + gap;
    markers.erase(partition);
    auto at = next.find(partition);
    bool was_empty = at != next.end() && (log.empty() || log.back().offset < at->second);
    log.push_back({offset, std::move(key), std::move(body), std::move(headers), leader_epoch});
    if (notify && was_empty)
      notify(partition);
  }

  /// One above the last offset that is taken.
  std::int64_t end(std::int32_t partition) {
    const auto& log = partitions[partition];
    auto beginning = begins.contains(partition) ? begins[partition] : 0;
    return std::max(log.empty() ? beginning : log.back().offset + 1, beginning)
           + (markers.contains(partition) ? markers[partition] : 0);
  }

  /// The markers of transactions, `count` of them, behind the last record.
  void mark(std::int32_t partition, std::int64_t count = 1) {
    markers[partition] += count;
    if (notify && next.contains(partition))
      notify(partition);
  }

  /// The log loses its end; what is appended later has a greater leader epoch. A member that stood behind the end goes
  /// on at `goes_on`, as its client resets it.
  void truncate(std::int32_t partition, std::int64_t to, std::int64_t goes_on) {
    auto& log = partitions[partition];
    std::erase_if(log, [to](const auto& each) { return each.offset >= to; });
    markers.erase(partition);
    ++leader_epoch;
    if (auto at = next.find(partition); at != next.end() && at->second > end(partition))
      at->second = goes_on;
    if (notify && next.contains(partition))
      notify(partition);
  }

  /// The topic was deleted and created again under its name, with these records in partition 0.
  void make_anew(std::string id, int records, const std::string& body) {
    topic_id = std::move(id);
    for (auto& [partition, log] : partitions)
      log.clear();
    markers.clear();
    begins.clear();
    leader_epoch = leader_epoch < 0 ? -1 : 0;
    for (int i = 0; i < records; ++i)
      add(0, "new" + std::to_string(i), body);
    for (auto& [partition, at] : next)
      if (at > end(partition))
        at = 0;
    if (notify && next.contains(0))
      notify(0);
  }

  log_report look() {
    log_report report{topic_id};
    for (const auto& [partition, log] : partitions)
      if (!hides_logs)
        report.logs.push_back(
          {partition, begins.contains(partition) ? begins[partition] : 0, std::max(end(partition), end_of(partition))});
    return report;
  }

  void happen(group_event event) {
    bool was_empty = events.empty();
    events.push_back(std::move(event));
    if (notify && was_empty)
      notify(consumer_port::group_queue);
  }

  void assign(std::vector<std::int32_t> which) { happen(partitions_assigned{std::move(which)}); }
  void revoke(std::vector<std::int32_t> which) { happen(partitions_revoked{std::move(which), false}); }
  void lose(std::vector<std::int32_t> which) { happen(partitions_revoked{std::move(which), true}); }

  /// Answers the oldest commit that is held back.
  void answer_commit(commit_result result = commit_result::done) {
    if (held_commits.empty())
      throw std::logic_error("no commit waits for an answer");
    auto positions = std::move(held_commits.front());
    held_commits.pop_front();
    end_commit(positions, result);
  }

  void end_commit(const std::vector<position>& positions, commit_result result) {
    commit_ended end{{}, result, result == commit_result::done ? "" : "refused"};
    for (const auto& each : positions) {
      end.partitions.push_back(each.partition);
      if (result == commit_result::done)
        committed[each.partition] = each;
    }
    happen(std::move(end));
  }

  std::int64_t committed_offset(std::int32_t partition) const {
    auto i = committed.find(partition);
    return i == committed.end() ? position::none : i->second.offset;
  }

  std::int64_t end_of(std::int32_t partition) const {
    const auto& log = partitions.at(partition);
    auto end = log.empty() ? 0 : log.back().offset + 1;
    if (auto bad = unreadable.find(partition); bad != unreadable.end())
      for (const auto& [first, last] : bad->second)
        end = std::max(end, last + 1);
    return end;
  }

  lag_report lags() const {
    lag_report report;
    for (const auto& [partition, at] : next)
      report.lags.push_back({partition, end_of(partition) - std::max<std::int64_t>(committed_offset(partition), 0),
                             end_of(partition) - at});
    return report;
  }

  /// The batch that cannot be read and holds the offset, or null.
  const std::pair<std::int64_t, std::int64_t>* bad_batch_at(std::int32_t partition, std::int64_t offset) const {
    auto bad = unreadable.find(partition);
    if (bad == unreadable.end())
      return nullptr;
    for (const auto& each : bad->second)
      if (offset >= each.first && offset <= each.second)
        return &each;
    return nullptr;
  }

  std::vector<std::int32_t> held() const {
    std::vector<std::int32_t> which;
    for (const auto& [partition, at] : next)
      which.push_back(partition);
    return which;
  }

  void member_is_gone() {
    notify = nullptr;
    next.clear();
    events.clear();
    to_assign.reset();
    to_unassign.reset();
    held_commits.clear();
  }
};

class fake_consumer final : public consumer_port {
public:
  explicit fake_consumer(std::shared_ptr<fake_topic> topic) : topic_(std::move(topic)) {}
  ~fake_consumer() override { leave(); }

  void open(notifier notify) override {
    if (topic_->fail_open)
      throw std::runtime_error("no client");
    ++topic_->opened;
    notify_ = std::move(notify);
    topic_->members.push_back(this);
    if (holds())
      join();
  }

  bool next_event(group_event& event) override {
    ++topic_->polls;
    if (holds() && topic_->events.empty() && topic_->tells_ends && topic_->polls % 50 == 0)
      topic_->events.push_back(topic_->lags());
    if (!holds() || topic_->events.empty())
      return false;
    event = std::move(topic_->events.front());
    topic_->events.pop_front();
    if (auto* given = std::get_if<partitions_assigned>(&event)) {
      topic_->to_assign = given->partitions;
    } else if (auto* taken = std::get_if<partitions_revoked>(&event)) {
      topic_->to_assign.reset();
      topic_->to_unassign = taken->partitions;
    } else if (auto* failed = std::get_if<partition_unreadable>(&event);
               failed && topic_->next.contains(failed->partition)) {
      topic_->notify(failed->partition); // the client tries again
    }
    return true;
  }

  fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                  std::vector<fetched_record>& records) override {
    check(holds(), "fetch() by a member that holds nothing");
    const auto& log = topic_->partitions[partition];
    auto& at = topic_->next.at(partition);
    auto i = std::lower_bound(log.begin(), log.end(), at,
                              [](const auto& each, std::int64_t offset) { return each.offset < offset; });
    for (std::size_t count = 0, bytes = 0;; ++i, ++count) {
      if (const auto* bad = next_bad_batch(partition, at, i == log.end() ? INT64_MAX : i->offset)) {
        ++topic_->failed_fetches;
        topic_->happen(partition_unreadable{partition, {bad->first, topic_->end_of(partition), "_BAD_COMPRESSION"}});
        return fetch_end::drained;
      }
      if (i == log.end() || topic_->stuck.contains({partition, i->offset}))
        return fetch_end::drained;
      if (count == records_max || bytes >= bytes_max)
        return fetch_end::more;
      records.push_back({partition, i->offset, i->key, std::make_shared<const std::string>(i->body), i->headers, -1, 0,
                         i->leader_epoch});
      bytes += i->key.size() + i->body.size();
      for (const auto& [name, value] : i->headers)
        bytes += name.size() + value.size();
      at = i->offset + 1;
      ++topic_->fetched;
    }
  }

  void load_positions(const std::vector<std::int32_t>& partitions) override {
    ++topic_->loads;
    if (topic_->hold_positions)
      return;
    if (topic_->positions_failures > 0) {
      --topic_->positions_failures;
      topic_->happen(positions_unavailable{"away"});
      return;
    }
    positions_loaded loaded;
    for (auto each : partitions)
      loaded.positions.push_back(topic_->committed.contains(each) ? topic_->committed[each]
                                                                  : position{each, position::none, {}});
    loaded.logs = topic_->look();
    topic_->happen(std::move(loaded));
  }

  void look_at_logs() override {
    ++topic_->looks;
    topic_->happen(topic_->look());
  }

  std::int64_t passed(std::int32_t partition) const override {
    auto at = topic_->next.find(partition);
    return at == topic_->next.end() || topic_->markers.empty() ? position::none : topic_->end(partition);
  }

  void assign(const std::vector<position>& positions) override {
    std::vector<std::int32_t> which;
    for (const auto& each : positions)
      which.push_back(each.partition);
    check(topic_->to_assign == which, "assign() of something else than what the group gave");
    topic_->to_assign.reset();
    for (const auto& each : positions) {
      topic_->next[each.partition] =
        std::max<std::int64_t>(each.read_from == position::none ? each.offset : each.read_from, 0);
      topic_->notify(each.partition);
    }
    topic_->assigned.push_back(std::move(which));
  }

  void rewind(std::int32_t partition, std::int64_t offset) override {
    topic_->next.at(partition) = offset;
    drop_unreadable(topic_->events, partition);
    topic_->rewinds.emplace_back(partition, offset);
    topic_->notify(partition);
  }

  void unassign(const std::vector<std::int32_t>& partitions) override {
    check(topic_->to_unassign == partitions, "unassign() of something else than what the group wants back");
    topic_->to_unassign.reset();
    topic_->unassigned.push_back(partitions);
    for (auto each : partitions)
      topic_->next.erase(each);
    if (topic_->closing)
      go_on_closing();
  }

  void commit(const std::vector<position>& positions) override {
    check(holds(), "commit by a member that holds nothing");
    for (const auto& each : positions) {
      check(topic_->next.contains(each.partition), "commit of a partition that is not held");
      check(each.offset >= 0, "commit of no offset");
    }
    topic_->commits.push_back(positions);
    if (topic_->hold_commits)
      topic_->held_commits.push_back(positions);
    else
      topic_->end_commit(positions, topic_->commit_answer);
  }

  void committed(const std::vector<position>& positions) override {
    for (const auto& each : positions)
      topic_->noted.push_back(each);
  }

  std::string membership() const override { return topic_->membership; }

  void close() override {
    ++topic_->closes;
    if (!holds()) {
      leave();
      return;
    }
    topic_->closing = true;
    // While the group waits for an answer no second rebalance begins [kafka 4].
    if (!topic_->to_unassign)
      go_on_closing();
  }

  bool closed() const override { return closed_; }

private:
  static void check(bool holds, const char* what) {
    if (!holds)
      throw std::logic_error(what);
  }

  /// The first batch that cannot be read and ends at or above `at`, if it comes before the next record.
  const std::pair<std::int64_t, std::int64_t>* next_bad_batch(std::int32_t partition, std::int64_t at,
                                                              std::int64_t record) const {
    for (auto offset = at; offset < std::min(record, topic_->end_of(partition)); ++offset)
      if (const auto* bad = topic_->bad_batch_at(partition, offset))
        return bad;
    return nullptr;
  }

  bool holds() const { return !topic_->members.empty() && topic_->members.front() == this; }

  void join() {
    topic_->closing = topic_->closed = false;
    topic_->notify = notify_;
    if (!topic_->assigns_by_itself)
      return;
    std::vector<std::int32_t> all;
    for (const auto& [partition, log] : topic_->partitions)
      all.push_back(partition);
    topic_->assign(std::move(all));
  }

  void leave() {
    closed_ = true;
    if (holds()) {
      topic_->member_is_gone();
      topic_->members.pop_front();
      if (!topic_->members.empty())
        static_cast<fake_consumer*>(topic_->members.front())->join();
    } else {
      std::erase(topic_->members, this);
    }
  }

  void go_on_closing() {
    if (topic_->next.empty() || topic_->closes_without_revoke) {
      topic_->closed = true;
      leave();
      notify_(group_queue);
    } else {
      topic_->revoke(topic_->held());
    }
  }

  std::shared_ptr<fake_topic> topic_;
  notifier notify_;
  bool closed_ = false;
};

} // namespace mp::test
