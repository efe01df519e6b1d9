#include "runtime/config/kafka_properties.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <memory>
#include <utility>

namespace mp::config {
namespace {

struct conf_deleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using conf_ptr = std::unique_ptr<rd_kafka_conf_t, conf_deleter>;

struct handle_deleter {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};

using error_text = std::array<char, 512>; // the size librdkafka's own examples give it

struct reserved_property {
  std::string_view name;
  std::string_view why;
};

constexpr std::string_view exact_offsets =
  "is fixed: the service commits an offset only after its reply was acknowledged";
constexpr std::string_view safe_replies =
  "is fixed: every reply must be acknowledged by all in-sync replicas before its request is committed";
constexpr std::string_view one_protocol =
  "is fixed: the service takes part in the group by the classic protocol with cooperative-sticky";
constexpr std::string_view own_events = "is fixed: the service depends on the events that librdkafka reports to it";

constexpr std::array<reserved_property, 28> reserved{{
  {"bootstrap.servers", "is set by BOOTSTRAP_SERVER"},
  {"metadata.broker.list", "is set by BOOTSTRAP_SERVER"},
  {"group.id", "is set by CONSUMER_GROUP"},
  {"group.instance.id", "is set by GROUP_INSTANCE_ID"},
  {"enable.auto.commit", exact_offsets},
  {"auto.commit.enable", exact_offsets},
  {"auto.commit.interval.ms", "is set by COMMIT_INTERVAL"},
  {"enable.auto.offset.store", exact_offsets},
  {"offset.store.method", exact_offsets},
  {"auto.offset.reset", "is fixed to earliest: otherwise requests from before the first commit would be lost"},
  {"isolation.level", "is fixed to read_committed: requests of aborted transactions must not be answered"},
  {"partition.assignment.strategy", one_protocol},
  {"group.protocol", one_protocol},
  {"group.protocol.type", one_protocol},
  {"group.remote.assignor", one_protocol},
  {"transactional.id", "is fixed: the service itself decides about transactions"},
  {"enable.idempotence", safe_replies},
  {"enable.gapless.guarantee", safe_replies},
  {"acks", safe_replies},
  {"request.required.acks", safe_replies},
  {"delivery.report.only.error", own_events},
  {"enabled_events", own_events},
  {"enable.partition.eof", own_events},
  {"log.queue", own_events},
  {"consume.callback.max.messages", "is not used: the service has no consume callback"},
  {"test.mock.num.brokers", "is fixed: it would replace the brokers of BOOTSTRAP_SERVER by ones in memory"},
  {"test.mock.broker.rtt", "is fixed: it is for brokers in memory only"},
  {"internal.termination.signal", "is fixed: the service handles its signals itself"},
}};

/// Takes the property, or says in librdkafka's words why not.
std::optional<std::string> refusal(rd_kafka_conf_t* conf, const std::string& property, const std::string& value) {
  error_text error{};
  if (rd_kafka_conf_set(conf, property.c_str(), value.c_str(), error.data(), error.size()) == RD_KAFKA_CONF_OK)
    return std::nullopt;
  std::string text{error.data()};
  while (!text.empty() && text.back() == '\n')
    text.pop_back();
  return text;
}

bool is_known(const std::string& property) {
  const conf_ptr conf{rd_kafka_conf_new()};
  error_text error{};
  // The value does not matter: an unknown name is told apart from a refused value.
  return rd_kafka_conf_set(conf.get(), property.c_str(), "", error.data(), error.size()) != RD_KAFKA_CONF_UNKNOWN;
}

bool all_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// Variables that Kubernetes makes from the name of a service: <NAME>_SERVICE_HOST, <NAME>_SERVICE_PORT[_<PORT'S
/// NAME>], <NAME>_PORT, <NAME>_PORT_<number>_<protocol>[_PROTO, _PORT, _ADDR]. No property of librdkafka looks like one
/// of them.
bool is_of_kubernetes(std::string_view variable) {
  if (variable.ends_with("_SERVICE_HOST") || variable.ends_with("_PORT"))
    return true;
  if (variable.find("_SERVICE_PORT_") != std::string_view::npos)
    return true;
  constexpr std::string_view mark = "_PORT_";
  const auto at = variable.find(mark);
  if (at == std::string_view::npos)
    return false;
  const auto number = variable.substr(at + mark.size());
  return all_digits(number.substr(0, number.find('_')));
}

const std::string* value_of(const std::map<std::string, std::string>& properties, const char* name, const char* alias) {
  for (const auto* key : {name, alias})
    if (const auto found = properties.find(key); found != properties.end())
      return &found->second;
  return nullptr;
}

bool contains_ignoring_case(std::string text, std::string_view part) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.find(part) != std::string::npos;
}

/// Whether making a client would already talk to a ticket or token server.
bool logs_in_at_once(const std::map<std::string, std::string>& properties) {
  const auto* protocol = value_of(properties, "security.protocol", "security.protocol");
  if (!protocol || !contains_ignoring_case(*protocol, "sasl"))
    return false;
  const auto* mechanism = value_of(properties, "sasl.mechanism", "sasl.mechanisms");
  return !mechanism || contains_ignoring_case(*mechanism, "gssapi")
         || contains_ignoring_case(*mechanism, "oauthbearer");
}

std::optional<std::string> client_problem(rd_kafka_type_t type, const std::map<std::string, std::string>& properties) {
  conf_ptr conf{rd_kafka_conf_new()};
  rd_kafka_conf_set_log_cb(conf.get(), nullptr); // what matters comes back as the error
  for (const auto& [property, value] : properties)
    if (property != "debug")
      if (auto problem = refusal(conf.get(), property, value))
        return problem;
  const auto fixed =
    type == RD_KAFKA_PRODUCER ? std::pair{"enable.idempotence", "true"} : std::pair{"group.id", "check"};
  if (auto problem = refusal(conf.get(), fixed.first, fixed.second))
    return problem;
  error_text error{};
  const std::unique_ptr<rd_kafka_t, handle_deleter> handle{rd_kafka_new(type, conf.get(), error.data(), error.size())};
  if (!handle)
    return std::string{error.data()};
  static_cast<void>(conf.release()); // the handle owns it now
  return std::nullopt;
}

} // namespace

