#pragma once
// What a consumer has read ahead of one partition.

#include "tests/simulation/sim_kafka/broker.hpp"

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace mp::sim {

/// The client's own queue of an assigned partition, filled in the background. Where the log has not got the position
/// any more it goes on as librdkafka does: at the log's beginning, or, when it can compare leader epochs, where the log
/// was cut off.
class partition_queue : public std::enable_shared_from_this<partition_queue> {
public:
  using stored = requests_topic::stored;

  /// `notify` is called when the queue turns from empty to not empty.
  partition_queue(broker& kafka, connection_ptr line, std::int32_t partition, std::function<void()> notify)
    : kafka_(kafka), line_(std::move(line)), partition_(partition), notify_(std::move(notify)) {}

  void start(std::int64_t offset) {
    waiting_.clear();
    fetch_at_ = std::max<std::int64_t>(offset, 0);
    reached_ = offset;
    passed_ = position::none;
    told_end_ = position::none;
    fetched_epoch_ = taken_epoch_ = -1;
    ++version_;
    ++asked_;
    asking_ = failing_ = false;
    ask();
  }

  void stop() { ++version_, ++asked_, asking_ = true; }

  bool empty() const { return failing_ || waiting_.empty(); }

  /// Records that the client has not taken yet.
  std::int64_t unread() const {
    const auto& log = kafka_.requests.log(partition_);
    return static_cast<std::int64_t>(waiting_.size() + log.size() - kafka_.requests.find(partition_, fetch_at_));
  }

  /// The oldest record, which stays; there must be one.
  const stored& front() const { return waiting_.front(); }

  /// The oldest record could not be read: after a while the client fetches it again, from behind the record before it.
  void fail() {
    failing_ = asking_ = true;
    fetch_at_ = waiting_.front().record.offset;
    fetched_epoch_ = taken_epoch_;
    waiting_.clear();
    passed_ = told_end_ = position::none;
    kafka_.world.time.after(kafka_.limits.fetch_backoff, [weak = weak_from_this(), number = ++asked_] {
      auto self = weak.lock();
      if (!self || number != self->asked_)
        return;
      self->failing_ = self->asking_ = false;
      self->ask();
    });
  }

  /// The oldest record; there must be one.
  stored take() {
    auto oldest = std::move(waiting_.front());
    waiting_.pop_front();
    reached_ = oldest.record.offset + 1;
    taken_epoch_ = oldest.record.leader_epoch;
    ask();
    return oldest;
  }

  /// Below this all was given out; none: not known.
  std::int64_t passed() const { return waiting_.empty() ? passed_ : position::none; }

  /// One above the record given out last, or where it was started.
  std::int64_t reached() const { return std::max(reached_, passed()); }

  /// The log's end as the last fetch has told it.
  std::int64_t fetched_end() const { return fetched_end_; }

  /// Counts starts.
  unsigned version() const { return version_; }

private:
  void ask() {
    if (asking_ || waiting_.size() > kafka_.limits.fetch_records / 2)
      return;
    asking_ = true;
    kafka_.net.to_broker(line_, [self = shared_from_this(), number = ++asked_] { self->serve(number); });
  }

  // At the broker.
  void serve(unsigned number) {
    if (number != asked_ || !line_->open)
      return;
    auto& requests = kafka_.requests;
    auto from = fetched_epoch_ < 0 ? fetch_at_ : requests.validated(partition_, fetched_epoch_, fetch_at_);
    if (from > requests.end(partition_) || from < requests.begin(partition_))
      from = requests.begin(partition_);
    const auto& log = requests.log(partition_);
    auto first = requests.find(partition_, from);
    std::vector<stored> batch;
    for (auto i = first; i < log.size() && batch.size() <= kafka_.limits.fetch_records / 2; ++i)
      batch.push_back(log[i]);
    auto end = requests.end(partition_);
    if (!batch.empty() || told_end_ != end) {
      auto next = batch.empty() ? end : batch.back().record.offset + 1;
      kafka_.net.to_client(line_, [self = shared_from_this(), number, next, end, batch = std::move(batch),
                                   epoch = requests.leader_epoch(partition_)]() mutable {
        self->fetched_end_ = end;
        self->arrived(number, std::move(batch), next, epoch);
      });
      return;
    }
    requests.wait(partition_, [weak = weak_from_this(), number] {
      if (auto self = weak.lock())
        self->serve(number);
    });
  }

  void arrived(unsigned number, std::vector<stored> batch, std::int64_t next, std::int32_t leader_epoch) {
    if (number != asked_)
      return;
    bool was_empty = empty();
    if (batch.empty() && next > fetch_at_) { // passes over markers of transactions, which have an epoch as well
      fetched_epoch_ = leader_epoch;
      if (was_empty)
        taken_epoch_ = leader_epoch;
    }
    fetch_at_ = next;
    if (!batch.empty()) {
      fetched_epoch_ = batch.back().record.leader_epoch;
    } else { // the log's end
      told_end_ = next;
      if (next >= reached_)
        passed_ = next;
    }
    for (auto& each : batch)
      waiting_.push_back(std::move(each));
    asking_ = false;
    ask();
    if (was_empty)
      notify_();
  }

  broker& kafka_;
  connection_ptr line_;
  std::int32_t partition_;
  std::function<void()> notify_;
  std::deque<stored> waiting_;
  std::int64_t fetch_at_ = 0;
  std::int64_t reached_ = position::none;
  std::int64_t passed_ = position::none;
  std::int64_t told_end_ = position::none;
  std::int64_t fetched_end_ = position::none;
  std::int32_t fetched_epoch_ =
    -1; ///< of the record before fetch_at_, which tells where its log was cut; -1: not known
  std::int32_t taken_epoch_ = -1; ///< of the record that was taken last
  unsigned version_ = 0;
  unsigned asked_ = 0; ///< number of the last fetch; what comes of earlier ones is dropped
  bool asking_ = false;
  bool failing_ = false; ///< waits before it tries again
};

} // namespace mp::sim
