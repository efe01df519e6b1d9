#pragma once
// Why a client cannot reach Kafka, for code that blocks.

#include <librdkafka/rdkafka.h>

#include <string>

namespace mp::kafka {

/// Collects the errors that a handle reports as events and keeps the one that says most. librdkafka's calls
/// themselves only say "timed out" or "transport failure", whatever the reason is.
class client_errors {
public:
  /// Takes one event. Anything but an error is ignored.
  void take(rd_kafka_event_t* event);

  /// Takes all that wait in the handle's main queue. Does not block.
  void drain(rd_kafka_t* handle);

  /// For example "ssl://kafka:9093/bootstrap: SSL handshake failed: ..."; empty when nothing was reported.
  const std::string& best() const noexcept { return text_; }

  /// The name of its code, such as _AUTHENTICATION; empty when nothing was reported.
  const std::string& code() const noexcept { return code_; }

  /// Whether it explains everything: waiting for another one, or for an answer, is of no use.
  bool is_cause() const noexcept;

private:
  int rank_ = 0;
  std::string text_;
  std::string code_;
};

} // namespace mp::kafka
