#pragma once
// From environment and flags to settings, or to all that is wrong with them.

#include "runtime/config/settings.hpp"

#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace mp::config {

/// Environment variables by name.
using environment = std::map<std::string, std::string, std::less<>>;

/// Of this process.
environment process_environment();

/// What was given as flags; flags.hpp fills it from the command line.
struct flag_values {
  std::map<std::string, std::string, std::less<>> settings; ///< by the setting's name, not the flag's: "OLLAMA_HOST"
  std::vector<std::string> kafka;                           ///< NAME=VALUE; the last one for a name counts
};

/// Something wrong with the settings.
struct complaint {
  std::string name; ///< as it was given: "PORT", "--port", "KAFKA_LINGER_MS"
  std::string text; ///< what is wrong, and what is allowed

  /// One line: "PORT: \"abc\" is not allowed; allowed: 0 to 65535; 0 is any free port".
  std::string line() const { return name + ": " + text; }
};

/// What a command has to do with Kafka.
enum class kafka_use {
  cluster, ///< it talks to the brokers that BOOTSTRAP_SERVER names, which must be set
  own,     ///< it brings a broker of its own: BOOTSTRAP_SERVER need not be set
  none,    ///< likewise, and variables that begin with KAFKA_ are passed over without a warning
};

/// Flags beat the environment, the environment beats the defaults. An empty variable counts as not set; an empty flag
/// is an empty value. White space around values is ignored. NAME_FILE names a file with the value of NAME; a setting
/// given both ways is a complaint. Complaints are all that there are, in the order of the table, and none shows a
/// secret, anything with an @ in it (passwords in addresses, e-mail addresses), what came from a file, or an address
/// beyond its host and port.
///
/// Where no BOOTSTRAP_SERVER is needed and none is set, bootstrap_server is empty. `warnings`, where given, gets what
/// does not keep the service from running: secrets on the command line, variables that begin with KAFKA_ and are no
/// property of librdkafka (images with Kafka's own scripts set some).
std::variant<settings, std::vector<complaint>> load(const environment& variables, const flag_values& flags,
                                                    kafka_use kafka = kafka_use::cluster,
                                                    std::vector<complaint>* warnings = nullptr);

/// What every setting is when nothing is given; bootstrap_server, which has no default, is empty.
settings default_settings();

} // namespace mp::config
