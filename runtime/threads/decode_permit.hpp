#pragma once
// The permission to decode a photo.

#include "runtime/threads/decoding_queue.hpp"

#include <cstddef>

namespace mp::threads {

/// Held while one photo is decoded. The constructor waits until decoding_queue lets the photo go: how many are decoded
/// at a time in the whole process, and in which order, is decided there. (A counting semaphore knows neither weights
/// nor an order.)
class decode_permit {
public:
  explicit decode_permit(decoding_weight weight);
  ~decode_permit();
  decode_permit(const decode_permit&) = delete;
  decode_permit& operator=(const decode_permit&) = delete;

  /// How many threads wait for a permit at this moment, in the whole process.
  static std::size_t waiting();

private:
  decoding_queue::number which_ = 0;
};

} // namespace mp::threads
