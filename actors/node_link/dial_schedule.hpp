#pragma once
// When the names of readers are dialled. Values in, values out.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

struct dial_limits {
  std::chrono::milliseconds first{100};
  std::chrono::milliseconds longest{5'000};
  /// Within `return_time` of a loss the pause stays below this: a reader that was killed is back in a moment, and may
  /// begin calls whose answers this node has.
  std::chrono::milliseconds longest_at_return{250};
  std::chrono::milliseconds return_time{15'000};
};

/// Each name is dialled for ever: with a growing pause while nobody is there, every `longest` when all is well, because
/// a name may get further addresses, and at once when a reader behind it is lost.
class dial_schedule {
public:
  using time_point = std::chrono::steady_clock::time_point;

  dial_schedule(const std::vector<std::string>& names, dial_limits limits, time_point now) : limits_(limits) {
    for (const auto& each : names)
      names_.emplace(each, name_state{now});
  }

  /// Names to be dialled now. Each is under way until ended().
  std::vector<std::string> due(time_point now) {
    std::vector<std::string> names;
    for (auto& [name, state] : names_)
      if (!state.is_under_way && state.next <= now) {
        state.is_under_way = true;
        names.push_back(name);
      }
    return names;
  }

  /// A dial has ended. `all_there`: every address of the name has a reader. `random`: in [0, 1).
  void ended(const std::string& name, bool all_there, double random, time_point now) {
    auto i = names_.find(name);
    if (i == names_.end())
      return;
    auto& state = i->second;
    state.is_under_way = false;
    state.failures = all_there ? 0 : state.failures + 1;
    auto pause = all_there ? limits_.longest : pause_of(state, now);
    state.next = now
                 + std::chrono::milliseconds{static_cast<std::chrono::milliseconds::rep>(
                   static_cast<double>(pause.count()) * (0.75 + 0.25 * random))};
  }

  /// A reader behind the name is gone.
  void lost(const std::string& name, time_point now) {
    if (auto i = names_.find(name); i != names_.end()) {
      i->second.failures = 0;
      i->second.next = now;
      i->second.lost_at = now;
    }
  }

  /// When due() has the next one, if none is under way for it.
  std::optional<time_point> next() const {
    std::optional<time_point> soonest;
    for (const auto& [name, state] : names_)
      if (!state.is_under_way && (!soonest || state.next < *soonest))
        soonest = state.next;
    return soonest;
  }

private:
  struct name_state {
    time_point next{};
    unsigned failures = 0;
    bool is_under_way = false;
    std::optional<time_point> lost_at{};
  };

  std::chrono::milliseconds pause_of(const name_state& state, time_point now) const {
    constexpr unsigned doublings_max = 10;
    auto pause = limits_.first * (1u << std::min(state.failures - 1, doublings_max));
    bool may_return = state.lost_at && now - *state.lost_at < limits_.return_time;
    return std::min<std::chrono::milliseconds>(pause, may_return ? limits_.longest_at_return : limits_.longest);
  }

  dial_limits limits_;
  std::map<std::string, name_state> names_;
};

} // namespace mp
