#include "runtime/kafka/unreadable_records.hpp"

#include <memory>

namespace mp::kafka {

namespace {

using place_ptr = std::unique_ptr<rd_kafka_topic_partition_t, calls<rd_kafka_topic_partition_destroy>>;

} // namespace

bool is_about_a_record(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__BAD_COMPRESSION:     // damaged, or unpacks to more than is allowed
    case RD_KAFKA_RESP_ERR__BAD_MSG:             // a checksum is wrong (check.crcs)
    case RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED:     // a codec or a version of the format that librdkafka does not know
    case RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE:   // there is no memory to unpack it
    case RD_KAFKA_RESP_ERR_INVALID_MSG:          // the broker finds it damaged
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:   // larger than any fetch
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_COMPRESSION_TYPE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_FOR_MESSAGE_FORMAT: return true;
    default: return false;
  }
}

unreadable_error unreadable_error_of(rd_kafka_t* consumer, const std::string& topic, std::int32_t partition,
                                     rd_kafka_event_t* event) {
  unreadable_error error;
  error.code = rd_kafka_err2name(rd_kafka_event_error(event));
  if (const place_ptr place{rd_kafka_event_topic_partition(event)})
    error.base = place->offset;
  std::int64_t low = 0, high = 0; // of the last fetch, which has brought this batch
  if (rd_kafka_get_watermark_offsets(consumer, topic.c_str(), partition, &low, &high) == RD_KAFKA_RESP_ERR_NO_ERROR)
    error.log_end = high;
  return error;
}

} // namespace mp::kafka
