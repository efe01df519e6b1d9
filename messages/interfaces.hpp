#pragma once
// Every actor of the service, in the order a request meets them, and every message they send each other.
// A message is only sent to a receiver that has requested it: see "demand" in actors/README.md.
// Their type ids and what travels between nodes stand in type_ids.hpp.

#include <caf/result.hpp>
#include <caf/typed_actor.hpp>

namespace mp {

struct dispatcher_started;
struct read_demand;
struct settlement;
struct settlement_committed;
struct queue_ready;
struct stop_reading;
struct leave_group;
struct reader_started;
struct record_batch;
struct partitions_taken;
struct partitions_leaving;
struct partitions_gone;
struct group_state;
struct group_left;
struct worker_started;
struct work_demand;
struct call_result;
struct sanitizer_started;
struct cleaning_result;
struct producer_started;
struct receipts;
struct output_state;
struct monitor_started;
struct host_state;
struct drain;
struct ping;
struct pong;
struct assignment;
struct cancel_call;
struct call_ended;
struct cleaning_job;
struct publication;
struct deliveries_ready;
struct transaction_port_event;
struct offsets_request;
struct offsets_response;
struct transaction_ended;
struct offsets_pending;
struct host_trouble;
struct probe_ended;
struct intake_state;
struct work_source_started;
struct demand_withdrawn;
struct worker_nodes_started;
struct nodes_heard;
struct held_calls_offered;
struct adopt_call;
struct adoption_failed;
struct work_backlog;
struct requests_settled;
struct requests_released;
struct slot_offered;
struct slot_recalled;
struct slot_returned;
struct node_hello;
struct node_welcome;
struct node_refused;
struct node_introduction;
struct session_over;
struct node_draining;
struct slots_offered;
struct slots_recalled;
struct slots_returned;
struct link_heartbeat;
struct reader_backlog;
struct link_piece;
struct link_ack;
struct remote_cancel;
struct held_call_wanted;
struct calls_settled;
struct calls_released;
struct calls_held;
struct remote_host_state;
struct remote_host_trouble;
struct dial_ended;
struct nodes_request;
struct nodes_response;
struct health_request;
struct health_response;
struct status_request;
struct status_response;

/// Reads the requests topic under demand, keeps the offset ledger, commits.
using reader_actor = caf::typed_actor<
  /// A dispatcher has started: answer reader_started, drop its predecessor's demand, read again what it may have lost.
  caf::result<void>(dispatcher_started),
  /// Read this much more.
  caf::result<void>(read_demand),
  /// These requests have had their end, those were handed back untouched.
  caf::result<void>(settlement),
  /// From the port: something may wait in a queue.
  caf::result<void>(queue_ready),
  /// Read nothing more, whatever demand there was.
  caf::result<void>(stop_reading),
  /// Commit, leave the group, then answer group_left to the dispatcher.
  caf::result<void>(leave_group),
  /// Exactly-once: requests the offsets as they will be with these ends published.
  caf::result<void>(offsets_request),
  /// Exactly-once: the outcome of the transaction whose offsets were requested.
  caf::result<void>(transaction_ended)>;

/// Owns the state of every request until its end is acknowledged by the broker. The only actor that does.
using dispatcher_actor = caf::typed_actor<
  /// A reader is there and reads for this dispatcher from now on.
  caf::result<void>(reader_started),
  /// Records within the demand.
  caf::result<void>(record_batch),
  /// Partitions were given to this reader, or read back: what is finished there needs nothing more.
  caf::result<void>(partitions_taken),
  /// Partitions are being taken away: begin nothing new for them.
  caf::result<void>(partitions_leaving),
  /// Partitions were revoked or lost: their unfinished records belong to another member.
  caf::result<void>(partitions_gone),
  /// How many partitions the reader holds, and whether they move.
  caf::result<void>(group_state),
  /// The reader has left the group.
  caf::result<void>(group_left),
  /// A worker is there.
  caf::result<void>(worker_started),
  /// The worker that sends this is free to take one assignment.
  caf::result<void>(work_demand),
  /// The worker that sends this is not free any more. False: it was given an assignment before.
  caf::result<bool>(demand_withdrawn),
  /// How a model call ended.
  caf::result<void>(call_result),
  /// Takes worker nodes: they may hold calls, so that nothing is begun until nodes_heard.
  caf::result<void>(worker_nodes_started),
  /// All worker nodes that are there have said what they hold.
  caf::result<void>(nodes_heard),
  /// Calls that may be adopted.
  caf::result<void>(held_calls_offered),
  /// What was to be adopted is gone.
  caf::result<void>(adoption_failed),
  /// The group knows of the ends that were settled up to a number: their requests are not read again.
  caf::result<void>(settlement_committed),
  /// A sanitizer is there, for the answers of one cleaning_lane.
  caf::result<void>(sanitizer_started),
  /// What the sanitizer made of an answer.
  caf::result<void>(cleaning_result),
  /// A producer is there.
  caf::result<void>(producer_started),
  /// What became of published records.
  caf::result<void>(receipts),
  /// Whether anything can be published at all.
  caf::result<void>(output_state),
  /// A health monitor is there.
  caf::result<void>(monitor_started),
  /// A model host became usable or unusable.
  caf::result<void>(host_state),
  /// Take nothing new, finish what is under way, have the reader leave its group; answered when all of that is done.
  caf::result<void>(drain),
  /// Whether it lives, and how much waits and is in flight.
  caf::result<pong>(ping)>;

/// What the workers and the health monitor of a process work for: the dispatcher or, on a worker node, its node_link.
using work_source_actor =
  caf::typed_actor<caf::result<void>(worker_started), caf::result<void>(work_demand), caf::result<void>(call_result),
                   caf::result<void>(monitor_started), caf::result<void>(host_state), caf::result<pong>(ping)>;

/// Puts one question at a time to a model host, from this process or another node.
using worker_actor = caf::typed_actor<
  /// Answer this. Sent only after work_demand.
  caf::result<void>(assignment),
  /// The answer is not wanted any more.
  caf::result<void>(cancel_call)>;

/// A worker whose model host this process reaches itself.
using ollama_worker_actor = worker_actor::extend<
  /// There is somebody to work for: drop what the old one wanted, answer worker_started.
  caf::result<void>(work_source_started),
  /// From the port: the call has ended.
  caf::result<void>(call_ended)>;

/// Stands for one slot of a worker node.
using remote_worker_actor = worker_actor::extend<
  /// A dispatcher has started: drop what the old one wanted, answer worker_started.
  caf::result<void>(dispatcher_started),
  /// The node's slot is this reader's: request work for it.
  caf::result<void>(slot_offered),
  /// The node wants it back: answer slot_returned, unless there is an assignment for it.
  caf::result<void>(slot_recalled),
  /// How the call has ended.
  caf::result<void>(call_result)>;

/// Makes answers fit to publish.
using sanitizer_actor = caf::typed_actor<caf::result<void>(dispatcher_started),
                                         /// Clean this answer.
                                         caf::result<void>(cleaning_job)>;

/// Publishes records and reports what the broker said.
using producer_actor = caf::typed_actor<caf::result<void>(dispatcher_started),
                                        /// Publish these. Never more are under way than producer_started allowed.
                                        caf::result<void>(publication),
                                        /// From the port: deliveries may be waiting.
                                        caf::result<void>(deliveries_ready),
                                        /// Exactly-once, from the port: it is ready, or a transaction has ended.
                                        caf::result<void>(transaction_port_event),
                                        /// Exactly-once: the reader's response to offsets_request.
                                        caf::result<void>(offsets_response),
                                        /// Exactly-once: offsets have moved without anything to publish.
                                        caf::result<void>(offsets_pending)>;

/// Probes the model hosts, answers how the node is.
using monitor_actor = caf::typed_actor<caf::result<void>(work_source_started),
                                       /// A worker could not use this host: look at it at once.
                                       caf::result<void>(host_trouble),
                                       /// From the port: a probe has ended.
                                       caf::result<void>(probe_ended),
                                       /// How the dispatcher's intake is.
                                       caf::result<void>(intake_state),
                                       /// Whether the node is healthy and ready.
                                       caf::result<health_response>(health_request),
                                       /// The node's hosts and intake. Answered also when the dispatcher is not there.
                                       caf::result<status_response>(status_request)>;

/// Where worker nodes knock.
using node_entrance_actor = caf::typed_actor<caf::result<void>(node_hello)>;

/// Takes worker nodes into a reader's process: a session for each, and a remote_worker for each of its slots.
using worker_nodes_actor = caf::typed_actor<
  // from worker nodes
  caf::result<void>(node_hello), caf::result<void>(node_introduction), caf::result<void>(session_over),
  caf::result<void>(node_draining), caf::result<void>(slots_offered), caf::result<void>(slots_recalled),
  caf::result<void>(link_heartbeat), caf::result<void>(link_piece), caf::result<void>(link_ack),
  caf::result<void>(calls_held), caf::result<void>(remote_host_state),
  // from remote workers
  caf::result<void>(assignment), caf::result<void>(cancel_call), caf::result<void>(slot_returned),
  // from the dispatcher
  caf::result<void>(dispatcher_started),
  /// Get the end of a call that is held somewhere; answer call_result or adoption_failed.
  caf::result<void>(adopt_call),
  /// So much waits for a slot.
  caf::result<void>(work_backlog), caf::result<void>(requests_settled), caf::result<void>(requests_released),
  /// A remote worker could not use this host.
  caf::result<void>(host_trouble),
  /// For the status page.
  caf::result<nodes_response>(nodes_request)>;

/// Joins readers and distributes the slots of a worker node among them.
using node_link_actor = work_source_actor::extend<
  // from readers
  caf::result<void>(node_welcome), caf::result<void>(node_refused), caf::result<void>(session_over),
  caf::result<void>(slots_returned), caf::result<void>(link_heartbeat), caf::result<void>(reader_backlog),
  caf::result<void>(link_piece), caf::result<void>(link_ack), caf::result<void>(remote_cancel),
  caf::result<void>(held_call_wanted), caf::result<void>(calls_settled), caf::result<void>(calls_released),
  caf::result<void>(remote_host_trouble),
  /// From the port: a name was looked up and its addresses were dialled.
  caf::result<void>(dial_ended),
  /// Take nothing new, finish what is under way, then end all sessions; answered when all of that is done.
  caf::result<void>(drain),
  /// For the status page.
  caf::result<nodes_response>(nodes_request)>;

} // namespace mp

#include "messages/between_nodes.hpp"
#include "messages/messages.hpp"
#include "messages/node_messages.hpp"
#include "messages/type_ids.hpp"
