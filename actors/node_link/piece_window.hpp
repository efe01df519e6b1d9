#pragma once
// How many bytes may be under way over one link. Values in, values out.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>

namespace mp {

struct piece_limits {
  std::size_t piece_bytes = 32 * 1024; ///< of one piece at most
  std::size_t window_min = 64 * 1024;
  std::size_t window_first = 256 * 1024;
  std::size_t window_max = 4 * 1024 * 1024;
  /// What stands before a heartbeat may cost it this much: then the link is slower than the window.
  std::chrono::milliseconds delay_max{100};
};

/// CAF's send buffer has no bound [caf 6], and what lies in it, or in the kernel's, delays everything behind it:
/// heartbeats too, and a peer whose heartbeats are late is taken for dead. So the bytes that are sent and not
/// acknowledged are bounded, by a window that follows the link: it grows while acknowledgements come promptly, and
/// shrinks when they take longer than `delay_max`. On 10 Mbit/s it ends at some 100 KiB, on a local network at its
/// maximum.
class piece_window {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit piece_window(piece_limits limits = {}) : limits_(limits), size_(limits.window_first) {}

  /// How many bytes may be sent now.
  std::size_t room() const {
    auto used = static_cast<std::size_t>(sent_ - acked_);
    return used < size_ ? size_ - used : 0;
  }

  void sent(std::size_t bytes, time_point now) {
    sent_ += bytes;
    under_way_.push_back({sent_, now, room() == 0});
  }

  /// The peer has everything up to the `total`-th byte. `prompt`: it says so as soon as it had them, so that the time
  /// is that of the link.
  void acked(std::uint64_t total, bool prompt, time_point now) {
    if (total <= acked_ || total > sent_)
      return;
    auto bytes = static_cast<std::size_t>(total - acked_);
    acked_ = total;
    bool was_full = false;
    auto delay = std::chrono::nanoseconds{0};
    while (!under_way_.empty() && under_way_.front().end <= total) {
      delay = now - under_way_.front().at;
      was_full = was_full || under_way_.front().filled;
      under_way_.pop_front();
    }
    if (!prompt || delay.count() == 0)
      return;
    if (delay > limits_.delay_max)
      size_ = std::max(limits_.window_min, std::min(size_, size_ - std::min(size_ / 4, bytes)));
    else if (was_full && delay < limits_.delay_max / 2)
      size_ = std::min(limits_.window_max, size_ + bytes);
  }

  std::size_t size() const { return size_; }
  std::size_t piece_bytes() const { return limits_.piece_bytes; }

private:
  struct piece {
    std::uint64_t end = 0; ///< the count of bytes sent with it
    time_point at;
    bool filled = false; ///< the window was full then
  };

  piece_limits limits_;
  std::size_t size_;
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  std::deque<piece> under_way_;
};

} // namespace mp
