#include "runtime/kafka/kafka_probe.hpp"

#include "runtime/kafka/client_errors.hpp"
#include "runtime/kafka/rd_log.hpp"
#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/time_limit.hpp"
#include "runtime/kafka/topic_admin.hpp"
#include "runtime/kafka/topic_rights.hpp"

#include <algorithm>
#include <atomic>
#include <numeric>
#include <thread>
#include <utility>

namespace mp::kafka {

namespace {

constexpr int config_limit_ms = 3000;
// A connection that is refused may be one of a broker that is just starting: no longer than this is waited for another
// reason.
constexpr std::chrono::milliseconds probe_timeout{3000};

void note(probed_topic& topic, rd_kafka_resp_err_t code) {
  topic.code = rd_kafka_err2name(code);
  topic.fault = code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ? "the topic does not exist" : rd_kafka_err2str(code);
}

/// The coordinator is being made or moved; the broker is well.
bool passes(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_COORDINATOR || code == RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE
         || code == RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS || code == RD_KAFKA_RESP_ERR__WAIT_COORD;
}

/// The partition has no leader for the moment, as just after its topic was created.
bool is_electing(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE;
}

probed_topic look_at(rd_kafka_t* handle, const std::string& name, const time_limit& limit, int& brokers) {
  probed_topic seen{name, 0, {}};
  const topic_ptr topic{rd_kafka_topic_new(handle, name.c_str(), nullptr)};
  if (!topic) {
    seen.fault = "not a valid topic name";
    return seen;
  }
  const rd_kafka_metadata_t* answer = nullptr;
  const auto code = rd_kafka_metadata(handle, 0, topic.get(), &answer, limit.left());
  const metadata_ptr metadata{answer};
  if (code) {
    note(seen, code);
    return seen;
  }
  brokers = metadata->broker_cnt;
  if (metadata->topic_cnt < 1)
    note(seen, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
  else if (metadata->topics[0].err)
    note(seen, metadata->topics[0].err);
  else
    seen.partitions = metadata->topics[0].partition_cnt;
  return seen;
}

/// Makes the call again while what it gives will pass, at the latest until `limit`. Between two calls there is nothing
/// to wait for: the broker does not report when it has a leader or a coordinator.
template <class Call, class Passes>
rd_kafka_resp_err_t ask_while(const time_limit& limit, Passes passing, Call call) {
  constexpr std::chrono::milliseconds pause{200};
  auto code = call();
  for (; passing(code) && !limit.over(); code = call())
    std::this_thread::sleep_for(pause);
  return code;
}

void look_at_group(rd_kafka_t* handle, const std::string& topic, int partitions, const time_limit& limit,
                   kafka_report& report) {
  std::vector<std::int32_t> all(static_cast<std::size_t>(partitions));
  std::iota(all.begin(), all.end(), 0);
  const auto list = make_list(topic, all);
  const auto committed_code =
    ask_while(limit, passes, [&] { return rd_kafka_committed(handle, list.get(), limit.left()); });
  if (committed_code) {
    report.group_fault = rd_kafka_err2str(committed_code);
    report.group_code = rd_kafka_err2name(committed_code);
    return;
  }
  for (const auto& each : elements(list.get())) {
    std::int64_t begin = 0, end = 0;
    const auto ask_ends = [&] {
      return rd_kafka_query_watermark_offsets(handle, topic.c_str(), each.partition, &begin, &end, limit.left());
    };
    const auto code = each.err ? each.err : ask_while(limit, is_electing, ask_ends);
    if (code) {
      report.group_fault = "partition " + std::to_string(each.partition) + ": " + rd_kafka_err2str(code);
      report.group_code = rd_kafka_err2name(code);
      report.group.clear();
      return;
    }
    const auto committed = each.offset < 0 ? std::int64_t{-1} : each.offset;
    // What retention has removed no longer waits; with a position that the log does not have, all that it has does.
    const bool beyond_end = committed > end;
    const auto next = beyond_end ? begin : std::max(committed, begin);
    report.group.push_back({each.partition, committed, end, end - next, beyond_end});
  }
}

/// Connections that brokers have closed.
using closed_count = std::atomic<unsigned>;

void count_closed(rd_kafka_conf_t* conf, closed_count& count) {
  rd_kafka_conf_set_opaque(conf, &count);
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t* handle, int level, const char* facility, const char* text) {
    take_log_line(handle, level, facility, text);
    if (handle && tells_of_closed_connection(facility, text))
      static_cast<closed_count*>(rd_kafka_opaque(handle))->fetch_add(1);
  });
}

/// Repeats the request until a broker answers or the reason why none does is known. The calls themselves only say
/// "timed out".
bool reach(rd_kafka_t* handle, const time_limit& limit, const closed_count& closed, kafka_report& report) {
  client_errors errors;
  const time_limit patient{probe_timeout};
  for (;;) {
    const rd_kafka_metadata_t* answer = nullptr;
    const auto code = rd_kafka_metadata(handle, 0, nullptr, &answer, limit.left(std::chrono::milliseconds{500}));
    const metadata_ptr metadata{answer};
    if (!code && metadata->broker_cnt > 0)
      return true;
    errors.drain(handle);
    if (limit.over() || errors.is_cause() || (patient.over() && (!errors.best().empty() || closed > 0)))
      break;
    if (code != RD_KAFKA_RESP_ERR__TIMED_OUT)
      std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  report.fault = errors.best();
  report.code = errors.code();
  if (report.fault.empty() && closed > 0) {
    report.fault = "the broker closes the connection without a word";
    report.code = rd_kafka_err2name(RD_KAFKA_RESP_ERR__TRANSPORT);
  } else if (report.fault.empty()) {
    report.fault = "no answer in time";
  }
  return false;
}

/// The rights that are missing, and the configurations, of the topics that exist.
void look_closer(rd_kafka_t* handle, const time_limit& limit, std::vector<probed_topic>& topics) {
  std::vector<std::string> names;
  for (const auto& each : topics)
    if (each.fault.empty())
      names.push_back(each.name);
  if (names.empty())
    return;
  const auto limit_ms = limit.left(std::chrono::milliseconds{config_limit_ms});
  const auto rights = rights_of(handle, names, limit_ms);
  const auto configs = configs_of(handle, RD_KAFKA_RESOURCE_TOPIC, names, limit_ms);
  for (auto& topic : topics) {
    const auto to_read = &topic == &topics.front();
    for (const auto& each : rights)
      if (each.topic == topic.name && (to_read ? each.may_read : each.may_write) == false) {
        topic.code = "TOPIC_AUTHORIZATION_FAILED";
        topic.fault = to_read ? "this user may not read it" : "this user may not write to it";
      }
    for (const auto& each : configs)
      if (each.name == topic.name)
        topic.config = each.values;
  }
}

} // namespace

kafka_report probe_kafka(const consumer_options& options, const std::vector<std::string>& other_topics,
                         std::chrono::milliseconds time) {
  const time_limit limit{time};
  closed_count closed{0}; // outlives the handle, whose threads count
  auto conf = consumer_conf(options);
  count_closed(conf.get(), closed);
  const blocking_handle_ptr handle{make_handle(RD_KAFKA_CONSUMER, std::move(conf))};
  kafka_report report;
  if (!reach(handle.get(), limit, closed, report))
    return report;
  report.reachable = true;
  auto names = other_topics;
  names.insert(names.begin(), options.topic);
  for (const auto& name : names)
    report.topics.push_back(look_at(handle.get(), name, limit, report.brokers));
  look_closer(handle.get(), limit, report.topics);
  if (const auto partitions = report.topics.front().partitions; partitions > 0) {
    look_at_group(handle.get(), options.topic, partitions, limit, report);
  } else {
    report.group_fault = report.topics.front().fault;
    report.group_code = report.topics.front().code;
  }
  return report;
}

} // namespace mp::kafka
