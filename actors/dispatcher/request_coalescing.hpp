#pragma once
// The same question several times in flight: one model call. No actors.

#include "messages/request.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace mp {

/// Requests with the same record key and the same content. The first of them leads: it is worked on; the others follow:
/// they wait for its end, and each gets its own reply from it.
class request_coalescing {
public:
  using ticket = std::uint64_t;

  request_coalescing() = default;
  request_coalescing(const request_coalescing&) = delete; // its parts refer to each other
  request_coalescing& operator=(const request_coalescing&) = delete;

  /// A request came. Gives the leader that it follows from now on, or nothing: it leads. `same(leader)` says whether
  /// the newcomer's content is that of a leader with the same id, or with a long one that has the same short_key: it
  /// compares the ids as well. It is called for one leader after the other until it returns true. An empty id matches
  /// no other: the request leads, and none follows it. A ticket that is known already stays what it is.
  std::optional<ticket> join(const std::string& id, ticket newcomer, const std::function<bool(ticket)>& same);

  /// The leader had its end. Gives its followers in the order in which they came; all of them are forgotten. A follower
  /// with an end of its own leaves as with drop(), and none follows it.
  std::vector<ticket> end(ticket leader);

  /// A request leaves without an end: it was handed back, its partition is gone. When it led, its first follower leads
  /// from now on and is given: it has to be worked on.
  std::optional<ticket> drop(ticket request);

  /// Requests that lead or follow.
  std::size_t size() const { return by_ticket_.size(); }

private:
  using group = std::deque<ticket>; ///< the leader in front; never empty
  using groups = std::multimap<std::string, group>;

  groups by_id_;
  std::unordered_map<ticket, groups::iterator> by_ticket_;
};

/// Whether two requests ask the same in the name of the same user: everything that came from the body is compared, byte
/// for byte, what is cheap to compare first. Ids are left to the caller; headers may differ (each sending of a request
/// has its own trace).
bool same_question(const request& a, const request& b);

} // namespace mp
