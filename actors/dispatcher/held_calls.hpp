#pragma once
// Calls that worker nodes hold of requests that may still come. No actors.

#include "messages/held_call.hpp"

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// What worker nodes have offered: a call that began for another reader, or for a dispatcher before this one, and that
/// may be adopted in place of a new call. The nodes keep the answers; this is only the list.
class held_calls {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// So many at most: what a node keeps is bounded in bytes, of which an entry here has about a hundred.
  static constexpr std::size_t entries_max = 50'000;

  /// A node holds it. The one that is finished is kept if two do.
  void offered(const held_call& call, time_point now);

  /// Takes it out, if `model` is what the request would be put to now. Another record at the same place has none.
  std::optional<held_call> take(const record_key& record, const std::string& model);

  /// Nodes keep nothing longer than this after it was offered.
  void expire(time_point now, std::chrono::milliseconds age_max);

  void clear() { calls_.clear(); }

  std::size_t size() const { return calls_.size(); }

private:
  struct entry {
    held_call call;
    time_point since;
  };

  std::map<record_key, entry> calls_;
};

} // namespace mp
