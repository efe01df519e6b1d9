#pragma once
// librdkafka's properties: those of ours, those of the user, and the handle made of both.

#include "messages/request.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace mp::kafka {

/// How long a broker may take for an answer, librdkafka's socket.timeout.ms; then the client connects anew and asks
/// whoever is responsible by then. A broker that stands still keeps its connections, so nothing else tells of it: with
/// librdkafka's minute replies stopped for as long as one of three brokers stood still (8 s) and up to 6 s longer, with
/// this for 3.5 s (measured). A fetch has to arrive whole in this time, so a link that takes longer for the largest
/// request needs more.
inline constexpr std::chrono::milliseconds answer_max{3000};

/// How long a broker may take for the first answer on a new connection, librdkafka's api.version.request.timeout.ms;
/// the client looks once a second. A connection to a broker that stands still is accepted by its kernel, and who was
/// just cut off from it tries that first: what the client then waits comes on top of `answer_max` before it looks for
/// another leader. One of three brokers standing still for 8 s, silence: 2.2 to 7.7 s with librdkafka's 10 s (which
/// `answer_max` cuts), 2.3 to 5.2 s with this (measured, 9 times each).
inline constexpr std::chrono::milliseconds first_answer_max{1500};

/// Names and values as in librdkafka's CONFIGURATION.md. Of two with the same name the later one counts.
using property_list = std::vector<name_and_text>;

/// A configuration of `ours` and then `users`, which win. It logs through rd_log and hands out `events` (a mask of
/// RD_KAFKA_EVENT_...) instead of calling back. Throws std::runtime_error for a property that librdkafka refuses.
conf_ptr make_conf(const property_list& ours, const property_list& users, int events);

/// Creates a client, which starts to connect. Throws std::runtime_error, also for properties that contradict each
/// other and for files that cannot be read (TLS keys).
rd_kafka_t* make_handle(rd_kafka_type_t type, conf_ptr conf);

} // namespace mp::kafka
