#pragma once
// Replies and offsets that are published together (DELIVERY=exactly-once), and how that ended.

#include "messages/delivery.hpp"
#include "messages/outgoing.hpp"
#include "messages/position.hpp"

#include <cstddef>
#include <cstdint>
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
  unclear, ///< the port does not know, or is broken: it has to be replaced, and the committed positions have to be read
           ///< back
};

/// The port may be used: whatever its predecessor of the same transactional.id had begun is committed or aborted by
/// now, and that predecessor is fenced.
struct transactions_ready {};

/// A record for which a transaction was aborted. Kafka refuses batches: of too_large, invalid and rejected the others
/// of the same transaction that are named may be innocent. topic_refuses holds for its topic.
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

} // namespace mp
