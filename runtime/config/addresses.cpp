#include "runtime/config/addresses.hpp"

#include "messages/json/ascii.hpp"
#include "runtime/config/values.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace mp::config {
namespace {

constexpr std::uint16_t ollama_port = 11434;
constexpr std::uint16_t http_port = 80;
constexpr std::uint16_t https_port = 443;
constexpr std::uint16_t kafka_port = 9092;
constexpr std::size_t host_name_length_max = 253; // RFC 1035, section 2.3.4, without the final dot

struct host_and_port {
  std::string host;
  std::uint16_t port;
};

bool is_ip_v6(std::string_view text) {
  in6_addr ignored;
  return ::inet_pton(AF_INET6, std::string{text}.c_str(), &ignored) == 1;
}

bool is_host_name(std::string_view text) {
  const auto fits = [](char c) { return is_letter_or_digit(c) || c == '-' || c == '.' || c == '_'; };
  return !text.empty() && text.size() <= host_name_length_max && std::all_of(text.begin(), text.end(), fits)
         && text.front() != '.' && text.front() != '-' && text.find("..") == std::string_view::npos;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return std::nullopt;
  const auto port = parse_integer(text);
  return port && *port >= 1 && *port <= 65535 ? std::optional{static_cast<std::uint16_t>(*port)} : std::nullopt;
}

/// "host", "host:port", "[v6]", "[v6]:port".
std::optional<host_and_port> parse_host_and_port(std::string_view text, std::uint16_t usual_port) {
  const auto bracketed = text.starts_with('[');
  const auto end = bracketed ? text.find(']') : text.find(':');
  if (bracketed && end == std::string_view::npos)
    return std::nullopt;
  const auto host = bracketed ? text.substr(1, end - 1) : text.substr(0, end);
  if (bracketed ? !is_ip_v6(host) : !is_host_name(host))
    return std::nullopt;
  const auto rest = bracketed                       ? text.substr(end + 1)
                    : end == std::string_view::npos ? std::string_view{}
                                                    : text.substr(end);
  if (rest.empty())
    return host_and_port{lower_case(host), usual_port};
  const auto port = rest.front() == ':' ? parse_port(rest.substr(1)) : std::nullopt;
  return port ? std::optional{host_and_port{lower_case(host), *port}} : std::nullopt;
}

std::string with_port(const std::string& host, std::uint16_t port) {
  const auto bracketed = host.find(':') != std::string::npos;
  return (bracketed ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

/// Calls `take` with each part of a comma-separated list, until it returns false. Gives what the last call returned.
template <class Take>
bool for_each_part(std::string_view list, Take take) {
  while (true) {
    const auto comma = list.find(',');
    if (!take(trimmed(list.substr(0, comma))))
      return false;
    if (comma == std::string_view::npos)
      return true;
    list.remove_prefix(comma + 1);
  }
}

} // namespace

std::string host_address::url() const { return (tls ? "https://" : "http://") + with_port(host, port); }

std::optional<host_address> parse_host_address(std::string_view text) {
  constexpr std::string_view http = "http://";
  constexpr std::string_view https = "https://";
  const auto is_http = same_ignoring_case(text.substr(0, http.size()), http);
  const auto is_https = same_ignoring_case(text.substr(0, https.size()), https);
  text.remove_prefix(is_https ? https.size() : is_http ? http.size() : 0);
  if (text.ends_with('/'))
    text.remove_suffix(1);
  auto place = parse_host_and_port(text, is_https ? https_port : is_http ? http_port : ollama_port);
  return place ? std::optional{host_address{is_https, std::move(place->host), place->port}} : std::nullopt;
}

std::optional<std::vector<host_address>> parse_host_list(std::string_view text) {
  std::vector<host_address> hosts;
  const auto all_good = for_each_part(text, [&](std::string_view part) {
    auto host = parse_host_address(part);
    if (!host || std::find(hosts.begin(), hosts.end(), *host) != hosts.end())
      return false;
    hosts.push_back(std::move(*host));
    return true;
  });
  return all_good ? std::optional{std::move(hosts)} : std::nullopt;
}

std::optional<std::string> parse_broker_list(std::string_view text) {
  std::string brokers;
  const auto all_good = for_each_part(text, [&](std::string_view part) {
    const auto broker = parse_host_and_port(part, kafka_port);
    if (broker)
      brokers += (brokers.empty() ? "" : ",") + with_port(broker->host, broker->port);
    return broker.has_value();
  });
  return all_good ? std::optional{std::move(brokers)} : std::nullopt;
}

std::optional<std::vector<std::string>> parse_reader_list(std::string_view text) {
  constexpr std::uint16_t node_port = 7400;
  std::vector<std::string> readers;
  const auto all_good = for_each_part(text, [&](std::string_view part) {
    const auto reader = parse_host_and_port(part, node_port);
    if (reader)
      readers.push_back(with_port(reader->host, reader->port));
    return reader.has_value();
  });
  return all_good ? std::optional{std::move(readers)} : std::nullopt;
}

std::optional<std::pair<std::string, std::uint16_t>> split_reader(std::string_view name) {
  const auto reader = parse_host_and_port(name, 0);
  return reader ? std::optional{std::pair{reader->host, reader->port}} : std::nullopt;
}

bool is_host(std::string_view text) { return is_host_name(text) || is_ip_v6(text); }

} // namespace mp::config
