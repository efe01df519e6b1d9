#pragma once
// The state of every request between its receipt and its end. No actors: the dispatcher acts on what the table says.

#include "actors/dispatcher/fair_queue.hpp"
#include "actors/dispatcher/in_flight_request.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace mp {

class in_flight_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds a request as waiting, not yet queued, and gives its row, valid until it is removed. Null when the request of
  /// this record is held already: a new reader has read it again, and the held one now answers to the new origin.
  in_flight_request* accept(const origin& from, std::size_t bytes, time_point now);

  /// The row, or null.
  in_flight_request* find(std::uint64_t ticket);

  /// The row of this record, whatever its assignment, or null.
  in_flight_request* at(const origin& place);

  /// The row when it is in `stage` of the call `call_number`, else null: the message is late.
  in_flight_request* find(std::uint64_t ticket, request_stage stage, std::uint32_t call_number);

  /// A waiting request may go to a worker as soon as its turn comes.
  void queue(in_flight_request& row);

  /// The queued request whose turn it is (see fair_queue) among those of other groups than `held_back`, or null. It
  /// stays waiting until it is moved; when that is to a worker, its user is charged.
  in_flight_request* next_waiting(const fair_queue::groups& held_back = {});

  void move(in_flight_request& row, request_stage stage);

  /// Waits until `due`, then is queued again, in front of younger requests of its user. May be parked already: then
  /// only that changes.
  void park(in_flight_request& row, time_point due);

  /// Queues parked requests that are due. Gives the time of the next one, if any.
  std::optional<time_point> unpark(time_point now);

  /// From `when` on an answer is of no use any more.
  void set_deadline(in_flight_request& row, time_point when);

  /// Rows whose deadline has passed and that are unbegun; each is returned once. `next` is set to the earliest deadline
  /// to come, if any.
  std::vector<in_flight_request*> expired(time_point now, std::optional<time_point>& next);

  /// Removes the row: its request has ended, or is not this dispatcher's any more.
  void remove(std::uint64_t ticket);

  /// Moves a row that is being published to awaiting_redelivery: its end can only be published after its record has
  /// been redelivered. It does not count against the intake limits; otherwise the redelivery could never be requested.
  /// So the table may hold twice its limit after a reader's death; these are replies, not photos. A row that awaits it
  /// already does so from `now` on.
  void await_redelivery(in_flight_request& row, time_point now);

  /// Its record has been redelivered: it is being published again. Nothing happens to a row that does not await that.
  void redelivered(in_flight_request& row);

  /// Size of the rows in stage awaiting_redelivery.
  std::size_t awaiting_redelivery_bytes() const { return awaiting_redelivery_bytes_; }

  /// The held size of a row changes.
  void resize(in_flight_request& row, std::size_t bytes);

  /// Rows that no worker has taken yet (is_unbegun), by origin.
  std::vector<in_flight_request*> unbegun();

  /// Rows of a partition and assignment, in any stage.
  std::vector<in_flight_request*> of_partition(std::int32_t partition, std::uint32_t assignment);

  /// How many there are.
  std::size_t unbegun_count() const {
    return count(request_stage::waiting) + count(request_stage::following) + count(request_stage::parked);
  }

  /// Rows that have had their end (is_ended).
  std::size_t ended_count() const {
    return count(request_stage::publishing) + count(request_stage::held_by_producer)
           + count(request_stage::awaiting_redelivery);
  }

  /// All rows, oldest first.
  std::vector<in_flight_request*> all();

  /// Rows in a stage, oldest first.
  std::vector<in_flight_request*> in_stage(request_stage stage);

  /// The first row found that check_consistent() objects to, or null.
  const in_flight_request* inconsistent() const;

  /// Waiting requests that a worker may take now; the others wait for their key.
  std::size_t queued() const { return queue_.size(); }
  bool is_queued(const in_flight_request& row) const { return queue_.contains(row.ticket); }

  std::size_t count(request_stage stage) const { return counts_[static_cast<std::size_t>(stage)]; }
  std::size_t size() const { return rows_.size(); }
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return rows_.empty(); }

private:
  std::unordered_map<std::uint64_t, in_flight_request> rows_;
  std::map<record_key, std::uint64_t> by_record_;
  fair_queue queue_;
  std::uint64_t next_given_ = 0; ///< whose turn it was when that was last a question
  std::multimap<time_point, std::uint64_t> parked_;
  std::multimap<time_point, std::uint64_t> deadlines_;
  std::array<std::size_t, request_stage_count> counts_{};
  std::size_t bytes_ = 0;
  std::size_t awaiting_redelivery_bytes_ = 0;
  std::uint64_t next_ticket_ = 1;
};

} // namespace mp
