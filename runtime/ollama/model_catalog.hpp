#pragma once
// What is known of a host's models, for a while.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace mp {

struct model_facts {
  bool exists = false;
  bool vision = false; ///< it can look at photos, as far as the server says

  bool operator==(const model_facts&) const = default;
};

/// Reads the response to POST /api/show. `capabilities` decides; a server too old to send any cannot be asked, and its
/// model is taken to have vision. Nothing when `body` is no such response.
std::optional<model_facts> facts_from_show(std::string_view body);

/// Shared by all ports to one host; thread-safe. Time is handed in.
class model_catalog {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A model seldom changes; one that is missing may be pulled any moment by somebody waiting for it.
  static constexpr std::chrono::seconds known_for{60};
  static constexpr std::chrono::seconds missing_for{5};

  /// Requests name models, so names come from outside: at most this many are kept.
  static constexpr std::size_t models_max = 256;

  std::optional<model_facts> find(std::string_view model, time_point now) const;

  void learn(std::string_view model, model_facts facts, time_point now);

private:
  struct entry {
    model_facts facts;
    time_point good_until;
  };
  mutable std::mutex mutex_;
  std::map<std::string, entry> models_;
};

} // namespace mp
