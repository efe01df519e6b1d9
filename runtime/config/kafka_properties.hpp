#pragma once
// librdkafka's own properties, set by KAFKA_<PROPERTY_WITH_UNDERSCORES> or --kafka NAME=VALUE. The library itself is
// asked whether it knows a property and takes a value, so this page has no list of them to keep up to date.

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mp::config {

/// The property that an environment variable means: KAFKA_SECURITY_PROTOCOL -> security.protocol, KAFKA_LOG_LEVEL ->
/// log_level. Nothing for variables that are not meant for us: those without the prefix, and those that Kubernetes
/// injects for a service whose name begins with kafka (KAFKA_SERVICE_HOST, KAFKA_PORT, KAFKA_PORT_9092_TCP_ADDR,
/// KAFKA_UI_SERVICE_PORT_HTTP, ...). A name that the library does not know is given back with dots.
std::optional<std::string> property_of_variable(std::string_view variable);

/// Whether the library has a property of this name.
bool is_known_property(const std::string& property);

/// The property of the library that somebody may have meant: a name that is at most a few letters away. Nothing where
/// none is.
std::optional<std::string> similar_property(std::string_view property);

/// KAFKA_SECURITY_PROTOCOL for security.protocol.
std::string variable_of_property(std::string_view property);

/// Why this property cannot be set to this value: it is unknown or refused (in librdkafka's words), another setting
/// stands for it, or it would break a promise of the service. Nothing when it can.
std::optional<std::string> property_problem(const std::string& property, const std::string& value);

/// Whether the property's value must never be printed.
bool is_secret_property(std::string_view property);

/// Why no client can be made with these properties together, in librdkafka's words: files that cannot be read, values
/// that exclude each other. Makes a consumer and a producer that connect to nothing, and destroys them: some
/// milliseconds. Kerberos and OAUTHBEARER are left out, as their clients would already ask for tickets and tokens.
std::optional<std::string> client_problem(const std::map<std::string, std::string>& properties);

} // namespace mp::config
