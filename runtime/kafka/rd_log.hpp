#pragma once
// librdkafka's own log lines and error events, as log events of ours. The same text at most once per 10 s
// (log_deduplicator), over all clients of the process: a reader that is restarted all the time writes as many.

#include <librdkafka/rdkafka.h>

#include <string_view>

namespace mp::kafka {

/// For rd_kafka_conf_set_log_cb(). Event `kafka_client_log` with client, facility and text. Any thread.
void take_log_line(const rd_kafka_t* handle, int syslog_level, const char* facility, const char* text) noexcept;

/// Whether such a line says that a broker has closed a connection. A listener that wants SASL or TLS closes those that
/// come without; librdkafka reports that as an error only where it happens to write just then, and otherwise only logs
/// it.
bool tells_of_closed_connection(std::string_view facility, std::string_view text) noexcept;

/// An error that librdkafka reports as an event. Event `kafka_client_error` with client, code and text.
void log_error(const rd_kafka_t* handle, rd_kafka_resp_err_t code, const char* text) noexcept;

} // namespace mp::kafka
