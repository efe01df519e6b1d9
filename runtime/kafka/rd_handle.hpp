#pragma once
// Ownership of librdkafka's objects. rd_kafka_destroy() blocks for as long as any message, list, queue or event of
// the handle lives [kafka 5], so every one of them is held by one of these types and by nothing else.

#include "runtime/threads/background_threads.hpp"

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>

namespace mp::kafka {

template <auto Function>
struct calls {
  template <class T>
  void operator()(T* object) const noexcept {
    Function(object);
  }
};

using list_ptr = std::unique_ptr<rd_kafka_topic_partition_list_t, calls<rd_kafka_topic_partition_list_destroy>>;
using queue_ptr = std::unique_ptr<rd_kafka_queue_t, calls<rd_kafka_queue_destroy>>;
using event_ptr = std::unique_ptr<rd_kafka_event_t, calls<rd_kafka_event_destroy>>;
using error_ptr = std::unique_ptr<rd_kafka_error_t, calls<rd_kafka_error_destroy>>;
using topic_ptr = std::unique_ptr<rd_kafka_topic_t, calls<rd_kafka_topic_destroy>>;
using headers_ptr = std::unique_ptr<rd_kafka_headers_t, calls<rd_kafka_headers_destroy>>;
using message_ptr = std::unique_ptr<rd_kafka_message_t, calls<rd_kafka_message_destroy>>;
using conf_ptr = std::unique_ptr<rd_kafka_conf_t, calls<rd_kafka_conf_destroy>>;
using options_ptr = std::unique_ptr<rd_kafka_AdminOptions_t, calls<rd_kafka_AdminOptions_destroy>>;
using membership_ptr =
  std::unique_ptr<rd_kafka_consumer_group_metadata_t, calls<rd_kafka_consumer_group_metadata_destroy>>;
using metadata_ptr = std::unique_ptr<const rd_kafka_metadata_t, calls<rd_kafka_metadata_destroy>>;

/// The elements of a list; none for a null.
inline std::span<rd_kafka_topic_partition_t> elements(const rd_kafka_topic_partition_list_t* list) noexcept {
  if (!list)
    return {};
  return {list->elems, static_cast<std::size_t>(list->cnt)};
}

/// Where calls of librdkafka that block run. The program's, never destroyed: a call that does not return must not lose
/// its lock to static destruction. Where wait() is false at the program's end, a call still blocks and uses what
/// returning from main destroys: the process then has to end by std::_Exit().
const std::shared_ptr<threads::background_threads>& background();

/// Takes the handle, destroys it on a background thread and returns at once: rd_kafka_destroy() leaves the group first
/// and, with a broker that does not answer, takes 5 s for that [kafka 6]. No actor may wait for it. All that belongs to
/// the handle has to be freed before. `opaque`, which the handle's callbacks are given, is held until the handle is
/// gone. Null is allowed. Where the system has no thread left it is destroyed here.
void destroy_in_background(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept;

/// The same for a transactional producer, after its messages have been taken back: until its threads end librdkafka
/// goes on reading answers to Produce, and each that says "fenced" frees the text of the fatal error before it, which
/// the destruction has freed already (rd_kafka_txns_term in 2.14.2 leaves the pointer). The heap was damaged in one of
/// a few dozen replacements of a client whose broker had stood still. Messages that were taken back count as under way
/// until their delivery reports were polled, for 1 s at most; `opaque`, which those reports go to, is held until the
/// handle is gone.
void destroy_transactional_in_background(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept;

struct destroy_handle {
  void operator()(rd_kafka_t* handle) const noexcept { destroy_in_background(handle, {}); }
};

/// A handle that is destroyed on a background thread. For blocking code, which may wait, see blocking_handle_ptr.
using handle_ptr = std::unique_ptr<rd_kafka_t, destroy_handle>;

struct destroy_transactional {
  std::shared_ptr<void> opaque{}; ///< what delivery reports are given to
  void operator()(rd_kafka_t* handle) const noexcept { destroy_transactional_in_background(handle, opaque); }
};
using transactional_handle_ptr = std::unique_ptr<rd_kafka_t, destroy_transactional>;

/// A handle that is destroyed where it goes out of scope; may block.
using blocking_handle_ptr = std::unique_ptr<rd_kafka_t, calls<rd_kafka_destroy>>;

} // namespace mp::kafka
