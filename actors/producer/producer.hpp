#pragma once
// Publishes records and reports what the broker said.

#include "actors/actor_directory.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/producer/producer_port.hpp"
#include "actors/producer/transaction_port.hpp"
#include "messages/interfaces.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace mp {

struct producer_config {
  producer_factory make_port;
  std::uint32_t window = 512; ///< records under way at most; several round trips of a fast broker
  std::shared_ptr<actor_directory> directory;
  std::size_t mailbox_bound = mailbox_unbounded; ///< of service_tree, see mailbox_bound.hpp

  // DELIVERY=exactly-once:
  transaction_factory make_transactions{};                ///< when set, used instead of make_port
  std::chrono::milliseconds transaction_interval{
    100};    ///< between the starts of two transactions, unless one is full before
  std::size_t transaction_records_max = 100;
  /// A transaction that has not ended by then is taken for unclear. librdkafka 2.14's send_offsets_to_transaction never
  /// returns when the coordinator's broker dies at the wrong moment (confluentinc/librdkafka#5456), whatever its time
  /// limit.
  std::chrono::milliseconds transaction_limit{2'500};
};

/// Started by outbound. Owns its port. Records that it has taken outlive the dispatcher that sent them; their ends are
/// reported to the reader directly and to the present dispatcher.
///
/// At-least-once: crashes when the port is broken for good; the dispatcher then sends everything that was not
/// acknowledged to the successor. Exactly-once: replies, error replies, dead letters and the offsets that they finish
/// become visible in one transaction; after an unclear outcome the port is replaced, the reader reads back what is
/// committed, and only what is not is published again.
caf::strong_actor_ptr spawn_producer(caf::local_actor* parent, producer_config config);

/// The one for exactly-once; spawn_producer() decides.
caf::strong_actor_ptr spawn_transactional_producer(caf::local_actor* parent, producer_config config);

} // namespace mp
