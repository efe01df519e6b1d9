#pragma once
// Requests of one record key one after the other (ORDER=key). No actors.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace mp {

/// A queue for each record key in flight: the request in front may be started, those behind it wait for its end. The
/// order is that of entering. A retry keeps its place, because it does not leave. Of keys of more than a kilobyte two
/// may share a queue (short_key): then requests of two keys wait for each other without need.
class key_order {
public:
  using ticket = std::uint64_t;

  /// Adds a request. True: it may be started at once, no other is before it. Without a key there is no order: always
  /// true, and no queue to leave. A ticket that is in the queue already keeps its place.
  bool enter(const std::string& key, ticket request);

  /// `next_leader` takes the place right behind `leader`, before all that came later: it came when no other request was
  /// there. Nothing where the key knows no order or the leader is not in its queue.
  void enter_behind(const std::string& key, ticket leader, ticket next_leader);

  /// A request had its end or was removed, wherever it stood. Gives the request that may go now, when this has changed
  /// which one that is. Harmless for a request that is not in the queue.
  std::optional<ticket> leave(const std::string& key, ticket request);

  /// Whether no request is before it: it is in front of its queue, or has no key.
  bool may_go(const std::string& key, ticket request) const;

  /// Requests in the queue of a key.
  std::size_t count(const std::string& key) const;

  /// Requests in all queues.
  std::size_t size() const { return places_.size(); }

private:
  using place = std::pair<std::uint64_t, std::uint64_t>; ///< the second orders those behind the same leader
  using queue = std::map<place, ticket>; ///< never empty

  std::unordered_map<std::string, queue> queues_;
  std::unordered_map<ticket, place> places_;
  std::uint64_t next_place_ = 0;
};

} // namespace mp
