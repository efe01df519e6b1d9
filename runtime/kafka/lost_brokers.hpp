#pragma once
// Gives a client its brokers back. librdkafka forgets every broker that the newest metadata does not name, also the
// last one and also those it was configured with (rd_kafka_metadata_decommission_unavailable_brokers in 2.14.2). A
// broker that was fenced, because it stood still for longer than broker.session.timeout.ms, names none until its
// controller has taken it back; a client that asks in that moment has nobody left to ask again, and
// metadata.recovery.strategy=rebootstrap does not start, since that needs a request that fails. Seen with one broker:
// nothing was read or written any more until the process was restarted.

#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <string_view>

namespace mp::kafka {

/// How often a client is looked at: its statistics.interval.ms. Twice a group's usual heartbeat, and cheap.
inline constexpr std::chrono::milliseconds statistics_interval{3000};

/// Whether a client's statistics (librdkafka's STATISTICS.md) name a broker that it could connect to. Coordinators,
/// which are only roles of such brokers, do not count.
bool names_a_broker(std::string_view statistics);

/// Takes an event RD_KAFKA_EVENT_STATS of `client`: where no broker is left it adds those it was configured with.
void find_lost_brokers(rd_kafka_t* client, rd_kafka_event_t* event);

} // namespace mp::kafka
