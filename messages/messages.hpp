#pragma once
// The messages that the actors of interfaces.hpp send each other, by sender and receiver. Include interfaces.hpp, never
// this: some of them carry actors.

#include "messages/answer.hpp"
#include "messages/clean_answer.hpp"
#include "messages/delivery.hpp"
#include "messages/host_report.hpp"
#include "messages/outgoing.hpp"
#include "messages/position.hpp"
#include "messages/request.hpp"
#include "messages/transaction.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace mp {

// ---- to everybody ----

struct dispatcher_started {
  dispatcher_actor dispatcher;
};

// ---- dispatcher -> reader ----

/// Adds to what the reader may send. A record is taken while both sums are positive, so one record may exceed the
/// bytes.
struct read_demand {
  std::uint32_t records = 0;
  std::int64_t bytes = 0;
};

struct settlement {
  std::vector<origin> finished; ///< their reply, error reply or dead letter is acknowledged, or none was due
  std::vector<origin> handed_back; ///< nothing was begun for them, and nothing will be
  /// Not 0: settlement_committed is wanted once the group knows of all that was settled up to this one. Grows.
  std::uint64_t number = 0;
};

struct queue_ready {
  std::int32_t queue = 0;
};
struct stop_reading {};
struct leave_group {};

// ---- reader -> dispatcher ----

/// All settlements up to this one are committed.
struct settlement_committed {
  std::uint64_t number = 0;
};

struct reader_started {
  reader_actor reader;
};

using record = std::variant<shared_request, shared_value<bad_record>, skipped_record>;

struct record_batch {
  std::vector<record> records;
};

struct partition_assignment {
  std::int32_t partition = 0;
  std::uint32_t assignment = 0;
};

struct taken_partition {
  std::int32_t partition = 0;
  std::uint32_t assignment = 0;
  std::int64_t next = position::none; ///< everything below has had its end
  std::vector<std::int64_t> finished; ///< of what lies above
};

struct partitions_taken {
  std::vector<taken_partition> partitions;
};
struct partitions_leaving {
  std::vector<partition_assignment> partitions;
};
struct partitions_gone {
  std::vector<partition_assignment> partitions;
};
struct group_state {
  std::uint32_t partitions = 0;
  std::string trouble{}; ///< the code of what keeps this reader from partitions, or, with partitions, from committing
  std::string stalled{}; ///< why some of them do not move, for people; empty when all do
};
struct group_left {};

// ---- dispatcher <-> worker ----

struct worker_started {
  worker_actor worker;
  std::string host; ///< the host's address as configured; of a worker node's host with the node's name in front
  bool remote = false; ///< the host is another node's
};

struct work_demand {};
struct demand_withdrawn {};

/// To workers and the health monitor.
struct work_source_started {
  work_source_actor source;
};

struct assignment {
  std::uint64_t ticket = 0; ///< the dispatcher's number of the request
  std::uint32_t call_number = 0; ///< counts the calls of this ticket; an answer to an older one is dropped
  shared_request question;
  std::string model;
  std::optional<std::chrono::milliseconds> time_left{}; ///< until the request's deadline, if it has one
  std::optional<reask_note> reask{}; ///< the model is asked again (REPAIR_ROUNDS): its last answer could not be used
  bool anew = false; ///< an answer that a worker node has of an earlier call is of no use
};

struct cancel_call {
  std::uint64_t ticket = 0;
  /// At a worker node it goes on all the same, for whoever has the request next. Sent the way of its assignment, which
  /// may still be under way.
  bool goes_on = false;
};

struct call_result {
  std::uint64_t ticket = 0;
  std::uint32_t call_number = 0;
  call_outcome outcome;
  std::chrono::nanoseconds duration{0};
};

struct call_ended {
  std::uint64_t serial = 0; ///< the worker's number of the call
  call_outcome outcome;
};

// ---- dispatcher <-> sanitizer ----

/// There is a sanitizer for each, because time grows with an answer: a long one holds up no short one.
enum class cleaning_lane : std::uint8_t { short_answers, long_answers };

/// Longer answers go the other way. This many bytes take some milliseconds at the worst.
inline constexpr std::size_t short_answer_bytes_max = std::size_t{64} << 10;

constexpr cleaning_lane lane_of(std::size_t answer_bytes) {
  return answer_bytes > short_answer_bytes_max ? cleaning_lane::long_answers : cleaning_lane::short_answers;
}

struct sanitizer_started {
  sanitizer_actor sanitizer;
  cleaning_lane lane = cleaning_lane::short_answers;
};

struct cleaning_job {
  std::uint64_t ticket = 0;
  std::uint32_t call_number = 0;
  request_kind kind = request_kind::text;
  finish_reason finish = finish_reason::stop;
  text_slice answer;
  text_slice schema{}; ///< of the request, or empty
};

