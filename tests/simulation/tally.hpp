#pragma once
// Sums over many worlds.

#include "tests/simulation/world.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <type_traits>

namespace mp::sim {

/// Plain numbers only: it travels between processes as it is.
struct tally {
  std::uint64_t seeds = 0, failed = 0, requests = 0, faults = 0, calls = 0, calls_redone = 0, steps = 0,
                mailbox_most = 0;
  double virtual_seconds = 0;
  std::array<std::uint64_t, wrong_count> wrongs{};

  void add(const world_outcome& one) {
    tally other;
    other.seeds = 1;
    other.failed = !one.satisfied;
    other.requests = one.requests;
    other.faults = one.faults;
    other.calls = one.calls;
    other.calls_redone = one.calls_redone;
    other.steps = one.steps;
    other.mailbox_most = one.mailbox_most;
    other.virtual_seconds = one.virtual_seconds;
    other.wrongs = one.wrongs;
    add(other);
  }

  void add(const tally& other) {
    seeds += other.seeds;
    failed += other.failed;
    requests += other.requests;
    faults += other.faults;
    calls += other.calls;
    calls_redone += other.calls_redone;
    steps += other.steps;
    mailbox_most = std::max(mailbox_most, other.mailbox_most);
    virtual_seconds += other.virtual_seconds;
    for (std::size_t i = 0; i < wrong_count; ++i)
      wrongs[i] += other.wrongs[i];
  }

  std::string summary() const {
    auto line =
      "seeds=" + std::to_string(seeds) + " requests=" + std::to_string(requests) + " faults=" + std::to_string(faults);
    for (auto i = wrong{}; i <= wrong::stuck; i = next(i))
      line += ' ' + std::string{to_string(i)} + '=' + std::to_string(of(i));
    return line;
  }

  std::string details(double seconds) const {
    char speed[32];
    std::snprintf(speed, sizeof speed, "%.1f", static_cast<double>(seeds) / seconds);
    auto line = "calls=" + std::to_string(calls) + " calls_redone=" + std::to_string(calls_redone)
                + " messages=" + std::to_string(steps)
                + " virtual_hours=" + std::to_string(static_cast<std::uint64_t>(virtual_seconds / 3600))
                + " mailbox_most=" + std::to_string(mailbox_most);
    for (auto i = next(wrong::stuck); i <= wrong::failed; i = next(i))
      line += ' ' + std::string{to_string(i)} + '=' + std::to_string(of(i));
    return line + " failed_seeds=" + std::to_string(failed) + " seeds_per_second=" + speed;
  }

private:
  static wrong next(wrong i) { return static_cast<wrong>(static_cast<std::uint8_t>(i) + 1); }
  std::uint64_t of(wrong what) const { return wrongs[static_cast<std::size_t>(what)]; }
};
static_assert(std::is_trivially_copyable_v<tally>);

} // namespace mp::sim
