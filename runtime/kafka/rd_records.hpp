#pragma once
// Copies of what librdkafka received.

#include "actors/kafka_reader/consumer_port.hpp"
#include "messages/request.hpp"
#include "messages/wire/request_headers.hpp"

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp::kafka {

/// Calls `take(name, value, size)` for each header of a record, in their order. Nothing where they are damaged.
template <class Take>
void each_header(const rd_kafka_message_t& message, Take take) {
  rd_kafka_headers_t* headers = nullptr; // the message keeps them
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    take(name, value, size);
}

/// Bytes of a message as text; a null is empty.
inline std::string text_of(const void* data, std::size_t size) {
  return data ? std::string{static_cast<const char*>(data), size} : std::string{};
}

/// All headers of a record; those without a value have an empty one.
inline std::vector<name_and_text> headers_of(const rd_kafka_message_t& message) {
  std::vector<name_and_text> copies;
  each_header(message, [&](const char* name, const void* value, std::size_t size) {
    copies.emplace_back(name, text_of(value, size));
  });
  return copies;
}

/// What is copied of a record's headers, and the size of all of them.
struct request_header_copies {
  std::vector<name_and_text> headers;
  std::size_t bytes = 0;
};

/// Only those that mean something (messages/wire/request_headers.hpp). Of a repeated one that is too long nothing is
/// copied, of another one that is too long an empty value, which is a wrong one.
inline request_header_copies request_headers_of(const rd_kafka_message_t& message) {
  request_header_copies copies;
  each_header(message, [&](const char* name, const void* value, std::size_t size) {
    const std::string_view named{name};
    copies.bytes += named.size() + size;
    const auto* known = request_header_of(named);
    if (known == nullptr || (known->repeated && size > known->bytes_max))
      return;
    if (copies.headers.size() == request_headers_max)
      copies.headers.pop_back();
    copies.headers.emplace_back(named, size > known->bytes_max ? std::string{} : text_of(value, size));
  });
  return copies;
}

/// A key that is longer is not needed for a dead letter of a record above the limit.
inline constexpr std::size_t oversize_key_max = 1024;

/// Of a record with more than `bytes_max` bytes (0: no limit) only what its dead letter needs.
inline fetched_record copy_of(const rd_kafka_message_t& message, std::size_t bytes_max) {
  static const auto nothing = std::make_shared<const std::string>();
  fetched_record record;
  record.partition = message.partition;
  record.offset = message.offset;
  auto headers = request_headers_of(message);
  record.headers = std::move(headers.headers);
  record.bytes = message.len + message.key_len + headers.bytes;
  const bool too_large = bytes_max != 0 && record.bytes > bytes_max;
  if (!too_large || message.key_len <= oversize_key_max)
    record.key = text_of(message.key, message.key_len);
  const auto* payload = static_cast<const char*>(message.payload);
  record.body = message.len == 0 || too_large ? nothing : std::make_shared<const std::string>(payload, message.len);
  rd_kafka_timestamp_type_t kind = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  record.timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
  record.leader_epoch = rd_kafka_message_leader_epoch(&message);
  return record;
}

} // namespace mp::kafka