std::optional<std::string> property_of_variable(std::string_view variable) {
  constexpr std::string_view prefix = "KAFKA_";
  if (!variable.starts_with(prefix) || variable.size() == prefix.size() || is_of_kubernetes(variable))
    return std::nullopt;
  std::string underscored{variable.substr(prefix.size())};
  for (auto& c : underscored)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  auto dotted = underscored;
  std::replace(dotted.begin(), dotted.end(), '_', '.');
  return !is_known(dotted) && is_known(underscored) ? underscored : dotted;
}

std::optional<std::string> property_problem(const std::string& property, const std::string& value) {
  for (const auto& [name, why] : reserved)
    if (property == name)
      return property + ' ' + std::string{why};
  const conf_ptr conf{rd_kafka_conf_new()};
  auto problem = refusal(conf.get(), property, value);
  const auto hidden = is_secret_property(property) || value.find('@') != std::string::npos;
  if (problem && hidden && !value.empty() && problem->find(value) != std::string::npos)
    return "librdkafka refuses the value (not shown)";
  return problem;
}

bool is_secret_property(std::string_view property) {
  for (const auto part :
       {"password", "secret", "passphrase", ".pem", "sasl.username", "oauthbearer.config", "oauthbearer.extensions"})
    if (property.find(part) != std::string_view::npos)
      return true;
  return false;
}

std::optional<std::string> client_problem(const std::map<std::string, std::string>& properties) {
  if (properties.empty() || logs_in_at_once(properties))
    return std::nullopt;
  if (auto problem = client_problem(RD_KAFKA_CONSUMER, properties))
    return problem;
  return client_problem(RD_KAFKA_PRODUCER, properties);
}

} // namespace mp::config
