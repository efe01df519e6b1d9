#pragma once
// Every actor of the service, in the order a request meets them, and every message they send each other.
// A message is only sent to somebody who asked for it: see "demand" in actors/README.md.

#include "actors/health_monitor/host_port.hpp"
#include "actors/producer/producer_port.hpp"
#include "messages/answer.hpp"
#include "messages/clean_answer.hpp"
#include "messages/outgoing.hpp"
#include "messages/request.hpp"

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/result.hpp>
#include <caf/type_id.hpp>
#include <caf/typed_actor.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace mp {

struct introduction;
struct read_demand;
struct settlement;
struct queue_bell;
struct stop_reading;
struct leave_group;
struct reader_hello;
struct record_batch;
struct partitions_leaving;
struct partitions_gone;
struct group_state;
struct group_left;
struct worker_hello;
struct work_demand;
struct call_result;
struct sanitizer_hello;
struct cleaning_result;
struct producer_hello;
struct receipts;
struct monitor_hello;
struct host_state;
struct drain;
struct ping;
struct pong;
struct assignment;
struct cancel_call;
struct call_ended;
struct cleaning_job;
struct publication;
struct delivery_bell;
struct host_trouble;
struct probe_ended;
struct intake_state;
struct health_question;
struct health_answer;
struct status_question;
struct node_report;

/// Reads the requests topic under demand, keeps the offset ledger, commits.
using reader_actor = caf::typed_actor<
  /// A dispatcher has started: say hello, forget its predecessor's demand, read again what it may have lost.
  caf::result<void>(introduction),
  /// Read this much more.
  caf::result<void>(read_demand),
  /// These requests have had their end, those were handed back untouched.
  caf::result<void>(settlement),
  /// From the port: something may wait in a queue.
  caf::result<void>(queue_bell),
  /// Read nothing more, whatever was asked for before.
  caf::result<void>(stop_reading),
  /// Commit, leave the group, then answer group_left to the dispatcher.
  caf::result<void>(leave_group)>;

/// Owns the state of every request until its end is acknowledged by the broker. The only actor that does.
using dispatcher_actor = caf::typed_actor<
  /// A reader is there and reads for this dispatcher from now on.
  caf::result<void>(reader_hello),
  /// Records that were asked for.
  caf::result<void>(record_batch),
  /// Partitions are being taken away: begin nothing new for them.
  caf::result<void>(partitions_leaving),
  /// Partitions are gone: what is left of them belongs to somebody else.
  caf::result<void>(partitions_gone),
  /// How many partitions the reader holds.
  caf::result<void>(group_state),
  /// The reader has left the group.
  caf::result<void>(group_left),
  /// A worker is there.
  caf::result<void>(worker_hello),
  /// The worker that sends this is free to take one assignment.
  caf::result<void>(work_demand),
  /// How a model call ended.
  caf::result<void>(call_result),
  /// A sanitizer is there.
  caf::result<void>(sanitizer_hello),
  /// What the sanitizer made of an answer.
  caf::result<void>(cleaning_result),
  /// A producer is there.
  caf::result<void>(producer_hello),
  /// What became of published records.
  caf::result<void>(receipts),
  /// A health monitor is there.
  caf::result<void>(monitor_hello),
  /// A model host became usable or unusable.
  caf::result<void>(host_state),
  /// Take nothing new, finish what is under way, have the reader leave its group; answered when all of that is done.
  caf::result<void>(drain),
  /// Are you alive, and how much is there to do?
  caf::result<pong>(ping)>;

/// Puts one question at a time to a model host.
using worker_actor = caf::typed_actor<
  /// A dispatcher has started: drop what the old one wanted, say hello.
  caf::result<void>(introduction),
  /// Answer this. Sent only after work_demand.
  caf::result<void>(assignment),
  /// The answer is not wanted any more.
  caf::result<void>(cancel_call),
  /// From the port: the call has ended.
  caf::result<void>(call_ended)>;

/// Makes answers fit to publish.
using sanitizer_actor = caf::typed_actor<
  caf::result<void>(introduction),
  /// Clean this answer.
  caf::result<void>(cleaning_job)>;

/// Publishes records and reports what the broker said.
using producer_actor = caf::typed_actor<
  caf::result<void>(introduction),
  /// Publish these. Never more are under way than producer_hello allowed.
  caf::result<void>(publication),
  /// From the port: deliveries may be waiting.
  caf::result<void>(delivery_bell)>;

/// Probes the model hosts, answers how the node is.
using monitor_actor = caf::typed_actor<
  caf::result<void>(introduction),
  /// A worker could not use this host: look at it at once.
  caf::result<void>(host_trouble),
  /// From the port: a probe has ended.
  caf::result<void>(probe_ended),
  /// How the dispatcher's intake is.
  caf::result<void>(intake_state),
  /// How are you?
  caf::result<health_answer>(health_question),
  /// How is everything? Answered also when the dispatcher is not there.
  caf::result<node_report>(status_question)>;

// ---- to everybody ----------------------------------------------------------------------------------------------------

