#include "runtime/kafka/kafka_client.hpp"

#include "actors/telemetry/kafka_advice.hpp"
#include "runtime/kafka/rd_records.hpp"

#include <utility>

namespace mp::kafka {

namespace {

/// How long one blocking call may last before the other client is looked at.
constexpr std::chrono::milliseconds turn{50};

/// A broker that creates topics by itself needs a moment for it.
constexpr std::chrono::seconds creation_time_max{2};

conf_ptr reply_reader_conf(const client_options& options) {
  const property_list ours{
    {"bootstrap.servers", options.bootstrap},
    {"client.id", "models-processor-client"},
    {"enable.auto.commit", "false"},
    {"isolation.level", "read_committed"},
    {"fetch.wait.max.ms", "50"},            // the embedded broker waits that long before it gives out a reply
    {"fetch.queue.backoff.ms", "10"},
    {"allow.auto.create.topics", "true"},   // as the service's producer, which writes them
  };
  return make_conf(ours, options.properties, RD_KAFKA_EVENT_ERROR);
}

/// All destinations are the request topic here. Not idempotent: that takes half a second more before the first
/// record, and a question that a lost acknowledgement stores twice is only answered twice.
producer_options producer_to(const client_options& options) {
  producer_options to;
  to.bootstrap = options.bootstrap;
  to.photo_reply_topic = to.text_reply_topic = to.dead_letter_topic = options.request_topic;
  to.properties = options.properties;
  to.properties.emplace_back("enable.idempotence", "false");
  return to;
}

} // namespace

kafka_client::kafka_client(const client_options& options, std::chrono::milliseconds limit)
  : producer_(producer_to(options)), handle_(make_handle(RD_KAFKA_CONSUMER, reply_reader_conf(options))),
    replies_(rd_kafka_queue_new(handle_.get())) {
  producer_.open([] {}); // polled in turns
  const time_limit time{limit};
  for (const auto& topic : options.reply_topics)
    start_reading(topic, time);
}

kafka_client::~kafka_client() {
  for (const auto& each : readers_)
    rd_kafka_consume_stop(each.topic.get(), each.partition);
}

std::runtime_error kafka_client::unusable(const std::string& topic, const std::string& otherwise) {
  errors_.drain(handle_.get());
  return std::runtime_error("Kafka topic " + topic + ": " + (errors_.best().empty() ? otherwise : errors_.best()));
}

void kafka_client::start_reading(const std::string& name, const time_limit& time) {
  topic_ptr topic{rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr)};
  if (!topic)
    throw std::runtime_error("Kafka topic '" + name + "': not a valid name");
  const auto partitions = count_partitions(topic.get(), name, time);
  for (std::int32_t partition = 0; partition < partitions; ++partition) {
    std::int64_t begin = 0, end = 0;
    const auto code =
      rd_kafka_query_watermark_offsets(handle_.get(), name.c_str(), partition, &begin, &end, time.left());
    if (code)
      throw unusable(name, rd_kafka_err2str(code));
    // A number and not "the end": that would be looked up later, perhaps after the reply has come.
    topic_ptr own{rd_kafka_topic_new(handle_.get(), name.c_str(), nullptr)};
    if (rd_kafka_consume_start_queue(own.get(), partition, end, replies_.get()) != 0)
      throw unusable(name, rd_kafka_err2str(rd_kafka_last_error()));
    readers_.push_back({std::move(own), partition});
  }
}

int kafka_client::count_partitions(rd_kafka_topic_t* topic, const std::string& name, const time_limit& time) {
  const time_limit creation{creation_time_max};
  for (;;) {
    const rd_kafka_metadata_t* answer = nullptr;
    const auto code = rd_kafka_metadata(handle_.get(), 0, topic, &answer, time.left());
    const metadata_ptr metadata{answer};
    if (code)
      throw unusable(name, rd_kafka_err2str(code));
    const auto error = metadata->topic_cnt < 1 ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART : metadata->topics[0].err;
    if (!error && metadata->topics[0].partition_cnt > 0)
      return metadata->topics[0].partition_cnt;
    const auto is_coming =
      error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    if (!is_coming || creation.over() || time.over())
      throw unusable(name, rd_kafka_err2str(error));
    const message_ptr none{rd_kafka_consume_queue(replies_.get(), time.left(turn))};
  }
}

std::optional<client_failure> kafka_client::publish(const client_request& request, std::chrono::milliseconds limit) {
  const time_limit time{limit};
  switch (producer_.send({destination::text_reply, request.key, request.body, request.headers}, ++last_token_)) {
    case send_result::accepted: break;
    case send_result::too_large: return client_failure{"the request is larger than Kafka takes (message.max.bytes)"};
    case send_result::full:
    case send_result::failed: return client_failure{"the request could not be queued"};
  }
  asked_.insert_or_assign(request.key, std::nullopt);
  while (!time.over()) {
    std::vector<delivery> deliveries;
    std::string reason;
    const auto usable = producer_.poll(deliveries, reason);
    for (const auto& each : deliveries) {
      if (each.token != last_token_)
        continue;
      if (each.result == delivery_result::acknowledged)
        return std::nullopt;
      return client_failure{each.result == delivery_result::too_large
                              ? "the broker refuses a request of this size"
                              : "the broker did not store the request: " + with_advice(each.code)};
    }
    if (!usable)
      return client_failure{reason};
    receive(time.left(std::chrono::milliseconds{5}));
  }
  return timed_out("the broker did not acknowledge the request in time");
}

client_outcome kafka_client::wait_for(const std::string& key, std::chrono::milliseconds limit) {
  const time_limit time{limit};
  const auto asked = asked_.find(key);
  if (asked == asked_.end())
    return client_failure{"no request with this key was published"};
  while (!asked->second && !time.over())
    receive(time.left(turn));
  if (!asked->second)
    return timed_out("no reply in time");
  auto reply = std::move(*asked->second);
  asked_.erase(asked);
  return reply;
}

client_outcome kafka_client::ask(const client_request& request, std::chrono::milliseconds limit) {
  const time_limit time{limit};
  if (auto failure = publish(request, limit))
    return std::move(*failure);
  return wait_for(request.key, std::chrono::milliseconds{time.left(limit)});
}

client_failure kafka_client::timed_out(const std::string& otherwise) {
  errors_.drain(handle_.get());
  return {errors_.best().empty() ? otherwise : errors_.best(), true};
}

void kafka_client::receive(int milliseconds) {
  const message_ptr message{rd_kafka_consume_queue(replies_.get(), milliseconds)};
  if (!message || message->err)
    return;
  const auto asked = asked_.find(text_of(message->key, message->key_len));
  if (asked == asked_.end() || asked->second)
    return;
  asked->second =
    client_reply{rd_kafka_topic_name(message->rkt), text_of(message->payload, message->len), headers_of(*message)};
}

} // namespace mp::kafka
