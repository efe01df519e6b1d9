#pragma once
// What the producer needs of Kafka. runtime/kafka implements it over librdkafka, the tests in memory.

#include "messages/delivery.hpp"
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

/// An idempotent producer. Nothing in it blocks. All calls come from one actor, one at a time.
class producer_port {
public:
  /// Rings when deliveries may be waiting, once per change from none to some. Any thread; must only send a message.
  using notifier = std::function<void()>;

  /// Never blocks.
  virtual ~producer_port() = default;

  /// Throws std::runtime_error when the client cannot be created.
  virtual void open(notifier notify) = 0;

  /// Queues a record; `token` comes back in its delivery. The record is copied.
  virtual send_result send(const outgoing& record, std::uint64_t token) = 0;

  /// Appends all deliveries that are waiting. False: the client is broken for good and has to be replaced, `reason`
  /// says why.
  virtual bool poll(std::vector<delivery>& deliveries, std::string& reason) = 0;
};

using producer_factory = std::function<std::unique_ptr<producer_port>()>;

} // namespace mp
