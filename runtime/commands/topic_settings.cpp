#include "runtime/commands/topic_settings.hpp"

#include <cstdlib>

namespace mp {
namespace {

/// An answer with a larger record is not taken (receive.message.max.bytes of librdkafka): the connection to that broker
/// is closed.
constexpr long long answer_bytes_max = 100'000'000;

/// Photos of some megapixels in base64 are larger than Kafka's default of 1 MiB.
constexpr long long kafka_default = 1'048'588;

std::string with_config(const std::string& topic, const std::string& setting) {
  return "kafka-configs.sh --bootstrap-server ... --alter --entity-type topics --entity-name " + topic
         + " --add-config " + setting;
}

} // namespace

std::vector<check_row> rows_of_topic_settings(const std::string& topic, std::size_t request_bytes_max,
                                              const std::map<std::string, std::string>& config) {
  std::vector<check_row> rows;
  if (const auto largest = config.find("max.message.bytes"); largest != config.end()) {
    const auto bytes = std::strtoll(largest->second.c_str(), nullptr, 10);
    const auto wanted = static_cast<long long>(request_bytes_max);
    check_row row{"max.message.bytes of " + topic, check_state::good, largest->second, {}};
    const auto advice_text = with_config(topic, "max.message.bytes=" + std::to_string(wanted));
    if (bytes >= answer_bytes_max)
      row.advice = "a record of this size stops a broker's partitions; at most 100 MB: " + advice_text;
    else if (bytes > wanted + kafka_default)
      row.advice = "larger than MAX_REQUEST_BYTES (" + std::to_string(wanted)
                   + "): such records are read and become dead letters; " + advice_text;
    if (!row.advice.empty())
      row.state = check_state::warning;
    rows.push_back(std::move(row));
  }
  if (const auto type = config.find("compression.type"); type != config.end()) {
    check_row row{"compression.type of " + topic, check_state::good, type->second, {}};
    if (type->second != "uncompressed") {
      row.state = check_state::warning;
      row.advice = "with `uncompressed` the broker itself refuses small batches that unpack to many megabytes (photos "
                   "do not compress "
                   "anyway): "
                   + with_config(topic, "compression.type=uncompressed");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace mp
