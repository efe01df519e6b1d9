#pragma once
// The state of every request between its receipt and its end. No actors: the dispatcher acts on what the table says.

#include "actors/dispatcher/fair_queue.hpp"
#include "messages/answer.hpp"
#include "messages/outgoing.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace mp {

enum class request_stage : std::uint8_t {
  waiting,    ///< for a free worker
  parked,     ///< until its retry is due
  assigned,   ///< a worker calls the model
  cleaning,   ///< the sanitizer works on the answer
  publishing, ///< its records are on their way to the broker
};

/// A call that broke off, and what was known then.
struct broken_call {
  fault why = fault::stream_cut;
  bool refused = false;
  bool host_was_well = false;
};

/// One request. The dispatcher changes everything but the stage, which only the table moves.
struct in_flight_request {
  std::uint64_t ticket = 0;
  origin from;
  request_kind kind = request_kind::text;
  request_stage stage = request_stage::waiting;
  shared_request question;          ///< a default one for a bad record
  std::string id;                   ///< for the log
  std::size_t bytes = 0;            ///< what it holds in memory, roughly
  bool leaving = false;             ///< its partition is being taken away: nothing new is begun for it
  bool unowned = false;             ///< its reader is gone, and no other has read it again
  bool gone = false;                ///< its partition was taken away: its end no longer concerns the reader

  std::uint32_t assignments = 0;    ///< number of the present assignment
  unsigned attempts = 0;            ///< calls charged
  unsigned runner_deaths = 0;       ///< at which it was present, or its photo with another request
  bool beside_photo = false;        ///< assigned: another request's photo was at its host when a runner died there
  unsigned waits = 0;               ///< times put back without a charge
  unsigned refusals = 0;            ///< times that an HTTP status in Ollama's place refused it; of a busy host from the second wait on
  std::uint64_t assigned_at = 0;    ///< the present or last assignment among the dispatcher's events
  std::uint64_t refused_at = 0;     ///< the last refusal among them that was not for being busy, 0: none
  std::optional<broken_call> broke_off; ///< parked: its call broke off, and whether the whole server died is not known yet
  std::string host;                 ///< of the present or last assignment
  std::string avoid;                ///< host to avoid next time
  unsigned repair_rounds = 0;       ///< further calls because the answer could not be used
  std::optional<repair_note> repair; ///< of the present round
  std::string problem;              ///< what is wrong with `answer`; may quote it: never logged
  bool following = false;           ///< waiting: it gets the end of a twin that is worked on
  std::optional<std::chrono::steady_clock::time_point> deadline; ///< set by the table

  raw_answer answer;                ///< set from cleaning on
  std::vector<shared_outgoing> records; ///< set from publishing on
  unsigned undelivered = 0;         ///< bit i: record i is not acknowledged yet
  unsigned rejections = 0;          ///< times one of its records was refused for a reason that may be the record's
  std::uint64_t rejected_at = 0;    ///< what its topic had acknowledged at the first of them
  std::chrono::steady_clock::time_point publishing_since{};
  shared_value<bad_record> identity; ///< whose it is, should the reply turn out to be too large
  std::optional<fault> ended_by;    ///< empty: it ends well
  origin published_as;              ///< its origin when its records last went to the producer
  bool dead_letter = false;         ///< one of the records is a dead letter
  bool of_own_model = false;        ///< ended in error: it named a model that no route leads to
  bool at_producer = false;         ///< publishing: an earlier dispatcher has handed over the records, they are not here
  std::optional<std::chrono::steady_clock::time_point> adrift; ///< publishing: since when it waits to be read again, see stale_record

  std::chrono::steady_clock::time_point received{};
  std::chrono::steady_clock::time_point first_assigned{};
  std::chrono::nanoseconds model_time{0};
};

class in_flight_table {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Adds a request as waiting, not yet queued, and gives its row, valid until it is removed. Null when the request of this record
  /// is held already: a new reader has read it again, and the held one now answers to the new origin.
  in_flight_request* accept(const origin& from, std::size_t bytes, time_point now);

  /// The row, or null.
  in_flight_request* find(std::uint64_t ticket);

  /// The row of this record, whatever its epoch, or null.
  in_flight_request* at(const origin& place);

  /// The row when it is in `stage` of assignment `assignment`, else null: the message is late.
  in_flight_request* find(std::uint64_t ticket, request_stage stage, std::uint32_t assignment);

  /// A waiting request may go to a worker as soon as its turn comes.
  void queue(in_flight_request& row);

  /// The queued request whose turn it is (see fair_queue), or null. It stays waiting until it is moved.
  in_flight_request* next_waiting();

  void move(in_flight_request& row, request_stage stage);

  /// Waits until `due`, then is queued again, in front of younger requests of its user. May be parked already: then only that changes.
  void park(in_flight_request& row, time_point due);

  /// Queues parked requests that are due. Gives the time of the next one, if any.
  std::optional<time_point> unpark(time_point now);

  /// From `when` on an answer is of no use any more.
  void set_deadline(in_flight_request& row, time_point when);

  /// Rows whose deadline has passed and that no worker has (waiting and parked); each is returned once. `next` is set to the earliest
  /// deadline to come, if any.
  std::vector<in_flight_request*> expired(time_point now, std::optional<time_point>& next);

  /// Removes the row: its request has ended, or is not this dispatcher's any more.
  void remove(std::uint64_t ticket);

  /// Marks a row whose end can only be published after its record has been redelivered. It does not count against the intake limits;
  /// otherwise the redelivery could never be requested. So the table may hold twice its limit after a reader's death; these are replies, not
  /// photos.
  void set_adrift(in_flight_request& row, time_point now);
  void bring_ashore(in_flight_request& row);
  std::size_t adrift_count() const { return adrift_count_; }
  std::size_t adrift_bytes() const { return adrift_bytes_; }

  /// The held size of a row changes.
  void resize(in_flight_request& row, std::size_t bytes);

  /// Rows that no worker has (waiting and parked), by origin.
  std::vector<in_flight_request*> unbegun();

  /// Rows of a partition and epoch, in any stage.
  std::vector<in_flight_request*> of_partition(std::int32_t partition, std::uint32_t epoch);

  /// All rows, oldest first.
  std::vector<in_flight_request*> all();

  /// Rows in a stage, oldest first.
  std::vector<in_flight_request*> in_stage(request_stage stage);

  /// Waiting requests that a worker may take now; the others wait for a twin or for their key.
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
  std::multimap<time_point, std::uint64_t> parked_;
  std::multimap<time_point, std::uint64_t> deadlines_;
  std::size_t counts_[5] = {};
  std::size_t bytes_ = 0;
  std::size_t adrift_count_ = 0;
  std::size_t adrift_bytes_ = 0;
  std::uint64_t next_ticket_ = 1;
};

} // namespace mp
