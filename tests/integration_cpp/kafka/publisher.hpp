#pragma once
// Drives a transaction_port as the producer does.

#include "runtime/kafka/rd_transactions.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

namespace mp {

/// Events of a port's thread, in the order in which they were told.
class told_events {
public:
  void put(transaction_event event) {
    std::scoped_lock lock{mutex_};
    events_.push_back(std::move(event));
    ++count_;
    changed_.notify_one();
  }

  std::optional<transaction_event> next(std::chrono::milliseconds limit) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, limit, [this] { return !events_.empty(); }))
      return std::nullopt;
    auto first = std::move(events_.front());
    events_.pop_front();
    return first;
  }

  std::size_t count() const {
    std::scoped_lock lock{mutex_};
    return count_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<transaction_event> events_;
  std::size_t count_ = 0;
};

struct publisher {
  explicit publisher(kafka::transaction_options options)
    : port(std::make_unique<kafka::rd_transactions>(std::move(options))) {
    port->open([this](transaction_event event) { events.put(std::move(event)); });
  }

  bool wait_ready(std::chrono::milliseconds limit = std::chrono::seconds{20}) {
    const auto event = events.next(limit);
    return event && std::holds_alternative<transactions_ready>(*event);
  }

  /// The outcome of a transaction, or of the port; nothing within half a minute is a hang.
  std::optional<transaction_outcome> outcome(std::chrono::milliseconds limit = std::chrono::seconds{30}) {
    const auto event = events.next(limit);
    if (!event || !std::holds_alternative<transaction_outcome>(*event))
      return std::nullopt;
    return std::get<transaction_outcome>(*event);
  }

  std::optional<transaction_outcome> run(transaction what) {
    port->run(std::move(what));
    return outcome();
  }

  told_events events; // before the port: it outlives it
  std::unique_ptr<transaction_port> port;
};

} // namespace mp
