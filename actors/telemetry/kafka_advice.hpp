#pragma once
// What to do about an error of Kafka, for people.

#include <string>
#include <string_view>

namespace mp {

/// `code` is the error's name as librdkafka writes it (rd_kafka_err2name), such as TOPIC_AUTHORIZATION_FAILED or
/// _AUTHENTICATION. One thing to do, without a full stop; empty for a code about which nothing useful is known.
std::string_view kafka_advice(std::string_view code);

/// "CODE" or "CODE; advice".
std::string with_advice(std::string_view code);

} // namespace mp
