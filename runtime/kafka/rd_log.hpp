#pragma once
// librdkafka's own log lines and error events, as log events of ours. The same text at most once per 10 s
// (repeat_filter), over all clients of the process: a reader that is restarted all the time is a storm as well.

#include <librdkafka/rdkafka.h>

namespace mp::rd {

/// For rd_kafka_conf_set_log_cb(). Event `kafka_client_log` with client, facility and text. Any thread.
void take_log_line(const rd_kafka_t* handle, int syslog_level, const char* facility, const char* text) noexcept;

/// An error that librdkafka reports as an event. Event `kafka_client_error` with client, code and text.
void log_error(const rd_kafka_t* handle, rd_kafka_resp_err_t code, const char* text) noexcept;

} // namespace mp::rd
