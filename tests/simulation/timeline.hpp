#pragma once
// What the world around the actors does, and when, in virtual time.

#include "tests/simulation/chance.hpp"

#include <caf/detail/test_actor_clock.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace mp::sim {

using time_point = std::chrono::steady_clock::time_point;

/// Events of the world on the clock that the actors have too. Events of the same moment happen in the order in which
/// they were planned.
class timeline {
public:
  using job = std::function<void()>;

  explicit timeline(caf::detail::test_actor_clock& clock) : clock_(clock) {}

  time_point now() const { return clock_.current_time; }

  void at(time_point when, job what) {
    planned_.push_back({when, next_number_++, std::move(what)});
    std::push_heap(planned_.begin(), planned_.end(), later);
  }

  void after(duration wait, job what) { at(now() + wait, std::move(what)); }

  std::optional<time_point> next() const {
    return planned_.empty() ? std::nullopt : std::optional{planned_.front().when};
  }

  void run_due() {
    while (!planned_.empty() && planned_.front().when <= now()) {
      std::pop_heap(planned_.begin(), planned_.end(), later);
      auto what = std::move(planned_.back().what);
      planned_.pop_back();
      what();
    }
  }

  void forget_all() { planned_.clear(); }

private:
  struct event {
    time_point when;
    std::uint64_t number = 0;
    job what;
  };
  static bool later(const event& a, const event& b) { return a.when != b.when ? a.when > b.when : a.number > b.number; }

  caf::detail::test_actor_clock& clock_;
  std::vector<event> planned_; // a heap
  std::uint64_t next_number_ = 0;
};

} // namespace mp::sim
