#include "runtime/status/listen_socket.hpp"

#include <cerrno>
#include <memory>
#include <stdexcept>
#include <system_error>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace mp::status {
namespace {

/// Connections that wait to be accepted: with a short queue some slow clients arriving at once cost others a second,
/// until they try again.
constexpr int backlog = 1024;

struct address_list_deleter {
  void operator()(addrinfo* list) const { ::freeaddrinfo(list); }
};

/// -1 with errno when it cannot be had.
int listen_on(const addrinfo& address) {
  const auto socket = ::socket(address.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0)
    return -1;
  const auto yes = 1;
  const auto no = 0;
  // Not SO_REUSEPORT: with it two services would share a port, each getting half of the probes.
  ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (address.ai_family == AF_INET6)
    ::setsockopt(socket, IPPROTO_IPV6, IPV6_V6ONLY, &no, sizeof no); // "::" is every address, those of IPv4 too
  if (::bind(socket, address.ai_addr, address.ai_addrlen) == 0 && ::listen(socket, backlog) == 0)
    return socket;
  const auto problem = errno;
  ::close(socket);
  errno = problem;
  return -1;
}

std::uint16_t port_of(int socket) {
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&bound), &size) != 0)
    return 0;
  return ntohs(bound.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6*>(&bound)->sin6_port
                                           : reinterpret_cast<const sockaddr_in*>(&bound)->sin_port);
}

} // namespace

listening_socket listen_on(const std::string& address, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (::getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0)
    throw std::runtime_error("LISTEN_ADDRESS " + address + " cannot be resolved");
  const std::unique_ptr<addrinfo, address_list_deleter> list{found};
  auto problem = 0;
  for (const auto* each = found; each != nullptr; each = each->ai_next) {
    const auto socket = listen_on(*each);
    if (socket != -1)
      return {socket, port_of(socket)};
    problem = errno;
  }
  switch (problem) {
    case EADDRINUSE: throw std::runtime_error("PORT " + std::to_string(port) + " is in use");
    case EACCES: throw std::runtime_error("PORT " + std::to_string(port) + " needs more rights than this process has");
    case EADDRNOTAVAIL: throw std::runtime_error("LISTEN_ADDRESS " + address + " is no address of this machine");
    default:
      throw std::runtime_error("cannot listen on " + address + " port " + std::to_string(port) + ": "
                               + std::generic_category().message(problem));
  }
}

} // namespace mp::status
