#pragma once
// The type ids of all messages and how those that travel between nodes are written. Include interfaces.hpp, never this.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

CAF_BEGIN_TYPE_ID_BLOCK(models_processor, caf::first_custom_type_id)
// Between nodes, in every protocol.
CAF_ADD_TYPE_ID(models_processor, (mp::node_entrance_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::node_link_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::node_hello))
CAF_ADD_TYPE_ID(models_processor, (mp::node_refused))
// Between nodes that speak one protocol: their order and their fields are the wire format. A change needs the next
// number in our_protocols, and a type of its own at the end of this list: the present one goes to peers that speak the
// protocol before, until that is given up.
CAF_ADD_TYPE_ID(models_processor, (mp::record_key))
CAF_ADD_TYPE_ID(models_processor, (mp::origin))
CAF_ADD_TYPE_ID(models_processor, (mp::call_key))
CAF_ADD_TYPE_ID(models_processor, (mp::held_call))
CAF_ADD_TYPE_ID(models_processor, (mp::request_kind))
CAF_ADD_TYPE_ID(models_processor, (mp::text_slice))
CAF_ADD_TYPE_ID(models_processor, (mp::request))
CAF_ADD_TYPE_ID(models_processor, (mp::shared_request))
CAF_ADD_TYPE_ID(models_processor, (mp::finish_reason))
CAF_ADD_TYPE_ID(models_processor, (mp::fault))
CAF_ADD_TYPE_ID(models_processor, (mp::raw_answer))
CAF_ADD_TYPE_ID(models_processor, (mp::call_failure))
CAF_ADD_TYPE_ID(models_processor, (mp::call_outcome))
CAF_ADD_TYPE_ID(models_processor, (mp::worker_nodes_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::node_host))
CAF_ADD_TYPE_ID(models_processor, (mp::node_welcome))
CAF_ADD_TYPE_ID(models_processor, (mp::node_introduction))
CAF_ADD_TYPE_ID(models_processor, (mp::session_over))
CAF_ADD_TYPE_ID(models_processor, (mp::node_draining))
CAF_ADD_TYPE_ID(models_processor, (mp::slots_offered))
CAF_ADD_TYPE_ID(models_processor, (mp::slots_recalled))
CAF_ADD_TYPE_ID(models_processor, (mp::slots_returned))
CAF_ADD_TYPE_ID(models_processor, (mp::link_heartbeat))
CAF_ADD_TYPE_ID(models_processor, (mp::reader_backlog))
CAF_ADD_TYPE_ID(models_processor, (mp::link_piece))
CAF_ADD_TYPE_ID(models_processor, (mp::link_ack))
CAF_ADD_TYPE_ID(models_processor, (mp::assignment))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_call))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_cancel))
CAF_ADD_TYPE_ID(models_processor, (mp::held_call_wanted))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_result))
CAF_ADD_TYPE_ID(models_processor, (mp::calls_settled))
CAF_ADD_TYPE_ID(models_processor, (mp::calls_released))
CAF_ADD_TYPE_ID(models_processor, (mp::calls_held))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_host_state))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_host_trouble))
// Inside one process.
CAF_ADD_TYPE_ID(models_processor, (mp::dispatcher_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::worker_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::ollama_worker_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::remote_worker_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::work_source_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::dispatcher_started))
CAF_ADD_TYPE_ID(models_processor, (mp::work_source_started))
CAF_ADD_TYPE_ID(models_processor, (mp::worker_started))
CAF_ADD_TYPE_ID(models_processor, (mp::work_demand))
CAF_ADD_TYPE_ID(models_processor, (mp::demand_withdrawn))
CAF_ADD_TYPE_ID(models_processor, (mp::cancel_call))
CAF_ADD_TYPE_ID(models_processor, (mp::call_result))
CAF_ADD_TYPE_ID(models_processor, (mp::worker_nodes_started))
CAF_ADD_TYPE_ID(models_processor, (mp::nodes_heard))
CAF_ADD_TYPE_ID(models_processor, (mp::held_calls_offered))
CAF_ADD_TYPE_ID(models_processor, (mp::adopt_call))
CAF_ADD_TYPE_ID(models_processor, (mp::adoption_failed))
CAF_ADD_TYPE_ID(models_processor, (mp::work_backlog))
CAF_ADD_TYPE_ID(models_processor, (mp::requests_settled))
CAF_ADD_TYPE_ID(models_processor, (mp::requests_released))
CAF_ADD_TYPE_ID(models_processor, (mp::slot_offered))
CAF_ADD_TYPE_ID(models_processor, (mp::slot_recalled))
CAF_ADD_TYPE_ID(models_processor, (mp::slot_returned))
CAF_ADD_TYPE_ID(models_processor, (mp::dial_ended))
CAF_ADD_TYPE_ID(models_processor, (mp::nodes_request))
CAF_ADD_TYPE_ID(models_processor, (mp::nodes_response))
CAF_ADD_TYPE_ID(models_processor, (mp::reader_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::sanitizer_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::producer_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::monitor_actor))
CAF_ADD_TYPE_ID(models_processor, (mp::read_demand))
CAF_ADD_TYPE_ID(models_processor, (mp::settlement))
CAF_ADD_TYPE_ID(models_processor, (mp::settlement_committed))
CAF_ADD_TYPE_ID(models_processor, (mp::queue_ready))
CAF_ADD_TYPE_ID(models_processor, (mp::stop_reading))
CAF_ADD_TYPE_ID(models_processor, (mp::leave_group))
CAF_ADD_TYPE_ID(models_processor, (mp::reader_started))
CAF_ADD_TYPE_ID(models_processor, (mp::record_batch))
CAF_ADD_TYPE_ID(models_processor, (mp::partitions_taken))
CAF_ADD_TYPE_ID(models_processor, (mp::partitions_leaving))
CAF_ADD_TYPE_ID(models_processor, (mp::partitions_gone))
CAF_ADD_TYPE_ID(models_processor, (mp::group_state))
CAF_ADD_TYPE_ID(models_processor, (mp::group_left))
CAF_ADD_TYPE_ID(models_processor, (mp::call_ended))
CAF_ADD_TYPE_ID(models_processor, (mp::sanitizer_started))
CAF_ADD_TYPE_ID(models_processor, (mp::cleaning_job))
CAF_ADD_TYPE_ID(models_processor, (mp::cleaning_result))
CAF_ADD_TYPE_ID(models_processor, (mp::producer_started))
CAF_ADD_TYPE_ID(models_processor, (mp::publication))
CAF_ADD_TYPE_ID(models_processor, (mp::receipts))
CAF_ADD_TYPE_ID(models_processor, (mp::output_state))
CAF_ADD_TYPE_ID(models_processor, (mp::deliveries_ready))
CAF_ADD_TYPE_ID(models_processor, (mp::transaction_port_event))
CAF_ADD_TYPE_ID(models_processor, (mp::offsets_request))
CAF_ADD_TYPE_ID(models_processor, (mp::offsets_response))
CAF_ADD_TYPE_ID(models_processor, (mp::transaction_ended))
CAF_ADD_TYPE_ID(models_processor, (mp::offsets_pending))
CAF_ADD_TYPE_ID(models_processor, (mp::monitor_started))
CAF_ADD_TYPE_ID(models_processor, (mp::host_state))
CAF_ADD_TYPE_ID(models_processor, (mp::host_trouble))
CAF_ADD_TYPE_ID(models_processor, (mp::probe_ended))
CAF_ADD_TYPE_ID(models_processor, (mp::intake_state))
CAF_ADD_TYPE_ID(models_processor, (mp::health_request))
CAF_ADD_TYPE_ID(models_processor, (mp::health_response))
CAF_ADD_TYPE_ID(models_processor, (mp::status_request))
CAF_ADD_TYPE_ID(models_processor, (mp::status_response))
CAF_ADD_TYPE_ID(models_processor, (mp::crash_order))
CAF_ADD_TYPE_ID(models_processor, (mp::drain))
CAF_ADD_TYPE_ID(models_processor, (mp::ping))
CAF_ADD_TYPE_ID(models_processor, (mp::pong))
CAF_END_TYPE_ID_BLOCK(models_processor)