struct introduction { dispatcher_actor dispatcher; };

// ---- dispatcher -> reader --------------------------------------------------------------------------------------------

/// Adds to what the reader may send. A record is taken while both sums are positive, so one record may exceed the bytes.
struct read_demand {
  std::uint32_t records = 0;
  std::int64_t bytes = 0;
};

struct settlement {
  std::vector<origin> finished;    ///< their reply, error reply or dead letter is acknowledged, or none was due
  std::vector<origin> handed_back; ///< nothing was begun for them, and nothing will be
};

struct queue_bell { std::int32_t queue = 0; };
struct stop_reading {};
struct leave_group {};

// ---- reader -> dispatcher --------------------------------------------------------------------------------------------

struct reader_hello { reader_actor reader; };

using record = std::variant<shared_request, shared_value<bad_record>, skipped_record>;

struct record_batch { std::vector<record> records; };

struct partition_epoch {
  std::int32_t partition = 0;
  std::uint32_t epoch = 0;
};

struct partitions_leaving { std::vector<partition_epoch> partitions; };
struct partitions_gone { std::vector<partition_epoch> partitions; };
struct group_state { std::uint32_t partitions = 0; };
struct group_left {};

// ---- dispatcher <-> worker -------------------------------------------------------------------------------------------

struct worker_hello {
  worker_actor worker;
  std::string host; ///< the host's address as configured
};

struct work_demand {};

struct assignment {
  std::uint64_t ticket = 0;  ///< the dispatcher's number of the request
  std::uint32_t attempt = 0; ///< counts assignments of this ticket; an answer to an older one is dropped
  shared_request question;
  std::string model;
};

struct cancel_call { std::uint64_t ticket = 0; };

struct call_result {
  std::uint64_t ticket = 0;
  std::uint32_t attempt = 0;
  call_outcome outcome;
  std::chrono::nanoseconds duration{0};
};

struct call_ended {
  std::uint64_t serial = 0; ///< the worker's number of the call
  call_outcome outcome;
};

// ---- dispatcher <-> sanitizer ----------------------------------------------------------------------------------------

struct sanitizer_hello { sanitizer_actor sanitizer; };

struct cleaning_job {
  std::uint64_t ticket = 0;
  std::uint32_t attempt = 0;
  request_kind kind = request_kind::text;
  finish_reason finish = finish_reason::stop;
  text_slice answer;
};

struct cleaning_result {
  std::uint64_t ticket = 0;
  std::uint32_t attempt = 0;
  std::variant<clean_text, fault> outcome;
};

// ---- dispatcher <-> producer -----------------------------------------------------------------------------------------

struct producer_hello {
  producer_actor producer;
  std::uint32_t window = 0; ///< how many records may be under way
};

struct tokened_record {
  std::uint64_t token = 0; ///< comes back in the receipt
  shared_outgoing record;
};

struct publication { std::vector<tokened_record> records; };
struct receipts { std::vector<delivery> deliveries; };
struct delivery_bell {};

// ---- health ----------------------------------------------------------------------------------------------------------

struct monitor_hello { monitor_actor monitor; };

struct host_state {
  std::string host;
  bool usable = false;
};

struct host_trouble { std::string host; };

struct probe_ended {
  std::string host;
  host_report report;
};

struct intake_state {
  std::uint32_t partitions = 0; ///< held by the reader
  bool draining = false;
};

struct health_question {};

/// What /health and /ready say.
struct health_answer {
  bool healthy = false;       ///< the model is usable on some host
  std::string detail;         ///< why not, or empty
  bool ready = false;
  std::string not_ready_reason;
};

struct status_question {};

struct host_view {
  std::string name;
  bool probed = false;
  host_condition condition = host_condition::unreachable; ///< as the last probe found it
};

/// What /api/status says of hosts and intake.
struct node_report {
  bool dispatcher_answers = false;
  health_answer health;
  std::vector<host_view> hosts;
  intake_state intake;
};

struct drain {};
struct ping {};
struct pong {
  std::uint64_t waiting = 0;
  std::uint64_t in_flight = 0;
};

// ---- to supervisors and, through them, to everybody ------------------------------------------------------------------

/// The actor of this name is to crash, as by a bug. No interface lists it: whoever called crash_with_reason takes it.
struct crash_order { std::string actor; };

} // namespace mp

