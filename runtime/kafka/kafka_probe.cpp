#include "runtime/kafka/kafka_probe.hpp"

#include "runtime/kafka/client_errors.hpp"
#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/time_limit.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <numeric>
#include <span>
#include <string_view>

namespace mp {

namespace {

probed_topic look_at(rd_kafka_t* handle, const std::string& name, const rd::time_limit& limit, int& brokers) {
  probed_topic seen{name, 0, {}};
  const rd::topic_ptr topic{rd_kafka_topic_new(handle, name.c_str(), nullptr)};
  if (!topic) {
    seen.fault = "not a valid topic name";
    return seen;
  }
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(handle, 0, topic.get(), &answer, limit.left());
  const rd::metadata_ptr metadata{answer};
  if (code) {
    seen.fault = rd_kafka_err2str(code);
    return seen;
  }
  brokers = metadata->broker_cnt;
  if (metadata->topic_cnt < 1 || metadata->topics[0].err == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART)
    seen.fault = "the topic does not exist";
  else if (metadata->topics[0].err)
    seen.fault = rd_kafka_err2str(metadata->topics[0].err);
  else
    seen.partitions = metadata->topics[0].partition_cnt;
  return seen;
}

void look_at_group(rd_kafka_t* handle, const std::string& topic, int partitions, const rd::time_limit& limit,
                   kafka_report& report) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(partitions));
  std::iota(all.begin(), all.end(), 0);
  const auto list = rd::make_list(topic, all);
  if (const auto code = rd_kafka_committed(handle, list.get(), limit.left())) {
    report.group_fault = rd_kafka_err2str(code);
    return;
  }
  for (const auto& each : rd::elements(list.get())) {
    std::int64_t begin = 0, end = 0;
    auto code = each.err;
    if (!code)
      code = rd_kafka_query_watermark_offsets(handle, topic.c_str(), each.partition, &begin, &end, limit.left());
    if (code) {
      report.group_fault = "partition " + std::to_string(each.partition) + ": " + rd_kafka_err2str(code);
      report.group.clear();
      return;
    }
    const auto committed = each.offset < 0 ? std::int64_t{-1} : each.offset;
    const auto next = std::max(committed, begin); // what retention has removed no longer waits
    report.group.push_back({each.partition, committed, end, std::max<std::int64_t>(end - next, 0)});
  }
}

using resource_ptr = std::unique_ptr<rd_kafka_ConfigResource_t, rd::calls<rd_kafka_ConfigResource_destroy>>;

/// Needs the right to describe the topic's configs; without it nothing is known of them.
void look_at_settings(rd_kafka_t* handle, const std::string& topic, const rd::time_limit& limit, kafka_report& report) {
  const rd::queue_ptr answers{rd_kafka_queue_new(handle)};
  const resource_ptr asked{rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str())};
  auto* which = asked.get();
  rd_kafka_DescribeConfigs(handle, &which, 1, nullptr, answers.get());
  const rd::event_ptr event{rd_kafka_queue_poll(answers.get(), limit.left())};
  const auto* answer = event ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  if (!answer || rd_kafka_event_error(event.get()))
    return;
  std::size_t count = 0;
  const auto** resources = rd_kafka_DescribeConfigs_result_resources(answer, &count);
  if (count != 1 || rd_kafka_ConfigResource_error(resources[0]))
    return;
  const auto** entries = rd_kafka_ConfigResource_configs(resources[0], &count);
  for (const auto* entry : std::span{entries, count}) {
    const std::string_view name{rd_kafka_ConfigEntry_name(entry)};
    const auto* value = rd_kafka_ConfigEntry_value(entry);
    if (value && name == "max.message.bytes")
      report.message_bytes_max = std::strtoll(value, nullptr, 10);
    else if (value && name == "compression.type")
      report.compression_type = value;
  }
}

} // namespace

kafka_report probe_kafka(const consumer_options& options, const std::vector<std::string>& other_topics,
                         std::chrono::milliseconds time) {
  const rd::time_limit limit{time};
  const rd::blocking_handle_ptr handle{rd::make_handle(RD_KAFKA_CONSUMER, consumer_conf(options))};
  kafka_report report;
  rd::client_errors errors;
  auto names = other_topics;
  names.insert(names.begin(), options.topic);
  for (const auto& name : names) {
    report.topics.push_back(look_at(handle.get(), name, limit, report.brokers));
    if (report.brokers == 0) { // not even the first question was answered
      errors.drain(handle.get());
      report.fault = errors.best().empty() ? "no answer within " + std::to_string(time.count()) + " ms" : errors.best();
      report.topics.clear();
      return report;
    }
    report.reachable = true;
  }
  if (const auto partitions = report.topics.front().partitions; partitions > 0)
    look_at_group(handle.get(), options.topic, partitions, limit, report);
  else
    report.group_fault = report.topics.front().fault;
  if (report.topics.front().fault.empty())
    look_at_settings(handle.get(), options.topic, limit, report);
  return report;
}

} // namespace mp
