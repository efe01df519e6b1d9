#pragma once
// The reader's state and everything it does; see kafka_reader.hpp for what it is. Only the .cpp files of this actor
// include it: kafka_reader.cpp (demand and reading), unreadable_places.cpp, group_membership.cpp (assignment,
// revocation, leaving), offsets_requests.cpp (exactly-once), changed_logs.cpp (logs that are not those any more that
// the positions belong to).

#include "actors/kafka_reader/assigned_partitions.hpp"
#include "actors/kafka_reader/kafka_reader.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace mp {

struct reader_state {
  using time_point = std::chrono::steady_clock::time_point; // of the actor clock, so virtual in tests

  struct pending_assignment {
    std::vector<std::int32_t> partitions;
  };

  struct pending_revocation {
    std::vector<std::int32_t> partitions;
    bool lost = false;
    time_point since{};
    std::optional<time_point> commit_sent{}; ///< set once the final commit is on its way
    bool refused = false;                    ///< the broker has not taken it
  };

  /// Offsets handed to the producer for a transaction whose outcome has not been told.
  struct pending_transaction {
    std::uint64_t serial = 0;
    std::vector<partition_assignment> partitions;
    std::vector<position> offsets;
  };

  static inline const char* name = "kafka_reader";

  reader_actor::pointer self;
  reader_config config;
  std::unique_ptr<consumer_port> port;
  dispatcher_actor dispatcher;
  assigned_partitions assigned;
  std::int64_t credit_records = 0;
  std::int64_t credit_bytes = 0;
  std::set<std::uint32_t> gone_logs; ///< assignments of topics that were deleted: nobody will read their records again,
                                     ///< whoever has the partition
  std::optional<pending_assignment> assigning;
  std::optional<pending_revocation> revoking;
  time_point last_commit{};
  /// Number of the last settlement that wants an answer, and of the last that was answered.
  std::uint64_t settlement_number = 0;
  std::uint64_t settlement_answered = 0;
  /// Of each commit under way: which settlement_number it covers; 0 if an earlier one, which it relied on, has failed.
  std::deque<std::uint64_t> commits_under_way;
  std::optional<pending_transaction> transaction;
  std::optional<offsets_request> to_read_back; ///< waits until the broker has said what is committed
  bool offsets_told = false; ///< the producer knows that there are offsets to commit
  bool closing = false; ///< wants to leave the group
  std::optional<time_point> close_due; ///< exactly-once: leaves at the latest then
  bool left = false;
  bool quit_when_left = false;
  std::string last_error; ///< code, since there are no partitions
  std::string commit_refusal; ///< why the last commit was refused; empty: it was not
  std::optional<time_point> commits_refused_since;
  time_point commit_refusal_logged{};
  std::vector<fetched_record> fetched;
  record_batch batch;
  stall_watch ends_told{}; ///< whether the brokers say where the logs end
  std::string stalled; ///< why partitions do not move, for people; empty when all do

  reader_state(reader_actor::pointer ptr, reader_config given) : self(ptr), config(std::move(given)) {}
  reader_actor::behavior_type make_behavior();
  time_point now() const;
  void poll_tick();

  // ---- demand ----
  void on_dispatcher_started(const dispatcher_actor& present);
  void add_demand(const read_demand& more);
  void on_queue_ready(std::int32_t queue);

  /// Reads while there is demand and something to read, the partitions in turn, and sends all of it as one batch.
  void read();
  void take(held_partition& held);
  /// The queue was drained: what lies between the last record and what fetch() has passed holds none.
  void pass(std::int32_t partition, held_partition& held);
  /// The record's greatest age is a deadline too.
  void limit_age(request& question, std::int64_t timestamp_ms) const;
  void limit_age(const bad_record&, std::int64_t) const {}
  void limit_age(const skipped_record&, std::int64_t) const {}
  void append(request&& question);
  void append(bad_record&& bad);
  void append(const skipped_record& skipped);
  void settle(const settlement& settled);

  // ---- group ----
  void serve_group();
  void step();
  void commit(const std::vector<position>& positions);
  void answer_settlements(std::uint64_t number);
  void on(partitions_assigned& event);
  void on(positions_loaded& event);
  void on(positions_unavailable& event);
  void accept(const std::vector<position>& starts);
  /// The dispatcher may hold requests that are finished by these positions. Where a probe is still to show whether the
  /// log was written anew below, it is told later: it would throw away answers to what lies there now. Without demand
  /// nothing can be read, and what the dispatcher holds may be the reason: then it is told at once.
  void tell_finished(const std::vector<position>& committed);
  void tell_untold();
  void on(partitions_revoked& event);

  /// Waits for what is in flight, then commits, then gives the partitions back; each wait has a limit. Meanwhile the
  /// kept partitions go on as always, their commits too: a commit refused for being no member is the first sign that a
  /// revocation under way has turned into a loss [kafka 4].
  void continue_revocation();
  void continue_transactional_revocation();
  void give_back();
  void on(commit_ended& event);
  void on(lag_report& report);
  void on(consumer_error& error);
  void holdings_changed();
  void note_error(const std::string& code);
  void note_commit(const commit_ended& event);
  std::string trouble() const; ///< as group_state tells it
  void tell_holdings();

  // ---- what cannot be read ----

  void on(partition_unreadable& event);
  void obey(std::int32_t partition, held_partition& held, unreadable_search::order ordered);
  /// Tells the dispatcher of the next part of a range that is given up, which takes demand; reading goes on after the
  /// last one.
  void give_up(std::int32_t partition, held_partition& held);
  void rewind(std::int32_t partition, held_partition& held, std::int64_t offset);
  /// Finds partitions that bring nothing although something waits in them; tells of them, replaces the client in the
  /// end.
  void watch_progress();
  void tell_stalled(const std::string& why);

  // ---- changed logs ----

  /// Where to begin in a partition that was given to us.
  position begin(const position& committed, const log_report& known);
  void on(log_report& report);
  bool is_of_this_log(const position& stored, const log_report& known) const;
  void begin_anew(std::int32_t partition, held_partition& held, const log_start& start);
  /// Whether the record that shows if the log was written anew is looked for further back. Not if there is none to look
  /// for.
  bool probe_further(std::int32_t partition, held_partition& held);
  void tell_change(std::int32_t partition, const log_start& start, const log_extent& log);

  // ---- exactly-once ----

  void on_offsets_request(const offsets_request& request);
  void respond(const offsets_request& request);
  void on_transaction_ended(const transaction_ended& ended);
  void read_back(const positions_loaded& loaded);
  /// Something of these partitions is still to be committed, or under way.
  bool unfinished(const std::vector<std::int32_t>& which) const;
  void tell_of_offsets();

  // ---- leaving ----
  void leave();
  void close_port();
  void group_is_left();
  void stop();
};

} // namespace mp
