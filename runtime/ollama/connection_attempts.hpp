#pragma once
// Which address of a host is tried when. Plain values.

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

namespace mp::ollama {

/// The order in which addresses are tried: as they are, but families take turns, so that a family that does not work
/// here costs one try (RFC 8305, section 4). `families`: of each address; gives indices into it.
std::vector<std::size_t> order_of_attempts(const std::vector<int>& families);

/// When the attempts begin (RFC 8305, section 5): the next one when no other has ended well for a while, or at once
/// when the last one failed; earlier ones go on meanwhile, and the first that succeeds counts.
class connection_attempts {
public:
  using clock = std::chrono::steady_clock;

  /// The pause before the next address, as recommended there; shorter where the limit would not let all of them be
  /// tried.
  static constexpr std::chrono::milliseconds delay_max{250};

  connection_attempts(std::size_t addresses, clock::time_point begin, std::chrono::milliseconds limit);

  /// The place of an address to be tried now; none before its time, after the last one, and after the limit.
  std::optional<std::size_t> next(clock::time_point now);

  /// An attempt has failed: the next one need not wait.
  void failed(clock::time_point now);

  /// Whether nothing can come of it any more: all attempts failed, or the time is over.
  bool is_over(clock::time_point now) const;

  /// When to ask again, if nothing happens before.
  clock::time_point wake_at() const;

private:
  std::size_t addresses_;
  std::size_t begun_ = 0;
  std::size_t failed_ = 0;
  std::chrono::milliseconds delay_;
  clock::time_point next_at_;
  clock::time_point deadline_;
};

} // namespace mp::ollama