CAF_BEGIN_TYPE_ID_BLOCK(models_processor, caf::first_custom_type_id)
  // Between nodes: their order is the wire format. A change here needs a new protocol number.
  CAF_ADD_TYPE_ID(models_processor, (mp::origin))
  CAF_ADD_TYPE_ID(models_processor, (mp::request_kind))
  CAF_ADD_TYPE_ID(models_processor, (mp::text_slice))
  CAF_ADD_TYPE_ID(models_processor, (mp::request))
  CAF_ADD_TYPE_ID(models_processor, (mp::shared_request))
  CAF_ADD_TYPE_ID(models_processor, (mp::finish_reason))
  CAF_ADD_TYPE_ID(models_processor, (mp::fault))
  CAF_ADD_TYPE_ID(models_processor, (mp::raw_answer))
  CAF_ADD_TYPE_ID(models_processor, (mp::call_failure))
  CAF_ADD_TYPE_ID(models_processor, (mp::call_outcome))
  CAF_ADD_TYPE_ID(models_processor, (mp::dispatcher_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::worker_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::introduction))
  CAF_ADD_TYPE_ID(models_processor, (mp::worker_hello))
  CAF_ADD_TYPE_ID(models_processor, (mp::work_demand))
  CAF_ADD_TYPE_ID(models_processor, (mp::assignment))
  CAF_ADD_TYPE_ID(models_processor, (mp::cancel_call))
  CAF_ADD_TYPE_ID(models_processor, (mp::call_result))
  // Inside one process.
  CAF_ADD_TYPE_ID(models_processor, (mp::reader_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::sanitizer_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::producer_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::monitor_actor))
  CAF_ADD_TYPE_ID(models_processor, (mp::read_demand))
  CAF_ADD_TYPE_ID(models_processor, (mp::settlement))
  CAF_ADD_TYPE_ID(models_processor, (mp::queue_bell))
  CAF_ADD_TYPE_ID(models_processor, (mp::stop_reading))
  CAF_ADD_TYPE_ID(models_processor, (mp::leave_group))
  CAF_ADD_TYPE_ID(models_processor, (mp::reader_hello))
  CAF_ADD_TYPE_ID(models_processor, (mp::record_batch))
  CAF_ADD_TYPE_ID(models_processor, (mp::partitions_leaving))
  CAF_ADD_TYPE_ID(models_processor, (mp::partitions_gone))
  CAF_ADD_TYPE_ID(models_processor, (mp::group_state))
  CAF_ADD_TYPE_ID(models_processor, (mp::group_left))
  CAF_ADD_TYPE_ID(models_processor, (mp::call_ended))
  CAF_ADD_TYPE_ID(models_processor, (mp::sanitizer_hello))
  CAF_ADD_TYPE_ID(models_processor, (mp::cleaning_job))
  CAF_ADD_TYPE_ID(models_processor, (mp::cleaning_result))
  CAF_ADD_TYPE_ID(models_processor, (mp::producer_hello))
  CAF_ADD_TYPE_ID(models_processor, (mp::publication))
  CAF_ADD_TYPE_ID(models_processor, (mp::receipts))
  CAF_ADD_TYPE_ID(models_processor, (mp::delivery_bell))
  CAF_ADD_TYPE_ID(models_processor, (mp::monitor_hello))
  CAF_ADD_TYPE_ID(models_processor, (mp::host_state))
  CAF_ADD_TYPE_ID(models_processor, (mp::host_trouble))
  CAF_ADD_TYPE_ID(models_processor, (mp::probe_ended))
  CAF_ADD_TYPE_ID(models_processor, (mp::intake_state))
  CAF_ADD_TYPE_ID(models_processor, (mp::health_question))
  CAF_ADD_TYPE_ID(models_processor, (mp::health_answer))
  CAF_ADD_TYPE_ID(models_processor, (mp::status_question))
  CAF_ADD_TYPE_ID(models_processor, (mp::node_report))
  CAF_ADD_TYPE_ID(models_processor, (mp::crash_order))
  CAF_ADD_TYPE_ID(models_processor, (mp::drain))
  CAF_ADD_TYPE_ID(models_processor, (mp::ping))
  CAF_ADD_TYPE_ID(models_processor, (mp::pong))
CAF_END_TYPE_ID_BLOCK(models_processor)

namespace mp {

template <class Inspector>
bool inspect(Inspector& f, introduction& x) { return f.object(x).fields(f.field("dispatcher", x.dispatcher)); }

template <class Inspector>
bool inspect(Inspector& f, worker_hello& x) { return f.object(x).fields(f.field("worker", x.worker), f.field("host", x.host)); }

template <class Inspector>
bool inspect(Inspector& f, work_demand& x) { return f.object(x).fields(); }

template <class Inspector>
bool inspect(Inspector& f, assignment& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("attempt", x.attempt), f.field("question", x.question),
                            f.field("model", x.model));
}

template <class Inspector>
bool inspect(Inspector& f, cancel_call& x) { return f.object(x).fields(f.field("ticket", x.ticket)); }

template <class Inspector>
bool inspect(Inspector& f, call_result& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("attempt", x.attempt), f.field("outcome", x.outcome),
                            f.field("duration", x.duration));
}

} // namespace mp

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::read_demand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::settlement)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::queue_bell)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::stop_reading)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::leave_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::reader_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::record_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::partitions_leaving)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::partitions_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::group_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::group_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::call_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::sanitizer_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::cleaning_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::cleaning_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::producer_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::receipts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::delivery_bell)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::monitor_hello)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::host_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::host_trouble)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::probe_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::intake_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::health_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::health_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::status_question)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::node_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::crash_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::ping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::pong)
