#include "runtime/kafka/producer_options.hpp"

namespace mp {

std::array<std::string, 3> topics_of(const producer_options& options) {
  static_assert(static_cast<int>(destination::photo_reply) == 0 && static_cast<int>(destination::text_reply) == 1
                && static_cast<int>(destination::dead_letter) == 2);
  return {options.photo_reply_topic, options.text_reply_topic, options.dead_letter_topic};
}

rd::conf_ptr producer_conf(const producer_options& options) {
  const rd::property_list ours{
    {"bootstrap.servers", options.bootstrap},
    {"client.id", "models-processor"},
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"delivery.timeout.ms", "120000"},
    // Most of the latency that this service adds at a low rate; see peers.md 5.
    {"linger.ms", "1"},
    {"queue.buffering.max.kbytes", "32768"},
    // A dead letter may carry a whole request. The broker's own limit still decides; a record above it fails alone, because a
    // batch is closed before it exceeds batch.size.
    {"message.max.bytes", "16777216"},
    // Where the Java clients put a key, so that a key's records stay in one partition whoever writes them.
    {"partitioner", "murmur2_random"},
    {"reconnect.backoff.max.ms", "2000"},
  };
  return rd::make_conf(ours, options.properties, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
}

} // namespace mp
