#pragma once
// Copies of what librdkafka received.

#include "messages/request.hpp"

#include <librdkafka/rdkafka.h>

#include <string>
#include <vector>

namespace mp::rd {

/// Bytes of a message as text; a null is empty.
inline std::string text_of(const void* data, std::size_t size) {
  return data ? std::string{static_cast<const char*>(data), size} : std::string{};
}

/// The record's headers; those without a value have an empty one.
inline std::vector<name_and_text> headers_of(const rd_kafka_message_t& message) {
  std::vector<name_and_text> copies;
  rd_kafka_headers_t* headers = nullptr; // the message keeps them
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return copies;
  copies.reserve(rd_kafka_header_cnt(headers));
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    copies.emplace_back(name, text_of(value, size));
  return copies;
}

} // namespace mp::rd
