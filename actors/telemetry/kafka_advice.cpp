#include "actors/telemetry/kafka_advice.hpp"

#include <algorithm>
#include <iterator>

namespace mp {
namespace {

struct advice_row {
  std::string_view code;
  std::string_view advice;
};

constexpr std::string_view create_topic = "create the topic: models-processor check --create-topics";
constexpr std::string_view look_at_login =
  "check the user's name and password, KAFKA_SASL_MECHANISM and KAFKA_SECURITY_PROTOCOL";
constexpr std::string_view wait_for_coordinator = "the cluster is still starting or moves a coordinator: wait a moment";

// In the order of their names, by which they are found.
constexpr advice_row rows[] = {
  {"CLUSTER_AUTHORIZATION_FAILED", "give this user the right IDEMPOTENT_WRITE on the cluster, or WRITE on a topic"},
  {"COORDINATOR_LOAD_IN_PROGRESS", wait_for_coordinator},
  {"COORDINATOR_NOT_AVAILABLE", wait_for_coordinator},
  {"GROUP_AUTHORIZATION_FAILED", "give this user the right READ on the group (CONSUMER_GROUP)"},
  {"INVALID_RECORD", "look at the topic's cleanup.policy, which should be delete"},
  {"INVALID_TIMESTAMP", "compare this machine's clock with the broker's; see message.timestamp.before.max.ms and "
                        ".after.max.ms of the topic"},
  {"INVALID_TRANSACTION_TIMEOUT",
   "set KAFKA_TRANSACTION_TIMEOUT_MS to at most the broker's transaction.max.timeout.ms"},
  {"MSG_SIZE_TOO_LARGE", "raise max.message.bytes of the topic"},
  {"NOT_COORDINATOR", wait_for_coordinator},
  {"NOT_ENOUGH_REPLICAS", "start the brokers that are missing, or see min.insync.replicas of the topic"},
  {"NOT_ENOUGH_REPLICAS_AFTER_APPEND", "start the brokers that are missing, or see min.insync.replicas of the topic"},
  {"POLICY_VIOLATION", "see the broker's log for its policy"},
  {"PRODUCER_FENCED", "another instance has the same TRANSACTIONAL_ID: give each its own"},
  {"RECORD_LIST_TOO_LARGE", "raise segment.bytes and max.message.bytes of the topic"},
  {"SASL_AUTHENTICATION_FAILED", look_at_login},
  {"TOPIC_AUTHORIZATION_FAILED",
   "give this user the right to the topic: READ on the requests, WRITE on replies and dead letters"},
  {"TOPIC_EXCEPTION", "the broker takes no such topic name, or none that differs from another one only by . and _"},
  {"TRANSACTIONAL_ID_AUTHORIZATION_FAILED",
   "give this user the rights WRITE and DESCRIBE on the transactional id (TRANSACTIONAL_ID)"},
  {"UNKNOWN_TOPIC_ID", create_topic},
  {"UNKNOWN_TOPIC_OR_PART", create_topic},
  {"UNSUPPORTED_COMPRESSION_TYPE", "set KAFKA_COMPRESSION_TYPE to a kind that the broker knows"},
  {"UNSUPPORTED_SASL_MECHANISM", "set KAFKA_SASL_MECHANISM to one that the broker offers"},
  {"_ALL_BROKERS_DOWN", "check BOOTSTRAP_SERVER and that the brokers run"},
  {"_AUTHENTICATION", look_at_login},
  {"_FENCED", "another instance has the same TRANSACTIONAL_ID: give each its own"},
  {"_MSG_TIMED_OUT", "check that the leaders of the topic's partitions can be reached"},
  {"_RESOLVE", "check the names in BOOTSTRAP_SERVER and in the brokers' advertised.listeners"},
  {"_SSL",
   "set KAFKA_SSL_CA_LOCATION to the authority of the broker's certificate, and check the name that it was made for"},
  {"_TRANSPORT",
   "check BOOTSTRAP_SERVER, that the broker runs, and KAFKA_SECURITY_PROTOCOL where it wants TLS or SASL"},
  {"_UNKNOWN_PARTITION", create_topic},
  {"_UNKNOWN_TOPIC", create_topic},
};
static_assert(std::is_sorted(std::begin(rows), std::end(rows),
                             [](const auto& a, const auto& b) { return a.code < b.code; }));

} // namespace

std::string_view kafka_advice(std::string_view code) {
  const auto* found = std::lower_bound(std::begin(rows), std::end(rows), code,
                                       [](const auto& row, auto name) { return row.code < name; });
  return found != std::end(rows) && found->code == code ? found->advice : std::string_view{};
}

std::string with_advice(std::string_view code) {
  std::string text{code};
  if (const auto advice = kafka_advice(code); !advice.empty())
    text.append("; ").append(advice);
  return text;
}

} // namespace mp
