#pragma once
// What the command `check` says about Kafka.

#include "runtime/commands/check_table.hpp"
#include "runtime/commands/commands.hpp"
#include "runtime/config/settings.hpp"
#include "runtime/kafka/topic_admin.hpp"

#include <vector>

namespace mp {

/// Looks at brokers, topics, group and, with DELIVERY=exactly-once, at what transactions need; makes topics where that
/// is wanted. Takes about ten seconds at most for each of them. Throws std::runtime_error for properties that
/// librdkafka refuses.
void add_kafka_rows(const settings& chosen, const check_options& options, std::vector<check_row>& rows);

/// The topics of these settings as `check --create-topics` makes them: large enough for what the settings allow, and
/// none compacted.
std::vector<kafka::wanted_topic> wanted_topics(const settings& chosen, const check_options& options);

} // namespace mp
