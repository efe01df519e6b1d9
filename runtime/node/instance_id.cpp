#include "runtime/node/instance_id.hpp"

#include "messages/json/ascii.hpp"

#include <unistd.h>

#include <array>
#include <cstddef>

namespace mp {

std::string host_name() {
  std::array<char, 256> host{};
  return gethostname(host.data(), host.size() - 1) == 0 ? host.data() : std::string{};
}

std::string made_instance_id(std::string_view host, std::uint16_t port) {
  auto id = std::string{host} + '-' + std::to_string(port);
  for (auto& each : id) // what Kafka takes
    if (!is_letter_or_digit(each) && each != '.' && each != '_')
      each = '-';
  constexpr std::size_t length_max = 249;
  return id.size() <= length_max ? id : id.substr(id.size() - length_max);
}

std::string instance_id_of(const settings& chosen) {
  if (!chosen.group_instance_id.empty())
    return chosen.group_instance_id;
  const auto host = host_name();
  return host.empty() || chosen.port == 0 ? std::string{} : made_instance_id(host, chosen.port);
}

std::string transactional_id_of(const settings& chosen) {
  if (!chosen.transactional_id.empty())
    return chosen.transactional_id;
  if (!chosen.group_instance_id.empty())
    return chosen.consumer_group + '-' + chosen.group_instance_id;
  // Without a host name the port still tells instances on one machine apart.
  return chosen.consumer_group + '-' + host_name() + '-' + std::to_string(chosen.port);
}

} // namespace mp
