#include "runtime/node/node_network.hpp"

#include "actors/node_link/node_entrance.hpp"
#include "actors/telemetry/log.hpp"
#include "runtime/node/instance_id.hpp"
#include "runtime/node/node_tls.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <stdexcept>
#include <vector>

namespace mp {
namespace {

using namespace std::chrono_literals;

// Beats of our own find out who is lost (link_watch). CAF's only have to clear away connections that are dead, so that
// they can be dialled anew: a dial that is under way at its tick fails, so the ticks are rare [caf 5].
constexpr caf::timespan heartbeat_interval = 1s;
constexpr caf::timespan connection_timeout = 4s;

} // namespace

bool uses_nodes(const settings& chosen) { return chosen.node_port > 0 || !chosen.node_join.empty(); }

void configure_nodes(caf::actor_system_config& system, const settings& chosen) {
  system.load<caf::io::middleman>();
  // Programs that are no node of ours are turned away at the handshake, and before it nobody is heard [caf 7]. Which
  // protocol one speaks is said in node_hello.
  system.set("caf.middleman.app-identifiers", std::vector<std::string>{"models-processor"});
  system.set("caf.middleman.heartbeat-interval", heartbeat_interval);
  system.set("caf.middleman.connection-timeout", connection_timeout);
  system.set("caf.middleman.workers", std::size_t{0});
  if (!uses_node_tls(chosen))
    return;
  auto checked = check_node_certificate(chosen, std::chrono::system_clock::now());
  if (auto* problem = std::get_if<std::string>(&checked))
    throw std::runtime_error{*problem};
  system.load<caf::openssl::manager>();
  system.set("caf.openssl.certificate", chosen.node_cert);
  system.set("caf.openssl.key", chosen.node_key);
  system.set("caf.openssl.cafile", chosen.node_ca);
}

std::chrono::system_clock::time_point node_certificate_expiry(const settings& chosen) {
  auto checked = check_node_certificate(chosen, std::chrono::system_clock::now());
  auto* certificate = std::get_if<node_certificate>(&checked);
  return certificate != nullptr ? certificate->expires : std::chrono::system_clock::time_point{};
}

node_entrance_actor open_node_port(caf::actor_system& system, const std::shared_ptr<actor_directory>& directory,
                                   const settings& chosen) {
  auto address = !chosen.node_address.empty() ? chosen.node_address : uses_node_tls(chosen) ? "0.0.0.0" : "127.0.0.1";
  auto door = spawn_node_entrance(system, directory);
  constexpr bool reuse = true; // else a restart within a minute does not get the port
  auto port = uses_node_tls(chosen) ? caf::openssl::publish(door, chosen.node_port, address.c_str(), reuse)
                                    : system.middleman().publish(door, chosen.node_port, address.c_str(), reuse);
  if (!port) {
    caf::anon_send_exit(door, caf::exit_reason::user_shutdown);
    throw std::runtime_error{"NODE_PORT: port " + std::to_string(chosen.node_port) + " of " + address
                             + " cannot be had: " + caf::to_string(port.error())};
  }
  log::info("node_port_listening", {{"address", address}, {"port", *port}, {"tls", uses_node_tls(chosen)}});
  return door;
}

std::string node_name_of(const settings& chosen, std::uint16_t status_port) {
  return chosen.node_name.empty() ? made_instance_id(host_name(), status_port) : chosen.node_name;
}

} // namespace mp
