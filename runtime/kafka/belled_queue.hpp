#pragma once
// A librdkafka queue that wakes its owner.

#include "runtime/kafka/rd_handle.hpp"

#include <atomic>
#include <functional>
#include <utility>

namespace mp::rd {

/// librdkafka rings when the length of a queue goes from 0 to 1 and not again before it was 0 once more
/// [kafka 1]. So the owner polls until nothing comes, or remembers that it stopped before. After the
/// destructor no ring can be under way.
class belled_queue {
public:
  /// `ring` is called on librdkafka's threads with the queue's lock held: it must only send a message, and must not
  /// throw.
  belled_queue(queue_ptr queue, std::function<void()> ring) : queue_(std::move(queue)), ring_(std::move(ring)) {
    rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* self) { static_cast<belled_queue*>(self)->ring(); }, this);
  }

  belled_queue(const belled_queue&) = delete;
  belled_queue& operator=(const belled_queue&) = delete;

  /// Takes the lock that a ring under way holds.
  ~belled_queue() { rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr); }

  rd_kafka_queue_t* get() const noexcept { return queue_.get(); }

  /// Rings unless a ring is already on its way: for what lies in the queue since before the bell, and for what lies
  /// elsewhere.
  void ring() noexcept {
    if (!rung_.exchange(true))
      ring_();
  }

  /// Before the first poll of every series: a change after it rings again. The other way round a wake-up could be lost.
  void lower() noexcept { rung_ = false; }

  /// The next event, or null. Takes no time.
  event_ptr poll() const noexcept { return event_ptr{rd_kafka_queue_poll(queue_.get(), 0)}; }

private:
  queue_ptr queue_;
  std::function<void()> ring_;
  std::atomic<bool> rung_{false};
};

} // namespace mp::rd
