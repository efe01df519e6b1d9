#include "runtime/status/connection_limits.hpp"

#include <algorithm>

#include <arpa/inet.h>

namespace mp::status {

void connection_limits::add(id which, const std::string& address) {
  if (by_address_[address].insert(which).second)
    ++size_;
}

void connection_limits::remove(id which, const std::string& address) {
  const auto found = by_address_.find(address);
  if (found == by_address_.end() || found->second.erase(which) == 0)
    return;
  --size_;
  if (found->second.empty())
    by_address_.erase(found);
}

std::optional<connection_limits::id> connection_limits::crowded_out_by(const std::string& address) const {
  const auto own = by_address_.find(address);
  if (own != by_address_.end() && own->second.size() >= address_max_)
    return *own->second.begin();
  return size_ >= all_max_ ? oldest_of_most() : std::nullopt;
}

std::optional<connection_limits::id> connection_limits::oldest_of_most() const {
  const auto most = std::max_element(by_address_.begin(), by_address_.end(),
                                     [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  return most == by_address_.end() ? std::nullopt : std::optional{*most->second.begin()};
}

std::string counted_address(const std::string& address) {
  in6_addr v6;
  if (::inet_pton(AF_INET6, address.c_str(), &v6) != 1)
    return address;
  if (IN6_IS_ADDR_V4MAPPED(&v6))
    return address.substr(address.rfind(':') + 1);
  return std::string{reinterpret_cast<const char*>(&v6), 8};
}

} // namespace mp::status
