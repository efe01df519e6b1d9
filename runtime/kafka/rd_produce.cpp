#include "runtime/kafka/rd_produce.hpp"

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace mp::kafka {

namespace {

headers_ptr headers_of(const outgoing& record) {
  if (record.headers.empty())
    return nullptr;
  headers_ptr headers{rd_kafka_headers_new(record.headers.size())};
  for (const auto& [name, value] : record.headers)
    rd_kafka_header_add(headers.get(), name.data(), static_cast<ssize_t>(name.size()), value.data(),
                        static_cast<ssize_t>(value.size()));
  return headers;
}

} // namespace

topic_array open_topics(rd_kafka_t* handle, const producer_options& options) {
  topic_array topics;
  const auto names = topics_of(options);
  for (std::size_t i = 0; i < names.size(); ++i) {
    topics[i].reset(rd_kafka_topic_new(handle, names[i].c_str(), nullptr));
    if (!topics[i])
      throw std::runtime_error("Kafka topic '" + names[i] + "': " + rd_kafka_err2str(rd_kafka_last_error()));
  }
  return topics;
}

namespace {

/// `headers` belong to the message once it is queued.
error_ptr put(rd_kafka_t* handle, rd_kafka_topic_t* topic, std::string_view key, std::string_view body,
              headers_ptr headers, void* opaque) {
  std::array<rd_kafka_vu_t, 6> parts{};
  parts[0].vtype = RD_KAFKA_VTYPE_RKT;
  parts[0].u.rkt = topic;
  parts[1].vtype = RD_KAFKA_VTYPE_VALUE;
  parts[1].u.mem = {body.empty() ? nullptr : const_cast<char*>(body.data()), body.size()};
  parts[2].vtype = RD_KAFKA_VTYPE_KEY;
  parts[2].u.mem = {key.empty() ? nullptr : const_cast<char*>(key.data()), key.size()};
  parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
  parts[3].u.i = RD_KAFKA_MSG_F_COPY;
  parts[4].vtype = RD_KAFKA_VTYPE_OPAQUE;
  parts[4].u.ptr = opaque;
  parts[5].vtype = RD_KAFKA_VTYPE_HEADERS;
  parts[5].u.headers = headers.get();
  error_ptr error{rd_kafka_produceva(handle, parts.data(), headers ? 6 : 5)};
  if (!error)
    static_cast<void>(headers.release()); // the record owns them now
  return error;
}

} // namespace

error_ptr produce(rd_kafka_t* handle, const topic_array& topics, const outgoing& record, void* opaque) {
  return put(handle, topics[static_cast<std::size_t>(record.to)].get(), record.key, record.body, headers_of(record),
             opaque);
}

bool produce_again(rd_kafka_t* handle, rd_kafka_topic_t* topic, const rd_kafka_message_t& message) {
  rd_kafka_headers_t* headers = nullptr;
  headers_ptr copied;
  if (rd_kafka_message_headers(&message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR)
    copied.reset(rd_kafka_headers_copy(headers));
  const std::string_view key{static_cast<const char*>(message.key), message.key_len};
  const std::string_view body{static_cast<const char*>(message.payload), message.len};
  return put(handle, topic, key, body, std::move(copied), message._private) == nullptr;
}

} // namespace mp::kafka
