#pragma once
// What a reader is configured with, and the librdkafka properties that follow from it.

#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/rd_properties.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace mp::kafka {

struct consumer_options {
  std::string bootstrap;       ///< host:port, comma separated
  std::string topic;
  std::string group;
  std::string instance_id;     ///< group.instance.id: a restart within the session keeps its partitions; empty: none

  /// The instance id was not given but made of host and port. Then the session is short, because nobody has said that
  /// this instance will be back, and an orderly end leaves the group, which librdkafka does not do for a member with an
  /// instance id.
  bool instance_id_is_made = false;

  /// Called from next_event() when another member has joined with the same instance id, which puts this one out for
  /// good.
  std::function<void()> fenced{};

  property_list properties; ///< of the user; they win over ours

  /// Of a record with more bytes (key, body and headers) nothing but its place, its headers that count and a short key
  /// is copied. 0: no limit.
  std::size_t record_bytes_max = 0;

  /// How much librdkafka may hold ready, over all assigned partitions, counted in whole answers and unpacked batches;
  /// one batch of unpack_bytes_max() and one answer of each broker may come on top. Further limits of librdkafka are
  /// per partition and fixed at the start: this divided by `partitions_expected`.
  std::size_t prefetch_bytes = std::size_t{16} << 20;
  std::size_t partitions_expected = 8;

  std::chrono::milliseconds lag_interval{5000}; ///< time between two lag reports
};

/// The size to which one batch of records may unpack; nothing of a larger one can be read.
std::size_t unpack_bytes_max(const consumer_options& options);

/// The configuration of a reader with these options. Throws std::runtime_error for one that librdkafka refuses.
conf_ptr consumer_conf(const consumer_options& options);

/// librdkafka's number for where a partition is read from if nothing was ever committed: what auto.offset.reset says.
/// For "error" it is RD_KAFKA_OFFSET_INVALID, with which librdkafka looks for a commit itself and then reports the
/// error.
std::int64_t start_without_commit(const rd_kafka_conf_t* conf);

} // namespace mp::kafka