namespace mp {

template <class Inspector>
bool inspect(Inspector& f, record_key& x) {
  return f.object(x).fields(f.field("partition", x.partition), f.field("offset", x.offset),
                            f.field("identity", x.identity));
}

template <class Inspector>
bool inspect(Inspector& f, call_key& x) {
  return f.object(x).fields(f.field("topic", x.topic), f.field("record", x.record));
}

template <class Inspector>
bool inspect(Inspector& f, held_call& x) {
  return f.object(x).fields(f.field("key", x.key), f.field("model", x.model), f.field("finished", x.finished));
}

template <class Inspector>
bool inspect(Inspector& f, node_host& x) {
  return f.object(x).fields(f.field("url", x.url), f.field("slots", x.slots));
}

template <class Inspector>
bool inspect(Inspector& f, node_hello& x) {
  return f.object(x).fields(f.field("oldest", x.protocols.oldest), f.field("newest", x.protocols.newest),
                            f.field("version", x.version), f.field("node", x.node),
                            f.field("incarnation", x.incarnation), f.field("link", x.link), f.field("knock", x.knock),
                            f.field("slots", x.slots));
}

template <class Inspector>
bool inspect(Inspector& f, node_welcome& x) {
  return f.object(x).fields(f.field("protocol", x.protocol), f.field("version", x.version), f.field("reader", x.reader),
                            f.field("nodes", x.nodes), f.field("session", x.session), f.field("knock", x.knock));
}

template <class Inspector>
bool inspect(Inspector& f, node_introduction& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("hosts", x.hosts), f.field("held", x.held));
}

