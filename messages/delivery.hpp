#pragma once
// What became of a record that was given to the producer.

#include <cstdint>
#include <string>

namespace mp {

/// What became of a record. What says that the record itself is refused holds for it alone: Kafka refuses batches, so a
/// port believes it only of a record that was sent without any other.
enum class delivery_result : std::uint8_t {
  acknowledged, ///< by all in-sync replicas
  too_large, ///< the topic refuses its size
  invalid, ///< the topic refuses this record for good; a compacted topic one without a key, for example
  rejected, ///< refused for good, for a reason that may be the record's or the topic's
  topic_refuses, ///< the topic takes nothing from this service: no right to write, no such topic, its configuration
  failed, ///< not acknowledged; whether it was stored is unknown
  withdrawn, ///< not sent, because another record of the same request was not taken (exactly-once)
};

struct delivery {
  std::uint64_t token = 0;
  delivery_result result = delivery_result::acknowledged;
  std::string code{}; ///< why not, as Kafka calls it, for example TOPIC_AUTHORIZATION_FAILED; empty when acknowledged
};

} // namespace mp
