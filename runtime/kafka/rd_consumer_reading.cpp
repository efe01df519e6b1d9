// Reading of the assigned partitions: records and rewinds. The rest of rd_consumer is in rd_consumer.cpp.

#include "runtime/kafka/rd_consumer.hpp"

#include "runtime/kafka/rd_log.hpp"
#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/rd_records.hpp"
#include "runtime/kafka/unreadable_records.hpp"

#include <memory>
#include <utility>

namespace mp::kafka {
namespace {

using partition_ptr = std::unique_ptr<rd_kafka_topic_partition_t, calls<rd_kafka_topic_partition_destroy>>;

} // namespace

void rd_consumer::take_partition_error(std::int32_t partition, slot& s, rd_kafka_event_t* event) {
  if (!is_about_a_record(rd_kafka_event_error(event))) {
    take_error(event);
    group_->notify();
    return;
  }
  s.reading = true;
  // It may be of before the seek, see rewind(); the next one is not.
  if (s.rewind && !std::exchange(s.rewind->failed, true)) {
    seek(partition, s.rewind->offset);
    return;
  }
  log_error(handle_.get(), rd_kafka_event_error(event), rd_kafka_event_error_string(event));
  tell(partition_unreadable{partition, unreadable_error_of(handle_.get(), options_.topic, partition, event)});
}

consumer_port::fetch_end rd_consumer::fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                                            std::vector<fetched_record>& records) {
  const auto found = slots_.find(partition);
  if (found == slots_.end())
    return fetch_end::drained;
  auto& s = found->second;
  s.queue.rearm();
  std::size_t bytes = 0;
  while (records_max > 0 && bytes < bytes_max) {
    const auto event = s.queue.poll();
    if (!event)
      return fetch_end::drained;
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR) {
      if (!take_end(s, event.get()))
        take_partition_error(partition, s, event.get());
      continue;
    }
    while (const auto* message = rd_kafka_event_message_next(event.get())) { // one per event
      if (message->err) {
        log_error(handle_.get(), message->err, rd_kafka_message_errstr(message));
        tell(consumer_error{rd_kafka_err2name(message->err), false});
      } else if (is_wanted(s, message->partition, message->offset)) {
        s.reached = message->offset + 1;
        records.push_back(copy_of(*message, options_.record_bytes_max));
        bytes += records.back().bytes;
        --records_max;
      }
    }
  }
  return fetch_end::more;
}

bool rd_consumer::take_end(slot& s, rd_kafka_event_t* event) {
  if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return false;
  const partition_ptr where{rd_kafka_event_topic_partition(event)};
  // An end below what was reached is left to the next look at the logs.
  if (where && where->offset >= s.reached && is_wanted(s, where->partition, where->offset))
    s.passed = s.reached = where->offset;
  return true;
}

std::int64_t rd_consumer::passed(std::int32_t partition) const {
  const auto found = slots_.find(partition);
  return found == slots_.end() ? position::none : found->second.passed;
}

bool rd_consumer::is_wanted(slot& s, std::int32_t partition, std::int64_t offset) {
  s.reading = true;
  if (!s.rewind)
    return true;
  const auto target = s.rewind->offset;
  auto& instead = s.rewind->seen_instead;
  // Coming twice, the record is the first one there is from the target on: offsets are not dense.
  if (offset == target || offset == instead) {
    s.rewind.reset();
    return true;
  }
  instead = offset;
  seek(partition, target);
  return false;
}

void rd_consumer::rewind(std::int32_t partition, std::int64_t offset) {
  const auto found = slots_.find(partition);
  if (found == slots_.end())
    return;
  auto& s = found->second;
  // librdkafka forgets a seek without a word when it has not begun to fetch (state NONE in rd_kafka_toppar_seek), and
  // when a rebalance pauses the partition in the same moment (rd_kafka_toppar_op_serve takes it for outdated). So the
  // next record has to show that reading stands where it should; otherwise the seek is made again.
  if (s.reading)
    seek(partition, offset);
  s.reading = false;
  s.passed = position::none;
  s.reached = offset;
  s.rewound = true;
  s.rewind = slot::target_place{offset};
  drop_unreadable(found_, partition);
  s.queue.notify();
}

void rd_consumer::seek(std::int32_t partition, std::int64_t offset) {
  // Without a time to wait this only sends the order; from the call on librdkafka drops what was fetched before it.
  const auto list = make_list(options_.topic, {partition});
  list->elems[0].offset = offset;
  const error_ptr error{rd_kafka_seek_partitions(handle_.get(), list.get(), 0)};
  const auto code = error ? rd_kafka_error_code(error.get()) : list->elems[0].err;
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR && code != RD_KAFKA_RESP_ERR__IN_PROGRESS)
    tell(consumer_error{rd_kafka_err2name(code), false});
}

} // namespace mp::kafka
