#pragma once
// What is known of a host's models, for a while.

#include "actors/threads/mutex.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace mp::ollama {

struct model_facts {
  bool exists = false;
  bool vision = false; ///< it can look at photos, as far as the server says

  bool operator==(const model_facts&) const = default;
};

/// Reads the response to POST /api/show. `capabilities` decides; a server too old to send any cannot be asked, and its
/// model is taken to have vision. Nothing when `body` is no such response.
std::optional<model_facts> facts_from_show(std::string_view body);

/// Whether a server of this version ("0.24.0") has WebP converted for every model: from 0.32.14 on. Before that a model
/// with a projector of its own (llava) dies of it. False where `version` is none, and for 0.0.0, which a server built
/// by hand says.
bool reads_webp(std::string_view version);

/// Shared by all ports to one host; thread-safe. Time is handed in.
class model_catalog {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// A model seldom changes; one that is missing may be pulled any moment by somebody waiting for it.
  static constexpr std::chrono::seconds known_for{60};
  static constexpr std::chrono::seconds missing_for{5};

  /// Requests name models, so names come from outside: at most this many are kept, and none of more than
  /// model_name_bytes_max bytes.
  static constexpr std::size_t models_max = 256;

  std::optional<model_facts> find(std::string_view model, time_point now) const;

  void learn(std::string_view model, model_facts facts, time_point now);

  /// The server's version as the last probe heard it; empty before.
  std::string version() const;
  void learn_version(std::string version);

  /// The context of a loaded model in tokens, as long as nothing else is heard. Only for models that are configured:
  /// their number is not bounded here.
  void learn_context(std::string_view model, std::uint64_t tokens);

  /// Whether a question that the host counted as this many tokens is only a part of what was sent. Every question asks
  /// not to be cut (chat_call), so this is for hosts that do not heed it: they cut it silently to the whole context,
  /// and count it so (NewSequence in runner.go of 0.24; tokens that were in its cache count as well). False while the
  /// context is not known.
  bool is_cut(std::string_view model, std::uint64_t prompt_tokens) const;

private:
  struct entry {
    model_facts facts;
    time_point good_until;
  };
  mutable mutex mutex_;
  std::map<std::string, entry> models_ MP_GUARDED_BY(mutex_);
  std::string version_ MP_GUARDED_BY(mutex_);
  std::map<std::string, std::uint64_t> contexts_ MP_GUARDED_BY(mutex_);
  /// Of those that are known.
  std::uint64_t smallest_context_ MP_GUARDED_BY(mutex_) = std::numeric_limits<std::uint64_t>::max();
};

} // namespace mp::ollama
