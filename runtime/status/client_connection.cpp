#include "runtime/status/client_connection.hpp"

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>

namespace mp::status {
namespace {

constexpr std::size_t connections_most = 2048;
constexpr std::size_t connections_least = 16;

} // namespace

std::size_t connections_allowed(std::size_t wanted) {
  if (wanted != 0)
    return wanted;
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0)
    return connections_least;
  // The rest is for Kafka and the model hosts.
  return std::clamp<std::size_t>(files.rlim_cur / 4, connections_least, connections_most);
}

std::string address_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* address = peer.ss_family == AF_INET6
                          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr)
                          : static_cast<const void*>(&reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr);
  return ::inet_ntop(peer.ss_family, address, text.data(), text.size()) != nullptr ? text.data() : "";
}

std::size_t end_of_head(std::string_view bytes, std::size_t from) {
  for (auto at = bytes.find('\n', from > 3 ? from - 3 : 0); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    const auto rest = bytes.substr(at + 1);
    if (rest.starts_with('\n'))
      return at + 2;
    if (rest.starts_with("\r\n"))
      return at + 3;
  }
  return std::string_view::npos;
}

} // namespace mp::status