struct cleaning_result {
  std::uint64_t ticket = 0;
  std::uint32_t call_number = 0;
  std::variant<clean_text, fault> outcome;
  std::string problem{}; ///< of a fault: what is wrong with the answer, for the model. May quote it: never logged
};

// ---- dispatcher <-> producer ----

struct producer_started {
  producer_actor producer;
  std::uint32_t window = 0; ///< how many records may be under way
  std::vector<origin> held{}; ///< requests of an earlier dispatcher whose records it still publishes
  bool whole_requests = false; ///< exactly-once: the records of a request are published together, or none of them
};

/// One record of a request that has had its end. The records of one request come in one publication.
struct tokened_record {
  std::uint64_t token = 0; ///< comes back in the receipt
  shared_outgoing record;
  origin from{}; ///< whose end it is
  std::uint8_t index = 0; ///< its number among the records of the request
  std::uint8_t undelivered = 1; ///< bit i: record i of the request is not acknowledged yet
  bool trial = false; ///< its topic did refuse: exactly-once, not in one transaction with other requests
};

struct publication {
  std::vector<tokened_record> records;
};

/// A record that was not published, because its partition's assignment is not the reader's present one any more.
struct stale_record {
  std::uint64_t token = 0;
  origin from;
};

struct receipts {
  std::vector<delivery> deliveries;
  std::vector<stale_record> stale{};
  std::vector<origin> ended{}; ///< of producer_started::held: acknowledged
  std::vector<origin> given_up{}; ///< of producer_started::held: not published, and will not be
  bool reader_told = false; ///< the reader has heard of the ends, by the origins they were published with
};

/// What keeps the producer from publishing anything. Told again as long as it lasts.
struct output_state {
  std::string trouble; ///< for people, with what to do about it; empty: it works again
};

struct deliveries_ready {};

struct transaction_port_event {
  std::uint32_t port = 0; ///< the producer's number of the port
  transaction_event event;
};

// ---- producer <-> reader, exactly-once ----

struct offsets_request {
  producer_actor producer;
  std::uint64_t serial = 0; ///< comes back in the response
  std::vector<origin> finishing; ///< requests whose records the transaction publishes
  bool read_back =
    false; ///< the outcome of an earlier transaction is unknown: read back from the broker what is committed first
};

struct offsets_response {
  std::uint64_t serial = 0;
  std::vector<position> offsets; ///< to be committed together with the records of the requests not named below
  std::string membership; ///< consumer_port::membership()
  std::vector<origin> finished; ///< had their end before: publish nothing for them
  std::vector<origin> stale; ///< not of a present assignment, or not read in it yet: publish nothing for them now
};

struct transaction_ended {
  std::uint64_t serial = 0;
  bool committed = false;
  std::vector<origin> finished; ///< the requests whose records are visible now; empty unless committed
};

struct offsets_pending {};

// ---- health ----

struct monitor_started {
  monitor_actor monitor;
};

struct host_state {
  std::string host;
  bool usable = false;
  std::uint64_t trouble = 0; ///< number of the last host_trouble received before the probe began
  double gpu_share = 1; ///< how fast it is beside a host that has its models in the GPU's memory, 0 to 1
  std::vector<model_in_memory> loaded{};
  bool has_room = true; ///< host_report::holds_all
};

struct host_trouble {
  std::string host;
  std::uint64_t number = 0; ///< grows with each trouble that a dispatcher reports
  std::string reload{}; ///< a model that has to be loaded anew, or empty
};

struct probe_ended {
  std::string host;
  host_report report;
};

struct intake_state {
  std::uint32_t partitions = 0; ///< held by the reader
  bool draining = false;
  bool intake_paused = false; ///< paused, because too many requests end as dead letters
  std::string reader_trouble{}; ///< group_state::trouble
  std::string stalled{}; ///< group_state::stalled
  bool is_worker_node = false; ///< `partitions` counts readers that were joined
  std::uint32_t usable_remote_hosts = 0; ///< of worker nodes
};

struct health_request {};

/// What /health and /ready say.
struct health_response {
  bool healthy = false; ///< the model is usable on some host
  std::string detail; ///< why not, or empty
  bool ready = false;
  std::string not_ready_reason;
};

struct status_request {};

struct host_view {
  std::string name;
  bool probed = false;
  host_condition condition = host_condition::unreachable; ///< as the last probe found it
};

/// What /api/status says of hosts and intake.
struct status_response {
  bool dispatcher_answers = false;
  health_response health;
  std::vector<host_view> hosts;
  intake_state intake;
};

struct drain {};
struct ping {};
struct pong {
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
  std::string output{}; ///< why records are not published, for people; empty when they are
};

// ---- to supervisors and, through them, to everybody ----

/// The actor of this name is to crash, as by a bug. No typed interface lists it: the default handler of
/// crash_with_reason takes it.
struct crash_order {
  std::string actor;
};

} // namespace mp
