#pragma once
// All chance of a simulated world comes from one seed.

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <random>

namespace mp::sim {

using duration = std::chrono::nanoseconds;

/// Random values of one world. The standard's distributions are not used: they differ between libraries, and a seed
/// should mean the same everywhere.
class chance {
public:
  explicit chance(std::uint64_t seed) : engine_(seed * 0x9E3779B97F4A7C15u + 1) {}

  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  bool one_in(std::uint64_t count) { return below(count) == 0; }

  /// In [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

  /// True with probability `p`. Nothing is drawn for 0, so a world whose faults have stopped is the same world.
  bool with(double p) { return p > 0 && unit() < p; }

  duration between(duration from, duration to) {
    return from + duration{static_cast<duration::rep>(below(static_cast<std::uint64_t>((to - from).count()) + 1))};
  }

  /// Waiting times of independent events with this mean.
  duration about(duration mean) {
    return duration{static_cast<duration::rep>(-std::log(1.0 - unit()) * static_cast<double>(mean.count()))};
  }

  template <class Container>
  auto& pick(Container& from) {
    return from[below(std::size(from))];
  }

private:
  std::mt19937_64 engine_;
};

} // namespace mp::sim
