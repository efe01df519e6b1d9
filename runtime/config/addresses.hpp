#pragma once
// Where the world is: model servers and Kafka brokers as they are written in settings.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mp::config {

/// A model server.
struct host_address {
  bool tls = false;
  std::string host; ///< a name, an IPv4 address, or an IPv6 address without brackets; lower case
  std::uint16_t port = 0;

  /// For example "http://localhost:11434"; always with the port, so that one server has one spelling.
  std::string url() const;

  friend bool operator==(const host_address&, const host_address&) = default;
};

/// Reads "localhost", "10.0.0.7:11434", "[::1]:11434", "http://gpu-1:11434/", "https://ollama.example.org". Without a
/// scheme the port is 11434, with one 80 or 443: the same rules as Ollama's own client has for its OLLAMA_HOST. Nothing
/// for anything else, paths and passwords included.
std::optional<host_address> parse_host_address(std::string_view text);

/// A comma-separated list of those, at least one, each server only once.
std::optional<std::vector<host_address>> parse_host_list(std::string_view text);

/// Reads "kafka-1:9092, [::1]:9093" (without a port: 9092) and gives the list as librdkafka takes it. Nothing for
/// anything else.
std::optional<std::string> parse_broker_list(std::string_view text);

/// Reads "reader1:7400, [::1]:7401" (without a port: 7400), the readers of a worker node, and gives each with its port.
std::optional<std::vector<std::string>> parse_reader_list(std::string_view text);

/// Host, without brackets, and port of one of those.
std::optional<std::pair<std::string, std::uint16_t>> split_reader(std::string_view name);

/// Whether `text` is an IP address without brackets, or a host name.
bool is_host(std::string_view text);

} // namespace mp::config
