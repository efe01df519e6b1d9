#pragma once
// Which connections are given up when there are too many. Plain values.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace mp::status {

/// The connections that wait for their client: for the rest of a request, or for room for an answer. Whoever opens many
/// can only crowd out his own, and of those the oldest: a request that comes at once gets in, also from the same
/// address.
class connection_limits {
public:
  using id = std::uint64_t;

  /// At most `all_max` connections, at most `address_max` of one address.
  connection_limits(std::size_t all_max, std::size_t address_max) : all_max_(all_max), address_max_(address_max) {}

  /// `which` waits for its client from now on; greater than every one before.
  void add(id which, const std::string& address);

  /// It does not wait any more. Harmless when it did not.
  void remove(id which, const std::string& address);

  /// The connection that has to go before another one of this address comes; none when there is room.
  std::optional<id> crowded_out_by(const std::string& address) const;

  /// The oldest connection of the address that has the most; none when there is none.
  std::optional<id> oldest_of_most() const;

  std::size_t size() const noexcept { return size_; }

private:
  std::size_t all_max_;
  std::size_t address_max_;
  std::size_t size_ = 0;
  std::map<std::string, std::set<id>, std::less<>> by_address_; ///< no empty sets
};

/// By which connections of one client are counted: an IPv4 address, or the 64 bits of an IPv6 address that a provider
/// gives to one customer. `address` as inet_ntop writes it.
std::string counted_address(const std::string& address);

} // namespace mp::status
