#pragma once
// What the producer needs of Kafka to publish replies and offsets together (DELIVERY=exactly-once). runtime/kafka implements it over
// librdkafka, the tests in memory.

#include "actors/kafka_reader/consumer_port.hpp"
#include "actors/producer/producer_port.hpp"
#include "messages/outgoing.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace mp {

/// What becomes visible together, or not at all.
struct transaction {
  std::vector<shared_outgoing> records;
  std::vector<position> offsets; ///< as they are once the records are published; with their metadata
  std::string membership;        ///< consumer_port::membership(), as fresh as the offsets: a stale one is refused
};

enum class transaction_result : std::uint8_t {
  committed, ///< everything is visible
  aborted,   ///< nothing is visible nor ever will be; the port takes the next transaction
  unclear,   ///< the port does not know, or is broken: it has to be replaced, and the committed positions have to be read back
};

/// The port may be used: whatever its predecessor of the same transactional.id had begun is committed or aborted by now, and that
/// predecessor is fenced.
struct transactions_ready {};

/// A record for which a transaction was aborted. Kafka refuses batches: of too_large, invalid and rejected the others of the same
/// transaction that are named may be innocent. topic_refuses holds for its topic.
struct refused_record {
  std::size_t index = 0; ///< in transaction::records
  delivery_result result = delivery_result::failed;
  std::string code;
};

/// The end of a transaction, or (`unclear`) of the port.
struct transaction_outcome {
  transaction_result result = transaction_result::unclear;
  std::string reason; ///< the client's words, for the log; empty when committed
  std::vector<refused_record> refused{}; ///< of `aborted`: those that may be the cause; none: it was not about a record
};

using transaction_event = std::variant<transactions_ready, transaction_outcome>;

/// A transactional producer. Nothing in it blocks: the client's transaction calls do [kafka 8], so they run on a thread of
/// the port's own, one call with a long limit each, never in slices [kafka 9]. All calls come from one actor, one at a time.
class transaction_port {
public:
  /// Told from any thread; must only send a message.
  using teller = std::function<void(transaction_event)>;

  /// Never blocks; no event follows. A transaction under way is left to the broker: the successor's open() ends it.
  virtual ~transaction_port() = default;

  /// Starts; transactions_ready follows, however long the broker is away, or an `unclear` outcome when it cannot come (fenced,
  /// no right to it, a setting that the broker refuses); another port has to be opened then. Throws std::runtime_error when the client cannot be created.
  virtual void open(teller tell) = 0;

  /// Runs one transaction; its outcome follows. There must be none running, and transactions_ready must have come.
  virtual void run(transaction what) = 0;
};

using transaction_factory = std::function<std::unique_ptr<transaction_port>()>;

} // namespace mp
