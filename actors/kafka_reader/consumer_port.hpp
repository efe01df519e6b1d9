#pragma once
// What the kafka_reader needs of Kafka. runtime/kafka implements it over librdkafka, the tests in memory.

#include "actors/kafka_reader/unreadable_search.hpp"
#include "messages/position.hpp"
#include "messages/request.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace mp {

/// One record, copied out of the client library (a message kept from librdkafka would block its destruction [kafka 5]).
struct fetched_record {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  std::string key; ///< empty when the record has none
  std::shared_ptr<const std::string>
    body; ///< never null; empty for a record without payload, or above the port's limit
  std::vector<name_and_text> headers; ///< those that mean something to the service, each up to a limit
  std::int64_t timestamp_ms = -1; ///< Unix time, of the sender or the broker; negative when there is none
  std::size_t bytes = 0; ///< of the whole record: key, body and all headers, copied or not; 0: what is here
  std::int32_t leader_epoch = -1; ///< of the broker that appended it (KIP-320); negative when not known
};

/// Where a partition's log begins and ends, as its leader says.
struct log_extent {
  std::int32_t partition = 0;
  std::int64_t begin = position::none; ///< offset of the first record there can be
  std::int64_t end = position::none; ///< one above the last one that a reader of committed records gets
  std::int64_t reached = position::none; ///< up to where fetch() had read when the leader was asked; none: nothing yet
};

/// The logs of the topic. Partitions whose leader did not say are missing.
struct log_report {
  std::string topic_id{}; ///< a topic made anew under the same name has another one; empty: not known
  std::vector<log_extent> logs{};
};

/// Partitions that the group gives us. Answer with load_positions(), then assign(). The group waits for the answer.
struct partitions_assigned {
  std::vector<std::int32_t> partitions;
};

/// Partitions that the group takes back. Answer with unassign(), at most max.poll.interval.ms later.
/// `lost`: they belong to another member already, so nothing may be committed for them.
struct partitions_revoked {
  std::vector<std::int32_t> partitions;
  bool lost = false;
};

/// The answer to load_positions(): one entry per partition asked for, and what is known of their logs.
struct positions_loaded {
  std::vector<position> positions;
  log_report logs{};
};

/// load_positions() failed; ask again after a moment.
struct positions_unavailable {
  std::string reason;
};

enum class commit_result : std::uint8_t {
  done,
  again, ///< a rebalance is under way or the broker is away: normal; commit again later
  not_member, ///< this member was put out of the group: what it held is lost
};

/// The answer to commit().
struct commit_ended {
  std::vector<std::int32_t> partitions;
  commit_result result = commit_result::done;
  std::string reason;
};

struct partition_lag {
  std::int32_t partition = 0;
  std::int64_t records = 0; ///< by the committed offset
  std::int64_t unread = 0; ///< by the offset that is read next
};

/// Records behind the end of each partition. Comes every few seconds as long as the brokers answer.
struct lag_report {
  std::vector<partition_lag> lags;
};

/// Something went wrong in the client. `fatal`: this port can do nothing any more and has to be replaced.
struct consumer_error {
  std::string code;
  bool fatal = false;
};

/// A place in a partition cannot be read, as was found by a fetch that wanted records from an offset in it; what came
/// before it in the partition has been fetched. Told again for each further try. Also found by a fetch whose rewind()
/// has certainly been obeyed.
struct partition_unreadable {
  std::int32_t partition = 0;
  unreadable_error error;
};

using group_event = std::variant<partitions_assigned, partitions_revoked, positions_loaded, positions_unavailable,
                                 commit_ended, lag_report, log_report, partition_unreadable, consumer_error>;

/// Drops what a fetch of before a rewind() has found in `events` of a port.
inline void drop_unreadable(std::deque<group_event>& events, std::int32_t partition) {
  std::erase_if(events, [partition](const group_event& each) {
    const auto* failed = std::get_if<partition_unreadable>(&each);
    return failed != nullptr && failed->partition == partition;
  });
}

/// A member of the consumer group, reading one topic. Nothing in it blocks. All calls come from one actor, one at a
/// time.
class consumer_port {
public:
  /// The queue that rang: a partition, or the group's own events.
  static constexpr std::int32_t group_queue = -1;

  /// Called when something may be waiting in a queue, from any thread; must only send a message. It is called once per
  /// change from empty to not empty, so the owner polls until empty, or remembers that it stopped before [kafka 1].
  using notifier = std::function<void(std::int32_t queue)>;

  /// Never blocks: a handle that takes long to destroy goes to a thread of its own.
  virtual ~consumer_port() = default;

  /// Joins the group. Throws std::runtime_error when the client cannot be created.
  virtual void open(notifier notify) = 0;

  /// Gives the next group event, or nothing. Has to be called at least every second, also when there is no demand: it
  /// tells the group that this member is alive (max.poll.interval.ms).
  virtual bool next_event(group_event& event) = 0;

  enum class fetch_end : std::uint8_t { drained, more };

  /// Appends records of an assigned partition to `records` until `records_max` or `bytes_max` is reached (the last one
  /// may exceed `bytes_max`; fetched_record::bytes counts). `drained`: the queue was empty; `more`: the limit came
  /// first, no notification will come for the rest.
  virtual fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                          std::vector<fetched_record>& records) = 0;

  /// Asks for the committed positions; answered by positions_loaded or positions_unavailable. Offsets that an open
  /// transaction is about to change are waited for (require_stable).
  virtual void load_positions(const std::vector<std::int32_t>& partitions) = 0;

  /// Asks for a log_report of all partitions held; it comes now and then unasked, too.
  virtual void look_at_logs() = 0;

  /// Up to which offset fetch() has given out all that can be read: behind the last record there may be offsets without
  /// one, such as the markers of transactions. None: not known since the assignment or the last rewind.
  virtual std::int64_t passed(std::int32_t partition) const = 0;

  /// Accepts an assignment; reading starts at the given offsets (`position::none`: at the beginning).
  virtual void assign(const std::vector<position>& positions) = 0;

  /// Reads a partition again from `offset` on. What waits of it, records in its queue and partition_unreadable, is
  /// dropped. A record from below `offset` comes afterwards only when the log has become shorter than that.
  virtual void rewind(std::int32_t partition, std::int64_t offset) = 0;

  /// Gives partitions back.
  virtual void unassign(const std::vector<std::int32_t>& partitions) = 0;

  /// Commits; answered by commit_ended.
  virtual void commit(const std::vector<position>& positions) = 0;

  /// A transaction has committed these positions on this member's behalf: the lag is counted from them.
  virtual void committed(const std::vector<position>& positions) = 0;

  /// Who this member is in the group at this moment, for a transaction that commits offsets on its behalf: opaque,
  /// valid until the next rebalance. Empty before the group is joined.
  virtual std::string membership() const = 0;

  /// Starts to leave the group: partitions_revoked follows for what is held, then closed() turns true.
  virtual void close() = 0;
  virtual bool closed() const = 0;
};

using consumer_factory = std::function<std::unique_ptr<consumer_port>()>;

} // namespace mp
