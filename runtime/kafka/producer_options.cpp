#include "runtime/kafka/producer_options.hpp"

#include "runtime/kafka/lost_brokers.hpp"

namespace mp::kafka {

std::array<std::string, 3> topics_of(const producer_options& options) {
  static_assert(static_cast<int>(destination::photo_reply) == 0 && static_cast<int>(destination::text_reply) == 1
                && static_cast<int>(destination::dead_letter) == 2);
  return {options.photo_reply_topic, options.text_reply_topic, options.dead_letter_topic};
}

property_list producer_properties(const producer_options& options) {
  return {
    {"bootstrap.servers", options.bootstrap},
    {"client.id", "models-processor"},
    {"enable.idempotence", "true"},
    {"acks", "all"},
    {"delivery.timeout.ms", "120000"},
    // Records for a topic that is not there are told of after this time instead of 30 s: they wait with us, where it
    // shows, and are tried again. A transaction would take its other records along until then.
    {"topic.metadata.propagation.max.ms", "500"},
    // Most of what this service adds to a reply's time at a low rate [kafka 15]. Measured at 200 records a second:
    // acknowledged after 0.6, 1.8, 2.8 and 5.5 ms (median) with 0, 1, 2 and 5; the processor time is the same within
    // the noise.
    {"linger.ms", "1"},
    // Bytes count payloads only, hence a limit by number for small records, which weigh about 0.6 KB more than that.
    {"queue.buffering.max.kbytes", "32768"},
    {"queue.buffering.max.messages", "10000"},
    // A dead letter may carry a whole request. The broker's own limit still decides, for batches; rd_producer and the
    // transactional producer find the record that is to blame.
    {"message.max.bytes", "16777216"},
    // Where the Java clients put a key, so that a key's records stay in one partition whoever writes them.
    {"partitioner", "murmur2_random"},
    {"reconnect.backoff.max.ms", "2000"},
    {"socket.timeout.ms", std::to_string(answer_max.count())},
    {"api.version.request.timeout.ms", std::to_string(first_answer_max.count())},
  };
}

conf_ptr producer_conf(const producer_options& options) {
  auto ours = producer_properties(options);
  ours.emplace_back("statistics.interval.ms", std::to_string(statistics_interval.count()));
  return make_conf(ours, options.properties, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_STATS);
}

} // namespace mp::kafka
