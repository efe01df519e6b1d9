#include "runtime/commands/check_kafka.hpp"
#include "runtime/commands/topic_settings.hpp"

#include "actors/telemetry/kafka_advice.hpp"
#include "runtime/kafka/kafka_probe.hpp"
#include "runtime/kafka/topic_names.hpp"
#include "runtime/kafka/transaction_probe.hpp"
#include "runtime/node/assembly.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace mp {
namespace {

using namespace std::chrono_literals;

constexpr auto kafka_limit = 10s;
constexpr int creation_limit_ms = 10'000;
// A record's key, headers and framing beside what a setting limits.
constexpr std::size_t room_beside = 64 * 1024;
// What a broker allows when nobody says anything else, and what our producer sends at most.
constexpr std::size_t usual_bytes_max = 1'048'588;
constexpr std::size_t producer_bytes_max = 16 * 1024 * 1024;

std::vector<std::string> output_topics(const settings& chosen) {
  return {chosen.photo_reply_topic, chosen.text_reply_topic, chosen.dead_letter_topic};
}

/// What is known of the cause, or else where to look.
std::string advice_or(std::string_view code, std::string_view otherwise) {
  const auto known = kafka_advice(code);
  return std::string{known.empty() ? otherwise : known};
}

void add_odd_names(const settings& chosen, std::vector<check_row>& rows) {
  auto names = output_topics(chosen);
  names.insert(names.begin(), chosen.request_topic);
  for (const auto& each : kafka::odd_names(names))
    rows.push_back({"topic " + each.topic, check_state::warning, each.why, "choose another name"});
}

std::string creation_advice(const kafka::made_topic& topic) {
  if (topic.fault == "INVALID_REPLICATION_FACTOR")
    return "give --replication-factor the number of brokers at most";
  if (topic.fault == "TOPIC_AUTHORIZATION_FAILED" || topic.fault == "CLUSTER_AUTHORIZATION_FAILED")
    return "give this user the right CREATE on the topic or the cluster, or have somebody else create it";
  return advice_or(topic.fault, "see the broker's log, or create it with kafka-topics.sh");
}

void create_topics(const settings& chosen, const check_options& options, std::vector<check_row>& rows) {
  const kafka::blocking_handle_ptr handle{
    kafka::make_handle(RD_KAFKA_CONSUMER, kafka::consumer_conf(reader_options(chosen)))};
  for (const auto& each : kafka::make_topics(handle.get(), wanted_topics(chosen, options), creation_limit_ms)) {
    if (!each.fault.empty())
      rows.push_back(
        {"create " + each.name, check_state::failed, each.fault + ": " + each.words, creation_advice(each)});
    else
      rows.push_back({"create " + each.name, check_state::good, each.made ? "created" : "is there already", {}});
  }
}

void add_topic(const kafka::probed_topic& topic, bool is_output, std::vector<check_row>& rows) {
  if (!topic.fault.empty()) {
    rows.push_back(
      {"topic " + topic.name, check_state::failed, topic.fault, advice_or(topic.code, "see the broker's log")});
    return;
  }
  rows.push_back({"topic " + topic.name, check_state::good, std::to_string(topic.partitions) + " partition(s)", {}});
  const auto policy = topic.config.find("cleanup.policy");
  if (is_output && policy != topic.config.end() && policy->second.find("compact") != std::string::npos)
    rows.push_back(
      {"topic " + topic.name, check_state::warning, "is compacted (cleanup.policy=" + policy->second + ")",
       "requests without a key get no reply there, and of several replies under one key only the last stays; set"
       " cleanup.policy=delete"});
}

void add_group(const settings& chosen, const kafka::kafka_report& report, std::vector<check_row>& rows) {
  const auto subject = "group " + chosen.consumer_group;
  if (!report.group_fault.empty()) {
    rows.push_back({subject, check_state::failed, report.group_fault,
                    advice_or(report.group_code, "check CONSUMER_GROUP and the rights of this user on the group")});
    return;
  }
  std::int64_t lag = 0;
  std::string each_lag;
  for (const auto& partition : report.group) {
    lag += partition.lag;
    each_lag +=
      (each_lag.empty() ? "" : " ") + std::to_string(partition.partition) + ":" + std::to_string(partition.lag);
  }
  for (const auto& partition : report.group)
    if (partition.beyond_end)
      rows.push_back({"partition " + std::to_string(partition.partition), check_state::warning,
                      "the committed position " + std::to_string(partition.committed) + " lies beyond the log's end "
                        + std::to_string(partition.end),
                      "the topic was made anew or lost records; the service reads it from its beginning, so that "
                      "replies may come twice"});
  rows.push_back({subject,
                  check_state::good,
                  std::to_string(lag) + " record(s) wait (by partition " + (each_lag.empty() ? "none" : each_lag) + ")",
                  {}});
}

void add_transactions(const settings& chosen, std::vector<check_row>& rows) {
  const auto options = transactions_options(chosen);
  const auto report = kafka::probe_transactions(options, kafka_limit);
  const auto subject = "transactions " + options.transactional_id;
  if (report.fault.empty())
    rows.push_back({subject, check_state::good, "this user may use the id", {}});
  else
    rows.push_back(
      {subject, check_state::failed, report.fault + ": " + report.words,
       advice_or(report.fault,
                 "see the broker's log; its transaction.state.log.replication.factor needs as many brokers")});
}

} // namespace

