#include "runtime/kafka/log_question.hpp"

#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/time_limit.hpp"

#include <array>
#include <cstddef>
#include <span>

namespace mp::kafka {

namespace {

/// Which request was answered. librdkafka only carries these addresses.
int begin_request, end_request, topic_request;

using topics_ptr = std::unique_ptr<rd_kafka_TopicCollection_t, calls<rd_kafka_TopicCollection_destroy>>;

void ask_topic(rd_kafka_t* handle, const std::string& topic, rd_kafka_queue_t* answers) {
  const auto* name = topic.c_str();
  const topics_ptr topics{rd_kafka_TopicCollection_of_topic_names(&name, 1)};
  const options_ptr options{rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS)};
  std::array<char, 256> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(answer_time_max.count()), text.data(),
                                            text.size());
  rd_kafka_AdminOptions_set_opaque(options.get(), &topic_request);
  rd_kafka_DescribeTopics(handle, topics.get(), options.get(), answers);
}

/// Brokers before Kafka 2.8 know no ids.
std::string topic_id_of(rd_kafka_event_t* event) {
  if (rd_kafka_event_error(event))
    return {};
  std::size_t count = 0;
  const auto** topics = rd_kafka_DescribeTopics_result_topics(rd_kafka_event_DescribeTopics_result(event), &count);
  for (const auto* each : std::span{topics, count}) {
    const auto* id = rd_kafka_TopicDescription_error(each) && rd_kafka_error_code(rd_kafka_TopicDescription_error(each))
                       ? nullptr
                       : rd_kafka_TopicDescription_topic_id(each);
    if (id && (rd_kafka_Uuid_most_significant_bits(id) != 0 || rd_kafka_Uuid_least_significant_bits(id) != 0))
      return rd_kafka_Uuid_base64str(id);
  }
  return {};
}

} // namespace

void log_question::ask(rd_kafka_t* handle, const std::string& topic,
                       const std::map<std::int32_t, std::int64_t>& reached, rd_kafka_queue_t* answers) {
  if (under_way())
    return;
  topic_id_.clear();
  logs_.clear();
  std::vector<std::int32_t> partitions;
  for (const auto& [partition, offset] : reached) {
    partitions.push_back(partition);
    logs_[partition] = {.partition = partition, .reached = offset};
  }
  awaited_ = 3;
  ask_log_ends(handle, topic, partitions, log_end::beginning, &begin_request, answers);
  ask_log_ends(handle, topic, partitions, log_end::end, &end_request, answers);
  ask_topic(handle, topic, answers);
}

std::optional<log_report> log_question::take(rd_kafka_event_t* event) {
  const auto* which = rd_kafka_event_opaque(event);
  if (which != &begin_request && which != &end_request && which != &topic_request)
    return std::nullopt;
  if (which == &topic_request)
    topic_id_ = topic_id_of(event);
  else
    for (const auto& [partition, offset] : log_ends_answer(event))
      (which == &begin_request ? logs_[partition].begin : logs_[partition].end) = offset;
  if (--awaited_ > 0)
    return std::nullopt;
  return report();
}

log_report log_question::report() const {
  log_report known{topic_id_};
  for (const auto& [partition, log] : logs_)
    if (log.begin != position::none && log.end != position::none)
      known.logs.push_back(log);
  return known;
}

std::int64_t lag_of(std::int64_t committed, const log_extent& log) {
  if (committed <= log.end)
    return log.end - committed;
  return log.reached > log.end ? log.end - log.begin : 0;
}

log_report look_at_logs(rd_kafka_t* handle, const std::string& topic, const std::vector<std::int32_t>& partitions,
                        std::chrono::milliseconds limit) {
  const time_limit time{limit};
  const queue_ptr answers{rd_kafka_queue_new(handle)};
  std::map<std::int32_t, std::int64_t> reached;
  for (const auto partition : partitions)
    reached.emplace(partition, position::none);
  log_question question;
  question.ask(handle, topic, reached, answers.get());
  while (!time.over()) {
    const event_ptr event{rd_kafka_queue_poll(answers.get(), time.left())};
    if (event)
      if (auto report = question.take(event.get()))
        return std::move(*report);
  }
  return question.report();
}

} // namespace mp::kafka
