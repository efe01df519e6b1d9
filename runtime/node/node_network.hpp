#pragma once
// CAF's network between readers and worker nodes.

#include "actors/actor_directory.hpp"
#include "messages/interfaces.hpp"
#include "runtime/config/settings.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace mp {

/// Whether this process speaks to other nodes at all.
bool uses_nodes(const settings& chosen);

/// Whether it speaks TLS to them.
inline bool uses_node_tls(const settings& chosen) { return !chosen.node_cert.empty(); }

/// Loads CAF's network into a system's configuration. Throws std::runtime_error with what is wrong with the files for
/// TLS, which CAF would end the program for.
void configure_nodes(caf::actor_system_config& system, const settings& chosen);

/// When NODE_CERT expires, which configure_nodes() has found to be usable.
std::chrono::system_clock::time_point node_certificate_expiry(const settings& chosen);

/// Opens NODE_PORT. A node that knocks there comes to the present worker_nodes of the directory; without one it is not
/// answered, and dials again. The caller ends the actor that is returned before the system. Throws std::runtime_error
/// when the port cannot be had.
node_entrance_actor open_node_port(caf::actor_system& system, const std::shared_ptr<actor_directory>& directory,
                                   const settings& chosen);

/// NODE_NAME, or one made of the host's name and the port of the status endpoints.
std::string node_name_of(const settings& chosen, std::uint16_t status_port);

} // namespace mp
