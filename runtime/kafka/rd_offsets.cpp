#include "runtime/kafka/rd_offsets.hpp"

#include "runtime/kafka/log_question.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <new>
#include <span>

namespace mp::kafka {

namespace {

options_ptr make_options(rd_kafka_t* handle, rd_kafka_admin_op_t operation) {
  options_ptr options{rd_kafka_AdminOptions_new(handle, operation)};
  std::array<char, 256> text{};
  const auto limit_ms = static_cast<int>(answer_time_max.count());
  rd_kafka_AdminOptions_set_request_timeout(options.get(), limit_ms, text.data(), text.size());
  return options;
}

} // namespace

list_ptr make_list(const std::string& topic, const std::vector<std::int32_t>& partitions) {
  list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size()))};
  for (const auto partition : partitions)
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
  return list;
}

position position_of(const std::vector<position>& positions, std::int32_t partition) {
  for (const auto& each : positions)
    if (each.partition == partition)
      return each;
  return {};
}

list_ptr make_commit_list(const std::string& topic, const std::vector<position>& positions) {
  list_ptr list{rd_kafka_topic_partition_list_new(static_cast<int>(positions.size()))};
  for (const auto& p : positions) {
    if (p.offset == position::none)
      continue;
    auto* each = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), p.partition);
    each->offset = p.offset;
    if (!p.metadata.empty()) { // the list frees it
      each->metadata = std::malloc(p.metadata.size());
      if (!each->metadata)
        throw std::bad_alloc{};
      std::memcpy(each->metadata, p.metadata.data(), p.metadata.size());
      each->metadata_size = p.metadata.size();
    }
  }
  return list;
}

group_event committed_positions(rd_kafka_t* consumer, const std::string& topic,
                                const std::vector<std::int32_t>& partitions) {
  const auto list = make_list(topic, partitions);
  if (const auto code = rd_kafka_committed(consumer, list.get(), static_cast<int>(committed_time_max.count())))
    return positions_unavailable{rd_kafka_err2name(code)};
  positions_loaded loaded;
  for (const auto& each : elements(list.get())) {
    if (each.err)
      return positions_unavailable{rd_kafka_err2name(each.err)};
    position p{each.partition, each.offset < 0 ? position::none : each.offset, {}};
    if (each.metadata && each.metadata_size > 0) // no NUL is promised behind it [kafka 7]
      p.metadata.assign(static_cast<const char*>(each.metadata), each.metadata_size);
    loaded.positions.push_back(std::move(p));
  }
  loaded.logs = look_at_logs(consumer, topic, partitions, committed_time_max);
  return loaded;
}

void ask_log_ends(rd_kafka_t* handle, const std::string& topic, const std::vector<std::int32_t>& partitions,
                  log_end which, void* tag, rd_kafka_queue_t* answers) {
  const auto list = make_list(topic, partitions);
  for (auto& each : elements(list.get()))
    each.offset = which == log_end::beginning ? RD_KAFKA_OFFSET_SPEC_EARLIEST : RD_KAFKA_OFFSET_SPEC_LATEST;
  const auto options = make_options(handle, RD_KAFKA_ADMIN_OP_LISTOFFSETS);
  const error_ptr ignored{
    rd_kafka_AdminOptions_set_isolation_level(options.get(), RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED)};
  rd_kafka_AdminOptions_set_opaque(options.get(), tag);
  rd_kafka_ListOffsets(handle, list.get(), options.get(), answers);
}

commit_result result_of_commit(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return commit_result::done;
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST:
    case RD_KAFKA_RESP_ERR__FATAL: return commit_result::not_member;
    default: return commit_result::again;
  }
}

std::optional<std::int64_t> read_position(rd_kafka_t* consumer, const std::string& topic, std::int32_t partition) {
  const auto list = make_list(topic, {partition});
  if (rd_kafka_position(consumer, list.get()) || list->elems[0].err || list->elems[0].offset < 0)
    return std::nullopt;
  return list->elems[0].offset;
}

std::vector<log_offset> log_ends_answer(rd_kafka_event_t* event) {
  std::vector<log_offset> offsets;
  if (rd_kafka_event_error(event))
    return offsets;
  std::size_t count = 0;
  const auto** infos = rd_kafka_ListOffsets_result_infos(rd_kafka_event_ListOffsets_result(event), &count);
  for (const auto* info : std::span{infos, count}) {
    const auto* each = rd_kafka_ListOffsetsResultInfo_topic_partition(info);
    if (!each->err && each->offset >= 0)
      offsets.push_back({each->partition, each->offset});
  }
  return offsets;
}

} // namespace mp::kafka
