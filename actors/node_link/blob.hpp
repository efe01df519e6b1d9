#pragma once
// A message as bytes, to be sent in pieces.

#include "messages/interfaces.hpp"

#include <caf/binary_deserializer.hpp>
#include <caf/binary_serializer.hpp>
#include <caf/byte_buffer.hpp>
#include <caf/span.hpp>

#include <string>
#include <string_view>

namespace mp {

/// `message` in CAF's binary format. It must not hold actors.
template <class Message>
text_slice to_bytes(const Message& message) {
  caf::byte_buffer buffer;
  caf::binary_serializer sink{nullptr, buffer};
  if (!sink.apply(message))
    return {};
  return text_slice{std::string{reinterpret_cast<const char*>(buffer.data()), buffer.size()}};
}

/// False: the bytes are no such message, or more than one.
template <class Message>
bool from_bytes(std::string_view bytes, Message& message) {
  caf::binary_deserializer source{
    nullptr, caf::span<const caf::byte>{reinterpret_cast<const caf::byte*>(bytes.data()), bytes.size()}};
  return source.apply(message) && source.remaining() == 0;
}

/// What a worker node needs of a request: nothing that tells who sent it, and no second copy.
inline request without_sender(const request& question) {
  auto slim = question;
  slim.user_email.clear();
  slim.passed_through.clear();
  slim.headers.clear();
  slim.body = {};
  return slim;
}

} // namespace mp
