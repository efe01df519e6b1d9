#pragma once
// A librdkafka queue that wakes its owner.

#include "runtime/kafka/rd_handle.hpp"

#include <atomic>
#include <functional>
#include <utility>

namespace mp::kafka {

/// librdkafka notifies when the length of a queue goes from 0 to 1 and not again before it was 0 once more
/// [kafka 1]. So the owner polls until nothing comes, or remembers that it stopped before. After the
/// destructor no notification can be under way.
class notifying_queue {
public:
  /// `notify` is called on librdkafka's threads with the queue's lock held: it must only send a message, and must not
  /// throw.
  notifying_queue(queue_ptr queue, std::function<void()> notify)
    : queue_(std::move(queue)), notify_(std::move(notify)) {
    rd_kafka_queue_cb_event_enable(
      queue_.get(), [](rd_kafka_t*, void* self) { static_cast<notifying_queue*>(self)->notify(); }, this);
  }

  notifying_queue(const notifying_queue&) = delete;
  notifying_queue& operator=(const notifying_queue&) = delete;

  /// Takes the lock that a notification under way holds.
  ~notifying_queue() { rd_kafka_queue_cb_event_enable(queue_.get(), nullptr, nullptr); }

  rd_kafka_queue_t* get() const noexcept { return queue_.get(); }

  /// Notifies unless a notification is already on its way: for what lies in the queue since before the callback was
  /// set, and for what lies elsewhere.
  void notify() noexcept {
    if (!notified_.exchange(true))
      notify_();
  }

  /// Before the first poll of every series: a change after it notifies again. The other way round a wake-up could be
  /// lost.
  void rearm() noexcept { notified_ = false; }

  /// The next event, or null. Takes no time.
  event_ptr poll() const noexcept { return event_ptr{rd_kafka_queue_poll(queue_.get(), 0)}; }

private:
  queue_ptr queue_;
  std::function<void()> notify_;
  std::atomic<bool> notified_{false};
};

} // namespace mp::kafka
