#pragma once
// Whether calls that broke off did so because their whole server died. Values in, values out; time is handed in. No
// actors.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// The death of a server is not reported as such: its calls break off one after the other (a reset, or the 502 of a
/// proxy in front), just like a single call whose body a proxy rejects. So calls that break off within `moment` are
/// judged together at its end. The server died when
/// - none of its calls from before has gone on or been answered, and
/// - two or more broke off, or it was found dead meanwhile (a refused connection, a probe in vain).
/// When a model's runner dies possibly only one of its calls reports that: those that break off within the same
/// `moment` died with it.
class break_off_watch {
public:
  using time_point = std::chrono::steady_clock::time_point;
  using ticket = std::uint64_t;

  /// The calls of one server break off within milliseconds; a proxy may take some more to report it.
  static constexpr std::chrono::milliseconds moment{250};

  struct verdict {
    std::string host;
    bool died = false;
    bool runner = false;       ///< only a model's runner did
    bool beside_photo = false; ///< a photo was there whose call did not break off, but told of the runner's death
    std::vector<ticket> calls; ///< that were under way when the first of them broke off
    std::vector<ticket> late;  ///< begun after that: they may have met a server that was dead already
  };

  /// The call of `work` at `host`, number `began` among the events of its dispatcher, has broken off; `number` is that
  /// of this event. Gives the time at which it will be judged.
  time_point broke_off(const std::string& host, ticket work, std::uint64_t began, std::uint64_t number, time_point now);

  /// A call at the host, number `began`, was answered.
  void answered(const std::string& host, std::uint64_t began);

  /// The server was found unreachable. Counts only for calls that break off within the same `moment`.
  void found_dead(const std::string& host);

  /// A call, of a photo or not, has told of the death of the host's runner. `number`: of this event.
  void runner_died(const std::string& host, bool at_photo, std::uint64_t number, time_point now);

  /// The event at which the first of the calls broke off that are to be judged, or nothing.
  std::optional<std::uint64_t> first(const std::string& host) const;

  /// Calls that are still to be judged.
  std::vector<ticket> in_doubt(const std::string& host) const;

  /// The earliest time at which there is something to judge.
  std::optional<time_point> next() const;

  /// Judges what is due. `goes_on(host, number)`: whether calls of the host that began before event `number` are still
  /// under way.
  template <class GoOn>
  std::vector<verdict> judge(time_point now, GoOn goes_on) {
    std::vector<verdict> due;
    for (auto i = events_.begin(); i != events_.end();) {
      auto& [host, each] = *i;
      if (each.due > now) {
        ++i;
        continue;
      }
      const auto all = !each.lives && !goes_on(host, each.first);
      const auto died = each.runner || (all && (each.dead || each.calls.size() > 1));
      due.push_back({host, died, each.runner, each.at_photo, std::move(each.calls), std::move(each.late)});
      i = events_.erase(i);
    }
    return due;
  }

private:
  struct event {
    time_point due;
    std::uint64_t first = 0;
    bool lives = false;
    bool dead = false;
    bool runner = false;
    bool at_photo = false;
    std::vector<ticket> calls;
    std::vector<ticket> late;
  };
  std::map<std::string, event> events_; ///< by host; hardly ever any
};

} // namespace mp
