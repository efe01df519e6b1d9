#include "runtime/kafka/topic_admin.hpp"

#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/time_limit.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <thread>

namespace mp::kafka {
namespace {

using resource_ptr = std::unique_ptr<rd_kafka_ConfigResource_t, calls<rd_kafka_ConfigResource_destroy>>;
using new_topic_ptr = std::unique_ptr<rd_kafka_NewTopic_t, calls<rd_kafka_NewTopic_destroy>>;

options_ptr options_with(rd_kafka_t* handle, rd_kafka_admin_op_t operation, int limit_ms) {
  options_ptr options{rd_kafka_AdminOptions_new(handle, operation)};
  std::array<char, 128> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), std::max(limit_ms, 1), text.data(), text.size());
  return options;
}

/// The answer, for which librdkafka has its own limit; or null.
event_ptr answer_in(rd_kafka_queue_t* answers, int limit_ms) {
  return event_ptr{rd_kafka_queue_poll(answers, limit_ms + 1000)};
}

read_config config_in(const rd_kafka_ConfigResource_t* resource) {
  read_config found;
  found.name = rd_kafka_ConfigResource_name(resource);
  if (const auto code = rd_kafka_ConfigResource_error(resource))
    found.fault = rd_kafka_err2name(code);
  std::size_t count = 0;
  const auto** entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const auto* value = rd_kafka_ConfigEntry_value(entries[i]))
      found.values[rd_kafka_ConfigEntry_name(entries[i])] = value;
  return found;
}

bool has_leaders(rd_kafka_t* handle, const std::string& name, int limit_ms) {
  const topic_ptr topic{rd_kafka_topic_new(handle, name.c_str(), nullptr)};
  const rd_kafka_metadata_t* answer = nullptr;
  if (!topic || rd_kafka_metadata(handle, 0, topic.get(), &answer, limit_ms))
    return false;
  const metadata_ptr metadata{answer};
  const auto& seen = metadata->topics[0];
  return seen.partition_cnt > 0
         && std::all_of(seen.partitions, seen.partitions + seen.partition_cnt,
                        [](const auto& each) { return each.leader >= 0; });
}

void wait_for_leaders(rd_kafka_t* handle, const std::vector<made_topic>& topics, const time_limit& limit) {
  for (const auto& each : topics)
    while (each.made && !has_leaders(handle, each.name, limit.left()) && !limit.over())
      std::this_thread::sleep_for(std::chrono::milliseconds{100});
}

} // namespace

std::vector<read_config> configs_of(rd_kafka_t* handle, rd_kafka_ResourceType_t kind,
                                    const std::vector<std::string>& names, int limit_ms) {
  std::vector<resource_ptr> resources;
  std::vector<rd_kafka_ConfigResource_t*> pointers;
  for (const auto& each : names) {
    resources.emplace_back(rd_kafka_ConfigResource_new(kind, each.c_str()));
    pointers.push_back(resources.back().get());
  }
  const queue_ptr answers{rd_kafka_queue_new(handle)};
  const auto options = options_with(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, limit_ms);
  rd_kafka_DescribeConfigs(handle, pointers.data(), pointers.size(), options.get(), answers.get());
  const auto event = answer_in(answers.get(), limit_ms);
  const auto* result = event ? rd_kafka_event_DescribeConfigs_result(event.get()) : nullptr;
  std::vector<read_config> found;
  if (!result)
    return found;
  std::size_t count = 0;
  const auto** described = rd_kafka_DescribeConfigs_result_resources(result, &count);
  for (std::size_t i = 0; i < count; ++i)
    found.push_back(config_in(described[i]));
  return found;
}

std::vector<made_topic> make_topics(rd_kafka_t* handle, const std::vector<wanted_topic>& topics, int limit_ms) {
  const time_limit limit{std::chrono::milliseconds{limit_ms}};
  std::vector<made_topic> made;
  std::vector<new_topic_ptr> orders;
  std::vector<rd_kafka_NewTopic_t*> pointers;
  for (const auto& each : topics) {
    std::array<char, 256> text{};
    new_topic_ptr order{
      rd_kafka_NewTopic_new(each.name.c_str(), each.partitions, each.replication_factor, text.data(), text.size())};
    if (order)
      for (const auto& [name, value] : each.config)
        rd_kafka_NewTopic_set_config(order.get(), name.c_str(), value.c_str());
    made.push_back({each.name, false, order ? "_TIMED_OUT" : "_INVALID_ARG", order ? "no answer" : text.data()});
    if (order) {
      pointers.push_back(order.get());
      orders.push_back(std::move(order));
    }
  }
  const queue_ptr answers{rd_kafka_queue_new(handle)};
  const auto options = options_with(handle, RD_KAFKA_ADMIN_OP_CREATETOPICS, limit_ms);
  rd_kafka_CreateTopics(handle, pointers.data(), pointers.size(), options.get(), answers.get());
  const auto event = answer_in(answers.get(), limit_ms);
  const auto* result = event ? rd_kafka_event_CreateTopics_result(event.get()) : nullptr;
  std::size_t count = 0;
  const auto** said = result ? rd_kafka_CreateTopics_result_topics(result, &count) : nullptr;
  for (std::size_t i = 0; i < count; ++i)
    for (auto& each : made)
      if (each.name == rd_kafka_topic_result_name(said[i])) {
        const auto code = rd_kafka_topic_result_error(said[i]);
        const auto* words = rd_kafka_topic_result_error_string(said[i]);
        each.made = !code;
        each.fault = !code || code == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS ? "" : rd_kafka_err2name(code);
        each.words = each.fault.empty() || !words ? "" : words;
      }
  wait_for_leaders(handle, made, limit);
  return made;
}

} // namespace mp::kafka