template <class Inspector>
bool inspect(Inspector& f, node_refused& x) {
  return f.object(x).fields(f.field("why", x.why));
}

template <class Inspector>
bool inspect(Inspector& f, session_over& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("why", x.why));
}

template <class Inspector>
bool inspect(Inspector& f, node_draining& x) {
  return f.object(x).fields(f.field("session", x.session));
}

template <class Inspector>
bool inspect(Inspector& f, slots_offered& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("host", x.host), f.field("count", x.count));
}

template <class Inspector>
bool inspect(Inspector& f, slots_recalled& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("host", x.host), f.field("count", x.count));
}

template <class Inspector>
bool inspect(Inspector& f, slots_returned& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("host", x.host), f.field("count", x.count));
}

template <class Inspector>
bool inspect(Inspector& f, link_heartbeat& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("number", x.number), f.field("backlog", x.backlog));
}

template <class Inspector>
bool inspect(Inspector& f, reader_backlog& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("requests", x.requests));
}

template <class Inspector>
bool inspect(Inspector& f, link_piece& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("stream", x.stream), f.field("last", x.last),
                            f.field("bytes", x.bytes));
}

template <class Inspector>
bool inspect(Inspector& f, link_ack& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("bytes", x.bytes), f.field("prompt", x.prompt));
}

template <class Inspector>
bool inspect(Inspector& f, assignment& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("call_number", x.call_number),
                            f.field("question", x.question), f.field("model", x.model),
                            f.field("time_left", x.time_left), f.field("reask", x.reask), f.field("anew", x.anew));
}

template <class Inspector>
bool inspect(Inspector& f, remote_call& x) {
  return f.object(x).fields(f.field("host", x.host), f.field("key", x.key), f.field("work", x.work));
}

template <class Inspector>
bool inspect(Inspector& f, remote_cancel& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("call", x.call));
}

template <class Inspector>
bool inspect(Inspector& f, held_call_wanted& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("call", x.call), f.field("which", x.which));
}

template <class Inspector>
bool inspect(Inspector& f, remote_result& x) {
  return f.object(x).fields(f.field("call", x.call), f.field("is_gone", x.is_gone), f.field("outcome", x.outcome),
                            f.field("duration", x.duration));
}

template <class Inspector>
bool inspect(Inspector& f, calls_settled& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("keys", x.keys));
}

template <class Inspector>
bool inspect(Inspector& f, calls_released& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("all", x.all), f.field("keys", x.keys));
}

template <class Inspector>
bool inspect(Inspector& f, calls_held& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("calls", x.calls));
}

template <class Inspector>
bool inspect(Inspector& f, model_in_memory& x) {
  return f.object(x).fields(f.field("name", x.name), f.field("digest", x.digest));
}

template <class Inspector>
bool inspect(Inspector& f, remote_host_state& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("host", x.host), f.field("usable", x.usable),
                            f.field("trouble", x.trouble), f.field("gpu_share", x.gpu_share),
                            f.field("loaded", x.loaded), f.field("has_room", x.has_room));
}

template <class Inspector>
bool inspect(Inspector& f, remote_host_trouble& x) {
  return f.object(x).fields(f.field("session", x.session), f.field("host", x.host), f.field("number", x.number),
                            f.field("reload", x.reload));
}

} // namespace mp

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::dispatcher_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::work_source_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::worker_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::work_demand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::demand_withdrawn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::cancel_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::call_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::worker_nodes_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::nodes_heard)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::held_calls_offered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::adopt_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::adoption_failed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::work_backlog)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::requests_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::requests_released)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::slot_offered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::slot_recalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::slot_returned)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::dial_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::nodes_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::nodes_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::read_demand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::settlement)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::settlement_committed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::queue_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::stop_reading)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::leave_group)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::reader_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::record_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::partitions_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::partitions_leaving)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::partitions_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::group_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::group_left)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::call_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::sanitizer_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::cleaning_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::cleaning_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::producer_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::publication)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::receipts)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::output_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::deliveries_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::transaction_port_event)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::offsets_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::offsets_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::transaction_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::offsets_pending)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::monitor_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::host_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::host_trouble)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::probe_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::intake_state)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::health_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::health_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::status_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::status_response)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::crash_order)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::ping)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::pong)
