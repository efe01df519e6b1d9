#pragma once
// The settings of the program. Defaults, bounds and meanings stand in settings_table.cpp.

#include "actors/telemetry/log_line.hpp"
#include "runtime/config/addresses.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mp {

enum class dead_letter_payload : std::uint8_t { none, full };
enum class delivery_mode : std::uint8_t { at_least_once, exactly_once };
enum class reply_order : std::uint8_t { none, key };
enum class photo_checking : std::uint8_t { header, decode };
enum class webp_photos : std::uint8_t { by_version, refused, accepted };

/// All settings, checked. load() makes them; default-made ones are empty and of no use.
struct settings {
  // Kafka
  std::string bootstrap_server; ///< "host:port,host:port", as librdkafka takes it
  std::string request_topic;
  std::string photo_reply_topic;
  std::string text_reply_topic;
  std::string dead_letter_topic;
  mp::dead_letter_payload dead_letter_payload{};
  std::string consumer_group;
  std::string group_instance_id; ///< empty: a new member with each start
  std::chrono::milliseconds commit_interval{};
  std::chrono::milliseconds rebalance_grace{};
  delivery_mode delivery{};
  std::chrono::milliseconds transaction_interval{};
  std::string transactional_id; ///< empty: made of group, instance or host name, and port
  std::map<std::string, std::string>
    kafka_properties; ///< of librdkafka, by their names with dots; each one accepted by it

  // Ollama
  std::vector<config::host_address> ollama_hosts; ///< no server twice; empty only where worker nodes are taken
  std::string ollama_model;
  std::string ollama_vision_model; ///< for photos; empty: ollama_model
  std::string ollama_text_model;   ///< for texts; empty: ollama_model
  std::vector<std::pair<std::string, std::string>> model_routes; ///< task and model, no task twice
  std::vector<std::pair<std::string, std::string>> model_digests; ///< model and first hexadecimal digits of its digest
  std::vector<std::string> allowed_models; ///< that requests may ask for; "*": any
  std::chrono::milliseconds ollama_request_timeout{};
  std::chrono::milliseconds ollama_connect_timeout{}; ///< at most ollama_request_timeout
  std::chrono::milliseconds ollama_first_byte_timeout{}; ///< at most ollama_request_timeout
  std::chrono::milliseconds ollama_idle_timeout{}; ///< at most ollama_request_timeout
  std::chrono::milliseconds ollama_load_timeout{};
  std::chrono::milliseconds ollama_health_timeout{};
  std::chrono::milliseconds ollama_health_interval{};
  std::uint32_t ollama_num_ctx = 0; ///< tokens; 0: the model's own
  std::uint32_t ollama_num_predict = 0; ///< tokens, at least 1
  std::optional<double> ollama_temperature; ///< none: the model's own
  std::string ollama_keep_alive; ///< whole seconds ("-1": for ever) or a duration as Ollama reads it ("30m")

  // Flow
  std::uint32_t concurrent_requests = 0; ///< per host
  std::uint32_t batch_size = 0; ///< requests
  std::size_t max_request_bytes = 0; ///< at most max_in_flight_bytes
  std::size_t max_in_flight_bytes = 0;
  std::chrono::milliseconds answer_keep{}; ///< 0: none is kept
  std::uint32_t max_photo_pixels = 0; ///< width times height, at least 1
  std::uint32_t photo_max_side = 0; ///< pixels; 0: photos are never scaled
  photo_checking photo_check{};
  webp_photos photo_webp{};
  std::uint32_t max_attempts = 0;
  std::chrono::milliseconds retry_backoff{}; ///< at most retry_backoff_max
  std::chrono::milliseconds retry_backoff_max{};
  std::chrono::milliseconds drain_timeout{};
  std::chrono::milliseconds request_max_age{}; ///< 0: none
  unsigned dead_letter_stop = 0; ///< percent; 100: never
  unsigned rate_limit_per_user = 0; ///< requests a minute; 0: none
  reply_order order{};
  std::string expected_user_email; ///< empty: everybody. Never to be logged

  // Answers
  std::size_t max_answer_bytes = 0;
  std::string response_schema; ///< a file; empty: none
  std::string response_schema_json; ///< what load() found in it: a schema that can be used, in compact form
  std::uint32_t reask_rounds = 0;

  // Service
  std::uint16_t port = 0; ///< 0: any free one
  std::string listen_address;
  log::level log_level{};
  log::line_format log_format{};
  std::string api_token; ///< what HTTP clients have to show; empty: no client has one. Never to be logged
  // Nodes
  std::uint16_t node_port = 0; ///< 0: no worker nodes are taken
  std::string node_address; ///< empty: 0.0.0.0 with certificates, else 127.0.0.1
  std::vector<std::string> node_join; ///< of a worker node: readers, "host:port"
  std::string node_name; ///< empty: made of the host's name and port
  std::uint32_t node_slots_max = 0; ///< of all worker nodes together
  std::chrono::milliseconds orphan_answer_keep{};
  std::string node_cert; ///< a file; empty: no TLS
  std::string node_key; ///< a file; empty exactly when node_cert is
  std::string node_ca; ///< a file; empty exactly when node_cert is

  bool chaos = false; ///< actors can be crashed over HTTP; there is an api_token then
};

} // namespace mp
