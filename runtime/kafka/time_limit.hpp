#pragma once
// One time limit over several blocking calls.

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace mp::kafka {

class time_limit {
public:
  explicit time_limit(std::chrono::milliseconds limit) : end_(clock::now() + limit) {}

  bool over() const { return clock::now() >= end_; }

  /// Milliseconds left, at most `most` and at least 1: librdkafka takes 0 for "do not wait at all".
  int left(std::chrono::milliseconds most = std::chrono::hours{1}) const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(left.count(), 1, most.count()));
  }

private:
  using clock = std::chrono::steady_clock;

  clock::time_point end_;
};

} // namespace mp::kafka
