#pragma once
// What the producer needs of Kafka to publish replies and offsets together (DELIVERY=exactly-once). runtime/kafka
// implements it over librdkafka, the tests in memory.

#include "messages/transaction.hpp"

#include <functional>
#include <memory>

namespace mp {

/// A transactional producer. Nothing in it blocks: the client's transaction calls do [kafka 8], so they run on a thread
/// of the port's own, one call with a long limit each, never in slices [kafka 9]. All calls come from one actor, one at
/// a time.
class transaction_port {
public:
  /// Told from any thread; must only send a message.
  using event_callback = std::function<void(transaction_event)>;

  /// Never blocks; no event follows. A transaction under way is left to the broker: the successor's open() ends it.
  virtual ~transaction_port() = default;

  /// Starts; transactions_ready follows, however long the broker is away, or an `unclear` outcome when it cannot come
  /// (fenced, no right to it, a setting that the broker refuses); another port has to be opened then. Throws
  /// std::runtime_error when the client cannot be created.
  virtual void open(event_callback on_event) = 0;

  /// Runs one transaction; its outcome follows. There must be none running, and transactions_ready must have come.
  virtual void run(transaction what) = 0;
};

using transaction_factory = std::function<std::unique_ptr<transaction_port>()>;

} // namespace mp
