#pragma once
// Reads the requests topic under demand, keeps the offset ledger, commits.

#include "actors/actor_directory.hpp"
#include "actors/kafka_reader/consumer_port.hpp"
#include "actors/kafka_reader/stall_watch.hpp"
#include "actors/mailbox_bound.hpp"
#include "actors/telemetry/metrics.hpp"
#include "messages/interfaces.hpp"
#include "messages/wire/request_json.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

namespace mp {

struct reader_config {
  consumer_factory make_port;
  std::function<std::uint32_t()> next_assignment; ///< unique in this process, also over restarts of the reader
  decode_options decode;
  std::optional<std::chrono::milliseconds>
    request_max_age{}; ///< REQUEST_MAX_AGE, from the record's time; none: any age
  std::chrono::milliseconds commit_interval{100};
  bool transactional = false; ///< DELIVERY=exactly-once: offsets are committed by the producer's transactions only
  std::chrono::milliseconds rebalance_grace{
    2000}; ///< longest wait for requests in flight when partitions are taken away
  std::shared_ptr<actor_directory> directory;
  std::shared_ptr<mp::metrics> metrics;
  std::shared_ptr<replacement_pace> replacements =
    std::make_shared<replacement_pace>(); ///< of clients that bring nothing
  std::size_t mailbox_bound =
    mailbox_unbounded; ///< of service_tree, without the notifications of partitions; see mailbox_bound.hpp
};

/// Started by intake. Owns its consumer_port and with it the membership in the consumer group.
/// Crashes when the port is broken for good; its successor reads on from what was committed, and the dispatcher
/// recognises the requests it still holds. On an exit message it commits, leaves the group and ends; until then the
/// group keeps its partitions.
caf::strong_actor_ptr spawn_kafka_reader(caf::local_actor* parent, reader_config config);

} // namespace mp
