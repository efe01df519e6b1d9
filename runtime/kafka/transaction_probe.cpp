#include "runtime/kafka/transaction_probe.hpp"

#include "runtime/kafka/time_limit.hpp"
#include "runtime/kafka/topic_admin.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace mp::kafka {
namespace {

constexpr int config_limit_ms = 3000;

/// More than any broker allows. librdkafka adds 100 to it in an int when socket.timeout.ms is set.
constexpr std::chrono::milliseconds longest_timeout{std::numeric_limits<std::int32_t>::max() - 100};

std::int64_t number_in(const char* begin, const char* end) {
  std::int64_t number = 0;
  std::from_chars(begin, end, number);
  return number;
}

std::int64_t timeout_of(const transaction_options& options) {
  const auto conf = transaction_conf(options);
  std::array<char, 32> text{};
  auto size = text.size();
  if (rd_kafka_conf_get(conf.get(), "transaction.timeout.ms", text.data(), &size) != RD_KAFKA_CONF_OK)
    return 0;
  return number_in(text.data(), text.data() + text.size());
}

std::optional<std::int64_t> limit_of_broker(rd_kafka_t* handle, const time_limit& limit) {
  const rd_kafka_metadata_t* answer = nullptr;
  if (rd_kafka_metadata(handle, 0, nullptr, &answer, limit.left()))
    return std::nullopt;
  const metadata_ptr metadata{answer};
  if (metadata->broker_cnt == 0)
    return std::nullopt;
  const auto broker = std::to_string(metadata->brokers[0].id);
  for (const auto& each :
       configs_of(handle, RD_KAFKA_RESOURCE_BROKER, {broker}, limit.left(std::chrono::milliseconds{config_limit_ms})))
    if (const auto found = each.values.find("transaction.max.timeout.ms"); found != each.values.end())
      return number_in(found->second.data(), found->second.data() + found->second.size());
  return std::nullopt;
}

} // namespace

transaction_report probe_transactions(const transaction_options& options, std::chrono::milliseconds time) {
  transaction_report report;
  report.timeout_ms = timeout_of(options);
  auto asking = options;
  asking.transaction_timeout = longest_timeout;
  std::erase_if(asking.producer.properties,
                [](const name_and_text& each) { return each.first == "transaction.timeout.ms"; });
  const time_limit limit{time};
  const blocking_handle_ptr handle{make_handle(RD_KAFKA_PRODUCER, transaction_conf(asking))};
  report.timeout_ms_limit = limit_of_broker(handle.get(), limit);
  if (const error_ptr error{rd_kafka_init_transactions(handle.get(), limit.left())};
      error && rd_kafka_error_code(error.get()) != RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT) {
    report.fault = rd_kafka_error_name(error.get());
    report.words = rd_kafka_error_string(error.get());
  } else if (report.timeout_ms_limit && report.timeout_ms > *report.timeout_ms_limit) {
    report.fault = "INVALID_TRANSACTION_TIMEOUT";
    report.words = "transaction.timeout.ms is " + std::to_string(report.timeout_ms) + ", the broker allows "
                   + std::to_string(*report.timeout_ms_limit);
  }
  return report;
}

} // namespace mp::kafka
