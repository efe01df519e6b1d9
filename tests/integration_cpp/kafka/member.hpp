#pragma once
// A member of the group for tests: drives a consumer_port as the reader does, in one thread, woken by nothing but its
// notifications.

#include "runtime/kafka/rd_consumer.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <vector>

namespace mp {

/// Bells of any thread, in the order in which they rang.
class notification_queue {
public:
  void notify(std::int32_t queue) {
    std::scoped_lock lock{mutex_};
    ready_.push_back(queue);
    ++count_;
    changed_.notify_one();
  }

  std::optional<std::int32_t> next(std::chrono::steady_clock::time_point deadline) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_until(lock, deadline, [this] { return !ready_.empty(); }))
      return std::nullopt;
    const auto first = ready_.front();
    ready_.pop_front();
    return first;
  }

  std::size_t count() const {
    std::scoped_lock lock{mutex_};
    return count_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::int32_t> ready_;
  std::size_t count_ = 0;
};

/// Answers assignments and revocations at once, fetches while there is demand, keeps all it got. What it committed
/// last is what it received last, unless the test commits itself.
class member {
public:
  explicit member(kafka::consumer_options options) : port(std::make_unique<kafka::rd_consumer>(std::move(options))) {
    port->open([this](std::int32_t queue) { notifications.notify(queue); });
  }

  /// Serves notifications until `done` or `limit`. Returns whether it is done.
  bool run_until(const std::function<bool()>& done, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (!done()) {
      const auto ready = notifications.next(deadline);
      if (!ready)
        return done();
      if (*ready == consumer_port::group_queue)
        serve_group();
      else
        drain(*ready);
    }
    return true;
  }

  /// The same with the reader's clock, which asks for group events without a notification too.
  bool run_ticking_until(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      run_until(done, std::chrono::milliseconds{20});
      serve_group();
    }
    return done();
  }

  /// Lets `records_max` more records through.
  void demand(std::size_t records_max) {
    credit += records_max;
    const auto waiting = more;
    for (const auto partition : waiting)
      drain(partition);
  }

  void serve_group() {
    group_event event;
    while (port->next_event(event)) {
      if (hear)
        hear(event);
      std::visit([this](auto& what) { on(what); }, event);
    }
  }

  void drain(std::int32_t partition) {
    more.erase(partition);
    std::vector<fetched_record> fetched;
    const auto end = port->fetch(partition, credit, bytes_max, fetched);
    credit -= fetched.size();
    for (auto& each : fetched)
      got.push_back(std::move(each));
    if (end == consumer_port::fetch_end::more)
      more.insert(partition);
  }

  /// Answers a revoke.
  void give_back() {
    for (const auto partition : leaving) {
      held.erase(partition);
      more.erase(partition);
    }
    port->unassign(std::exchange(leaving, {}));
  }

  /// Positions behind the last record received of each partition held.
  std::vector<position> received() const {
    std::map<std::int32_t, std::int64_t> next;
    for (const auto& each : got)
      if (held.contains(each.partition))
        next[each.partition] = std::max(next[each.partition], each.offset + 1);
    std::vector<position> positions;
    for (const auto& [partition, offset] : next)
      positions.push_back({partition, offset, {}});
    return positions;
  }

  notification_queue notifications;                      // before the port: it outlives it
  std::unique_ptr<consumer_port> port;
  std::function<void(const group_event&)> hear{}; ///< called with every event, before it is answered
  std::size_t credit = SIZE_MAX / 2;
  std::size_t bytes_max = SIZE_MAX;
  bool answer_assignments = true;
  bool answer_revokes = true;
  std::vector<std::int32_t> assigning, leaving; ///< not answered yet
  std::set<std::int32_t> held, more;
  std::vector<fetched_record> got;
  std::vector<position> loaded;          ///< at the last assignment
  std::vector<partitions_revoked> revoked;
  std::vector<commit_ended> commits;
  std::vector<lag_report> lags;
  std::vector<log_report> looks;
  std::vector<partition_unreadable> unreadable;
  std::vector<consumer_error> errors;
  std::size_t unavailable = 0;

private:
  void on(partitions_assigned& event) {
    assigning = event.partitions;
    if (answer_assignments)
      port->load_positions(assigning);
  }

  void on(positions_loaded& event) {
    if (assigning.empty())
      return;
    assigning.clear();
    loaded = event.positions;
    port->assign(event.positions);
    for (const auto& each : event.positions)
      held.insert(each.partition);
  }

  void on(positions_unavailable&) {
    ++unavailable;
    port->load_positions(assigning.empty() ? std::vector<std::int32_t>{held.begin(), held.end()} : assigning);
  }

  void on(partitions_revoked& event) {
    revoked.push_back(event);
    leaving = event.partitions;
    if (!answer_revokes)
      return;
    std::vector<position> last;
    for (const auto& each : received())
      if (std::find(leaving.begin(), leaving.end(), each.partition) != leaving.end())
        last.push_back(each);
    if (event.lost)
      give_back();
    else
      port->commit(last); // its answer gives back
  }

  void on(commit_ended& event) {
    commits.push_back(event);
    if (!leaving.empty() && answer_revokes)
      give_back();
  }

  void on(lag_report& event) { lags.push_back(event); }
  void on(log_report& event) { looks.push_back(event); }
  void on(partition_unreadable& event) { unreadable.push_back(event); }
  void on(consumer_error& event) { errors.push_back(event); }
};

/// Serves two members in turns until `done` or half a minute is over. Returns whether it is done.
inline bool run_both_until(member& one, member& other, const std::function<bool()>& done) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{30};
  while (!done() && std::chrono::steady_clock::now() < deadline) {
    one.run_until(done, std::chrono::milliseconds{10});
    other.run_until(done, std::chrono::milliseconds{10});
  }
  return done();
}

} // namespace mp
