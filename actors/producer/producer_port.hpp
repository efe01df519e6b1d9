#pragma once
// What the producer needs of Kafka. runtime/kafka implements it over librdkafka, the tests in memory.

#include "messages/outgoing.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mp {

enum class send_result : std::uint8_t {
  accepted,  ///< a delivery with its token will follow
  full,      ///< the queue is full; try again after the next deliveries
  too_large, ///< the record can never be sent
  failed,    ///< this port can send nothing any more and has to be replaced
};

/// What became of a record. What says that the record itself is refused holds for it alone: Kafka refuses batches, so a port believes it
/// only of a record that was sent without any other.
enum class delivery_result : std::uint8_t {
  acknowledged,  ///< by all in-sync replicas
  too_large,     ///< the topic refuses its size
  invalid,       ///< the topic refuses this record for good; a compacted topic one without a key, for example
  rejected,      ///< refused for good, for a reason that may be the record's or the topic's
  topic_refuses, ///< the topic takes nothing from this service: no right to write, no such topic, its configuration
  failed,        ///< not acknowledged; whether it was stored is unknown
  withdrawn,     ///< not sent, because another record of the same request was not taken (exactly-once)
};

struct delivery {
  std::uint64_t token = 0;
  delivery_result result = delivery_result::acknowledged;
  std::string code{}; ///< why not, as Kafka calls it, for example TOPIC_AUTHORIZATION_FAILED; empty when acknowledged
};

/// An idempotent producer. Nothing in it blocks. All calls come from one actor, one at a time.
class producer_port {
public:
  /// Rings when deliveries may be waiting, once per change from none to some. Any thread; must only send a message.
  using bell = std::function<void()>;

  /// Never blocks.
  virtual ~producer_port() = default;

  /// Throws std::runtime_error when the client cannot be created.
  virtual void open(bell ring) = 0;

  /// Queues a record; `token` comes back in its delivery. The record is copied.
  virtual send_result send(const outgoing& record, std::uint64_t token) = 0;

  /// Appends all deliveries that are waiting. False: the client is broken for good and has to be replaced, `reason` says why.
  virtual bool poll(std::vector<delivery>& deliveries, std::string& reason) = 0;
};

using producer_factory = std::function<std::unique_ptr<producer_port>()>;

} // namespace mp
