#include "runtime/node/network_readers.hpp"

#include "runtime/config/addresses.hpp"
#include "runtime/ollama/connect_socket.hpp"
#include "runtime/ollama/resolve_name.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/middleman.hpp>
#include <caf/openssl/remote_actor.hpp>

#include <array>
#include <chrono>
#include <netdb.h>
#include <stop_token>
#include <unistd.h>

namespace mp {
namespace {

using namespace std::chrono_literals;

constexpr auto lookup_max = 2s;
// CAF connects without a time limit, and one address that swallows packets would hold up all others for two minutes: so
// it is only asked to connect where somebody has just answered.
constexpr auto connect_max = 1s;

std::string text_of(const ollama::socket_address& address) {
  std::array<char, NI_MAXHOST> host{};
  auto problem = ::getnameinfo(reinterpret_cast<const sockaddr*>(&address.bytes), address.size, host.data(),
                               host.size(), nullptr, 0, NI_NUMERICHOST);
  return problem == 0 ? std::string{host.data()} : std::string{};
}

bool somebody_answers(const ollama::socket_address& address) {
  auto socket = ollama::connect_to_any({address}, std::chrono::steady_clock::now() + connect_max, {});
  if (socket < 0)
    return false;
  ::close(socket);
  return true;
}

dialled_address reach(caf::actor_system& system, const ollama::socket_address& address, std::uint16_t port, bool tls) {
  auto host = text_of(address);
  dialled_address result{host + ':' + std::to_string(port), {}, {}};
  if (!somebody_answers(address)) {
    result.why = "nobody answers";
    return result;
  }
  auto found = tls ? caf::openssl::remote_actor<node_entrance_actor>(system, host, port)
                   : system.middleman().remote_actor<node_entrance_actor>(host, port);
  if (found)
    result.entrance = *found;
  else
    result.why = caf::to_string(found.error());
  return result;
}

} // namespace

void network_readers::dial(const std::string& name, ended tell) {
  background_->start([&system = system_, name, tell = std::move(tell), tls = tls_, stopped = stopped_] {
    dial_ended result{name, {}, {}};
    auto place = config::split_reader(name);
    auto resolved = place ? ollama::resolve_name(place->first, place->second,
                                                 std::chrono::steady_clock::now() + lookup_max, std::stop_token{})
                          : ollama::resolved_name{{}, "it is no host with a port"};
    for (const auto& each : resolved.addresses)
      if (!*stopped)
        result.addresses.push_back(reach(system, each, place->second, tls));
    result.why = resolved.why;
    tell(std::move(result));
  });
}

} // namespace mp
