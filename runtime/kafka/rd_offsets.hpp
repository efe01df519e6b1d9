#pragma once
// Questions about offsets.

#include "actors/kafka_reader/consumer_port.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp::kafka {

/// A broker that does not answer within this time leaves the question unanswered; then it is asked again.
inline constexpr std::chrono::milliseconds answer_time_max{5000};

list_ptr make_list(const std::string& topic, const std::vector<std::int32_t>& partitions);

/// A list for a commit of these positions with their metadata; those that are `position::none` are left out.
list_ptr make_commit_list(const std::string& topic, const std::vector<position>& positions);

/// What the answer to a commit means. After ILLEGAL_GENERATION outside of a rebalance librdkafka itself reports the
/// assignment as lost.
commit_result result_of_commit(rd_kafka_resp_err_t code);

/// How long one question for committed positions may take; an answer takes milliseconds.
inline constexpr std::chrono::milliseconds committed_time_max{1500};

/// The group's committed positions with their metadata and what is known of the logs: positions_loaded, or
/// positions_unavailable if a single partition could not be read. Offsets of open transactions are waited for, as the
/// consumer reads committed records only. Blocks: for a thread of its own.
///
/// Not by the admin request ListConsumerGroupOffsets, which does not block: it asks the handle's cached coordinator,
/// and librdkafka 2.14 never looks for another one when that was decommissioned (confluentinc/librdkafka#5511), so that
/// after a broker's death the question timed out for ever. The consumer's own coordinator is kept right.
group_event committed_positions(rd_kafka_t* consumer, const std::string& topic,
                                const std::vector<std::int32_t>& partitions);

/// Which end of a partition's log.
enum class log_end : std::uint8_t { beginning, end };

/// Asks where the logs of the partitions begin or end (for a reader of committed records). The answer is an event
/// RD_KAFKA_EVENT_LISTOFFSETS_RESULT, for log_ends_answer(); its rd_kafka_event_opaque() is `tag`. Unlike
/// librdkafka's statistics, which know the end only from fetched data, this is right also while nothing is fetched,
/// and that is when a lag matters.
void ask_log_ends(rd_kafka_t* handle, const std::string& topic, const std::vector<std::int32_t>& partitions,
                  log_end which, void* tag, rd_kafka_queue_t* answers);

/// The offset that `consumer` gives out next; nothing when it has given out none since the partition was assigned.
std::optional<std::int64_t> read_position(rd_kafka_t* consumer, const std::string& topic, std::int32_t partition);

struct log_offset {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// Those that could not be read are missing.
std::vector<log_offset> log_ends_answer(rd_kafka_event_t* event);

/// Of this partition; none when it is not among them.
position position_of(const std::vector<position>& positions, std::int32_t partition);

} // namespace mp::kafka
