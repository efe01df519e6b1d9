#pragma once
// What a consumer has read ahead of one partition.

#include "tests/simulation/sim_kafka/broker.hpp"

#include <cstddef>
#include <functional>
#include <memory>

namespace mp::sim {

/// The client's own queue of an assigned partition, filled in the background.
class partition_queue : public std::enable_shared_from_this<partition_queue> {
public:
  /// `ring` is called when the queue turns from empty to not empty.
  partition_queue(broker& kafka, connection_ptr line, std::int32_t partition, std::function<void()> ring)
      : kafka_(kafka), line_(std::move(line)), partition_(partition), ring_(std::move(ring)) {}

  void start(std::int64_t offset) {
    next_ = ahead_ = kafka_.requests.find(partition_, offset);
    ++version_;
    asking_ = failing_ = false;
    ask();
  }

  void stop() { ++version_, asking_ = true; }

  bool empty() const { return failing_ || next_ == ahead_; }

  /// Records that the client has not taken yet.
  std::int64_t unread() const { return static_cast<std::int64_t>(kafka_.requests.log(partition_).size() - next_); }

  /// The oldest record, which stays; there must be one.
  const requests_topic::stored& front() const { return kafka_.requests.log(partition_)[next_]; }

  /// The oldest record could not be read: the client tries again after a while.
  void fail() {
    failing_ = true;
    kafka_.world.time.after(kafka_.limits.fetch_backoff, [weak = weak_from_this(), version = version_] {
      auto self = weak.lock();
      if (!self || version != self->version_)
        return;
      self->failing_ = false;
      self->ring_();
    });
  }

  /// The oldest record; there must be one.
  const requests_topic::stored& take() {
    const auto& oldest = kafka_.requests.log(partition_)[next_++];
    ask();
    return oldest;
  }

private:
  void ask() {
    if (asking_ || ahead_ - next_ > kafka_.limits.fetch_records / 2)
      return;
    asking_ = true;
    kafka_.net.to_broker(line_, [self = shared_from_this(), version = version_] { self->serve(version); });
  }

  // At the broker.
  void serve(unsigned version) {
    if (version != version_ || !line_->open)
      return;
    if (ahead_ < kafka_.requests.log(partition_).size()) {
      kafka_.net.to_client(line_, [self = shared_from_this(), version] { self->arrived(version); });
      return;
    }
    kafka_.requests.wait(partition_, [weak = weak_from_this(), version] {
      if (auto self = weak.lock())
        self->serve(version);
    });
  }

  void arrived(unsigned version) {
    if (version != version_)
      return;
    bool was_empty = empty();
    ahead_ = std::min(kafka_.requests.log(partition_).size(), ahead_ + kafka_.limits.fetch_records / 2 + 1);
    asking_ = false;
    ask();
    if (was_empty)
      ring_();
  }

  broker& kafka_;
  connection_ptr line_;
  std::int32_t partition_;
  std::function<void()> ring_;
  std::size_t next_ = 0;   ///< index in the log of what the client takes next
  std::size_t ahead_ = 0;  ///< those before it are in the client's queue
  unsigned version_ = 0;   ///< answers to questions of before the last start are dropped
  bool asking_ = false;
  bool failing_ = false;   ///< waits before it tries again
};

} // namespace mp::sim
