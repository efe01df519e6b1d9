#include "runtime/kafka/topic_rights.hpp"

#include "runtime/kafka/rd_handle.hpp"

#include <algorithm>
#include <array>

namespace mp::kafka {
namespace {

topic_rights rights_in(const rd_kafka_TopicDescription_t* description) {
  topic_rights found;
  found.topic = rd_kafka_TopicDescription_name(description);
  if (const auto* error = rd_kafka_TopicDescription_error(description))
    found.error = rd_kafka_error_code(error);
  std::size_t count = 0;
  const auto* operations = rd_kafka_TopicDescription_authorized_operations(description, &count);
  if (found.error || !operations || count == 0) // none at all: a broker without an answer
    return found;
  const auto may = [&](rd_kafka_AclOperation_t wanted) {
    return std::find(operations, operations + count, wanted) != operations + count;
  };
  found.may_read = may(RD_KAFKA_ACL_OPERATION_READ);
  found.may_write = may(RD_KAFKA_ACL_OPERATION_WRITE);
  return found;
}

} // namespace

std::vector<topic_rights> rights_of(rd_kafka_t* handle, const std::vector<std::string>& topics, int limit_ms) {
  std::vector<const char*> names;
  names.reserve(topics.size());
  for (const auto& each : topics)
    names.push_back(each.c_str());
  using collection_ptr = std::unique_ptr<rd_kafka_TopicCollection_t, calls<rd_kafka_TopicCollection_destroy>>;
  const collection_ptr collection{rd_kafka_TopicCollection_of_topic_names(names.data(), names.size())};
  const queue_ptr answers{rd_kafka_queue_new(handle)};
  const options_ptr options{rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBETOPICS)};
  std::array<char, 128> text{};
  rd_kafka_AdminOptions_set_request_timeout(options.get(), std::max(limit_ms, 1), text.data(), text.size());
  const error_ptr ignored{rd_kafka_AdminOptions_set_include_authorized_operations(options.get(), 1)};
  rd_kafka_DescribeTopics(handle, collection.get(), options.get(), answers.get());
  const event_ptr event{rd_kafka_queue_poll(answers.get(), limit_ms + 500)}; // it says itself when its time is up
  const auto* result = event ? rd_kafka_event_DescribeTopics_result(event.get()) : nullptr;
  std::vector<topic_rights> found;
  if (!result || rd_kafka_event_error(event.get()))
    return found;
  std::size_t count = 0;
  const auto* descriptions = rd_kafka_DescribeTopics_result_topics(result, &count);
  for (std::size_t i = 0; i < count; ++i)
    found.push_back(rights_in(descriptions[i]));
  return found;
}

} // namespace mp::kafka
