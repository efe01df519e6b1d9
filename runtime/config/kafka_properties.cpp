#include "runtime/config/kafka_properties.hpp"

#include "messages/json/ascii.hpp"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

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

/// The names in the table that the library prints for its documentation: the first column of each row.
std::vector<std::string> all_properties() {
  char* text = nullptr;
  std::size_t size = 0;
  auto* const out = ::open_memstream(&text, &size);
  if (out == nullptr)
    return {};
  rd_kafka_conf_properties_show(out);
  std::fclose(out);
  const std::unique_ptr<char, decltype(&std::free)> owner{text, &std::free};
  std::vector<std::string> names;
  for (std::string_view left{text, size}; !left.empty();) {
    const auto end = left.find('\n');
    const auto line = left.substr(0, end);
    left = end == std::string_view::npos ? std::string_view{} : left.substr(end + 1);
    const auto name = line.substr(0, line.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._"));
    if (!name.empty() && line.find('|') != std::string_view::npos)
      names.emplace_back(name);
  }
  return names;
}

/// How many letters have to be changed, put in, left out or swapped with their neighbour to make one of the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        cost[i][j] = i + j;
        continue;
      }
      cost[i][j] =
        std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  return cost[a.size()][b.size()];
}

const std::string* value_of(const std::map<std::string, std::string>& properties, const char* name, const char* alias) {
  for (const auto* key : {name, alias})
    if (const auto found = properties.find(key); found != properties.end())
      return &found->second;
  return nullptr;
}

/// `part` in small letters.
bool contains_ignoring_case(std::string_view text, std::string_view part) {
  return lower_case(text).find(part) != std::string::npos;
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
  const auto underscored = lower_case(variable.substr(prefix.size()));
  auto dotted = underscored;
  std::replace(dotted.begin(), dotted.end(), '_', '.');
  return !is_known_property(dotted) && is_known_property(underscored) ? underscored : dotted;
}

bool is_known_property(const std::string& property) {
  const conf_ptr conf{rd_kafka_conf_new()};
  error_text error{};
  // The value does not matter: an unknown name is told apart from a refused value.
  return rd_kafka_conf_set(conf.get(), property.c_str(), "", error.data(), error.size()) != RD_KAFKA_CONF_UNKNOWN;
}

std::optional<std::string> similar_property(std::string_view property) {
  const auto allowed = property.size() < 8 ? 1u : property.size() < 16 ? 2u : 3u;
  std::optional<std::string> nearest;
  auto least = std::size_t{allowed} + 1;
  for (auto& name : all_properties())
    if (const auto distance = edit_distance(property, name); distance < least) {
      least = distance;
      nearest = std::move(name);
    }
  return nearest;
}

std::string variable_of_property(std::string_view property) {
  std::string variable = "KAFKA_";
  for (const auto c : property)
    variable += c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return variable;
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
  for (const auto* part : {"password", "secret", "passphrase", ".pem", "sasl.username", "kinit.cmd",
                           "oauthbearer.config", "oauthbearer.extensions"})
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
