#pragma once
// The type ids of all messages and how those that travel between nodes are written. Include interfaces.hpp, never this.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/type_id.hpp>

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
CAF_ADD_TYPE_ID(models_processor, (mp::dispatcher_started))
CAF_ADD_TYPE_ID(models_processor, (mp::worker_started))
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
bool inspect(Inspector& f, dispatcher_started& x) {
  return f.object(x).fields(f.field("dispatcher", x.dispatcher));
}

template <class Inspector>
bool inspect(Inspector& f, worker_started& x) {
  return f.object(x).fields(f.field("worker", x.worker), f.field("host", x.host));
}

template <class Inspector>
bool inspect(Inspector& f, work_demand& x) {
  return f.object(x).fields();
}

template <class Inspector>
bool inspect(Inspector& f, assignment& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("call_number", x.call_number),
                            f.field("question", x.question), f.field("model", x.model),
                            f.field("time_left", x.time_left), f.field("reask", x.reask));
}

template <class Inspector>
bool inspect(Inspector& f, cancel_call& x) {
  return f.object(x).fields(f.field("ticket", x.ticket));
}

template <class Inspector>
bool inspect(Inspector& f, call_result& x) {
  return f.object(x).fields(f.field("ticket", x.ticket), f.field("call_number", x.call_number),
                            f.field("outcome", x.outcome), f.field("duration", x.duration));
}

} // namespace mp

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::read_demand)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(mp::settlement)
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