std::vector<kafka::wanted_topic> wanted_topics(const settings& chosen, const check_options& options) {
  const auto bytes = [](std::size_t wanted) {
    return std::to_string(std::clamp(wanted, usual_bytes_max, producer_bytes_max));
  };
  const auto topic = [&](const std::string& name, kafka::property_list config) {
    return kafka::wanted_topic{name, options.partitions, options.replication_factor, std::move(config)};
  };
  // Photos do not become smaller, and a broker that stores batches as they are refuses those that would unpack to more
  // than it allows.
  std::vector<kafka::wanted_topic> wanted{
    topic(chosen.request_topic, {{"cleanup.policy", "delete"},
                                 {"compression.type", "uncompressed"},
                                 {"max.message.bytes", bytes(chosen.max_request_bytes + room_beside)}})};
  // A text reply has the answer twice.
  const auto reply_bytes = bytes(2 * chosen.max_answer_bytes + room_beside);
  for (const auto& name : {chosen.photo_reply_topic, chosen.text_reply_topic})
    if (wanted.back().name != name)
      wanted.push_back(topic(name, {{"cleanup.policy", "delete"}, {"max.message.bytes", reply_bytes}}));
  const auto whole = chosen.dead_letter_payload == dead_letter_payload::full;
  wanted.push_back(topic(chosen.dead_letter_topic,
                         {{"cleanup.policy", "delete"},
                          {"max.message.bytes", bytes(whole ? chosen.max_request_bytes + 2 * room_beside : 0)}}));
  return wanted;
}

void add_kafka_rows(const settings& chosen, const check_options& options, std::vector<check_row>& rows) {
  add_odd_names(chosen, rows);
  auto look = [&] { return kafka::probe_kafka(reader_options(chosen), output_topics(chosen), kafka_limit); };
  auto report = look();
  if (report.reachable && options.create_topics) {
    create_topics(chosen, options, rows);
    report = look();
  }
  const auto subject = "kafka " + chosen.bootstrap_server;
  if (!report.reachable) {
    rows.push_back(
      {subject, check_state::failed, report.fault,
       advice_or(
         report.code,
         "check BOOTSTRAP_SERVER, that the broker runs, and KAFKA_SECURITY_PROTOCOL where it wants TLS or SASL")});
    return;
  }
  rows.push_back({subject, check_state::good, std::to_string(report.brokers) + " broker(s)", {}});
  for (const auto& topic : report.topics)
    add_topic(topic, &topic != &report.topics.front(), rows);
  for (auto& row : rows_of_topic_settings(chosen.request_topic, chosen.max_request_bytes, report.topics.front().config))
    rows.push_back(std::move(row));
  add_group(chosen, report, rows);
  if (chosen.delivery == delivery_mode::exactly_once)
    add_transactions(chosen, rows);
}

} // namespace mp
