#pragma once
// Photos that were being processed when a model runner crashed. No actors.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

namespace mp {

/// What is known of a photo.
enum class photo_state : std::uint8_t {
  unknown,   ///< it was at no runner's death, or was answered since
  suspected, ///< it was at a runner's death, perhaps beside the photo that caused it
  poison,    ///< the runner crashed again while it was the only call
};

/// Remembers photos, not requests, so that the same photo under another key, or sent once more, costs no further
/// runner. Of a photo only its size and a hash are kept. A dispatcher that crashes forgets them and learns anew.
class poison_pills {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr std::size_t count_max = 256; ///< 8 KB; the oldest is forgotten first
  /// The host may have been mended or replaced by then.
  static constexpr std::chrono::hours age_max{1};

  /// Reads the photo only when one of its size is known.
  photo_state state_of(std::string_view photo, time_point now) {
    while (!known_.empty() && now - known_.front().since >= age_max)
      known_.pop_front();
    const auto found = find(photo);
    return found == known_.end() ? photo_state::unknown : found->state;
  }

  /// The photo was being processed at a crash. A photo that is poison already stays so.
  void mark_suspected(std::string_view photo, time_point now) {
    if (find(photo) == known_.end())
      add(photo, photo_state::suspected, now);
  }

  void mark_poison(std::string_view photo, time_point now) {
    clear(photo);
    add(photo, photo_state::poison, now);
  }

  /// A model has processed the photo without a crash.
  void clear(std::string_view photo) {
    if (const auto found = find(photo); found != known_.end())
      known_.erase(found);
  }

  std::size_t size() const { return known_.size(); }

private:
  struct entry {
    time_point since;
    std::size_t bytes;
    std::size_t hash;
    photo_state state;
  };

  std::deque<entry>::iterator find(std::string_view photo) {
    return std::find_if(known_.begin(), known_.end(),
                        [&](const entry& each) { return each.bytes == photo.size() && each.hash == hash_(photo); });
  }

  void add(std::string_view photo, photo_state state, time_point now) {
    known_.push_back({now, photo.size(), hash_(photo), state});
    if (known_.size() > count_max)
      known_.pop_front();
  }

  std::hash<std::string_view> hash_;
  std::deque<entry> known_; ///< oldest first
};

} // namespace mp
