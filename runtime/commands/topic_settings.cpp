#include "runtime/commands/topic_settings.hpp"

namespace mp {
namespace {

/// An answer with a larger record is not taken (receive.message.max.bytes of librdkafka): the connection to that broker is closed.
constexpr std::int64_t answer_bytes_max = 100'000'000;

/// Photos of some megapixels in base64 are larger than Kafka's default of 1 MiB.
constexpr std::int64_t kafka_default = 1'048'588;

std::string with_config(const std::string& topic, const std::string& setting) {
  return "kafka-configs.sh --bootstrap-server ... --alter --entity-type topics --entity-name " + topic + " --add-config " + setting;
}

} // namespace

std::vector<check_row> rows_of_topic_settings(const topic_settings& found) {
  std::vector<check_row> rows;
  if (found.message_bytes_max) {
    const auto bytes = *found.message_bytes_max;
    const auto wanted = static_cast<std::int64_t>(found.request_bytes_max);
    check_row row{"max.message.bytes of " + found.topic, check_state::good, std::to_string(bytes), {}};
    if (bytes >= answer_bytes_max) {
      row.state = check_state::warning;
      row.advice = "a record of this size stops a broker's partitions; at most 100 MB: "
                   + with_config(found.topic, "max.message.bytes=" + std::to_string(wanted));
    } else if (bytes > wanted + kafka_default) {
      row.state = check_state::warning;
      row.advice = "larger than MAX_REQUEST_BYTES (" + std::to_string(wanted) + "): such records are read and become dead letters; "
                   + with_config(found.topic, "max.message.bytes=" + std::to_string(wanted));
    }
    rows.push_back(std::move(row));
  }
  if (!found.compression_type.empty()) {
    check_row row{"compression.type of " + found.topic, check_state::good, found.compression_type, {}};
    if (found.compression_type != "uncompressed") {
      row.state = check_state::warning;
      row.advice = "with `uncompressed` the broker itself refuses small batches that unpack to many megabytes (photos do not compress anyway): "
                   + with_config(found.topic, "compression.type=uncompressed");
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

} // namespace mp
