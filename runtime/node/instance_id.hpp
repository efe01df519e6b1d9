#pragma once
// Who this instance is in Kafka.

#include "runtime/config/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace mp {

/// Of this machine, or empty.
std::string host_name();

/// A group.instance.id of a host's name and a port, in the signs and the length that Kafka takes. No two programs in
/// one network have the same address, and on one address only one has the port; but two hosts may have the same name.
std::string made_instance_id(std::string_view host, std::uint16_t port);

/// Who this instance is in the group: GROUP_INSTANCE_ID, else made of host and PORT; empty when there is nothing to
/// make it of.
std::string instance_id_of(const settings& chosen);

/// The transactional id of this instance: the same after a restart, and no other instance's.
std::string transactional_id_of(const settings& chosen);

} // namespace mp
