#include "runtime/kafka/rd_log.hpp"

#include "actors/telemetry/log.hpp"
#include "actors/threads/mutex.hpp"
#include "runtime/kafka/log_deduplicator.hpp"

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace mp::kafka {

namespace {

/// syslog's numbers, which librdkafka uses.
constexpr int syslog_error = 3, syslog_warning = 4, syslog_debug = 7;

log::level level_of(int syslog_level) {
  if (syslog_level <= syslog_error)
    return log::level::error;
  if (syslog_level == syslog_warning)
    return log::level::warning;
  return syslog_level < syslog_debug ? log::level::info : log::level::debug;
}

std::optional<unsigned> passes(std::string_view facility, std::string_view text) {
  // Lives for ever: librdkafka's threads may outlive static destruction.
  struct guarded_deduplicator {
    mp::mutex mutex;
    log_deduplicator deduplicator MP_GUARDED_BY(mutex);
  };
  static auto* const all = new guarded_deduplicator;
  std::string whole{facility};
  whole.append(" ").append(text);
  const scoped_lock lock{all->mutex};
  return all->deduplicator.pass(whole, std::chrono::steady_clock::now());
}

/// A user's property goes to the reader and to the producer, and each says so when it is only for the other.
bool is_about_the_other_client(std::string_view facility, std::string_view text) {
  return facility == "CONFWARN" && text.find("property and will be ignored by this") != std::string_view::npos;
}

/// What a connection to a broker dies of; librdkafka writes a log line about it before it reports it.
bool is_logged_by_librdkafka(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__RESOLVE || code == RD_KAFKA_RESP_ERR__SSL
         || code == RD_KAFKA_RESP_ERR__AUTHENTICATION;
}

} // namespace

void take_log_line(const rd_kafka_t* handle, int syslog_level, const char* facility, const char* text) noexcept {
  const auto level = level_of(syslog_level);
  if (!log::enabled(level) || is_about_the_other_client(facility, text))
    return;
  unsigned held_back = 0;
  if (level != log::level::debug) { // with the property `debug` set all lines are wanted
    const auto passed = passes(facility, text);
    if (!passed)
      return;
    held_back = *passed;
  }
  const auto* client = handle ? rd_kafka_name(handle) : "-";
  constexpr auto event = log::row_of("kafka_client_log").name;
  log::write(
    level, event,
    std::array<log::field, 4>{{{"client", client}, {"facility", facility}, {"text", text}, {"held_back", held_back}}});
}

bool tells_of_closed_connection(std::string_view facility, std::string_view text) noexcept {
  return facility == "FAIL" && text.find("Disconnected") != std::string_view::npos;
}

void log_error(const rd_kafka_t* handle, rd_kafka_resp_err_t code, const char* text) noexcept {
  if (is_logged_by_librdkafka(code) || !log::enabled(log::level::warning))
    return;
  const auto* name = rd_kafka_err2name(code);
  if (!text)
    text = "";
  if (const auto held_back = passes(name, text))
    log::warning("kafka_client_error",
                 {{"client", rd_kafka_name(handle)}, {"code", name}, {"text", text}, {"held_back", *held_back}});
}

} // namespace mp::kafka
