#pragma once
// Asks the service a question over Kafka and waits for the reply, for the command `send` and the demo. Blocks.

#include "runtime/kafka/client_errors.hpp"
#include "runtime/kafka/rd_producer.hpp"
#include "runtime/kafka/rd_properties.hpp"
#include "runtime/kafka/time_limit.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace mp::kafka {

struct client_options {
  std::string bootstrap;                 ///< host:port, comma separated
  std::string request_topic;
  std::vector<std::string> reply_topics; ///< a reply may come on any of them
  property_list properties;          ///< of the user; they win over ours
};

struct client_request {
  std::string key;                       ///< the request's id, which its reply repeats
  std::string body;
  std::vector<name_and_text> headers;
};

struct client_reply {
  std::string topic;
  std::string body;
  std::vector<name_and_text> headers;
};

struct client_failure {
  std::string reason;
  bool timed_out = false; ///< no reply came; otherwise Kafka refused something
};

using client_outcome = std::variant<client_reply, client_failure>;

/// Belongs to one thread. Reads all partitions of the reply topics from their ends at construction on, in no consumer
/// group, so that no reply to a question published later is missed.
class kafka_client {
public:
  /// Connects. Throws std::runtime_error with the reason when that does not succeed within `limit` or a topic does
  /// not exist.
  kafka_client(const client_options& options, std::chrono::milliseconds limit);
  ~kafka_client();
  kafka_client(const kafka_client&) = delete;
  kafka_client& operator=(const kafka_client&) = delete;

  /// Publishes a question and waits for the broker's acknowledgement. Nothing: it is stored.
  std::optional<client_failure> publish(const client_request& request, std::chrono::milliseconds limit);

  /// The reply to a published question. Replies to others that were published are kept for their turn.
  client_outcome wait_for(const std::string& key, std::chrono::milliseconds limit);

  /// Both, `limit` for the two together.
  client_outcome ask(const client_request& request, std::chrono::milliseconds limit);

private:
  struct reader {
    topic_ptr topic;
    std::int32_t partition = 0;
  };

  void start_reading(const std::string& name, const time_limit& time);
  int count_partitions(rd_kafka_topic_t* topic, const std::string& name, const time_limit& time);
  std::runtime_error unusable(const std::string& topic, const std::string& otherwise);
  client_failure timed_out(const std::string& otherwise);
  /// Waits for one record at most and keeps it if it is a reply that is waited for.
  void receive(int milliseconds);

  rd_producer producer_;
  client_errors errors_;
  blocking_handle_ptr handle_; ///< before all that belongs to it
  queue_ptr replies_;
  std::vector<reader> readers_;
  std::map<std::string, std::optional<client_reply>> asked_; ///< by key
  std::uint64_t last_token_ = 0;
};

} // namespace mp::kafka
