#pragma once
// What every part of a simulated world needs: time, random numbers, fault rates, and the running programs.

#include "tests/simulation/chance.hpp"
#include "tests/simulation/timeline.hpp"

#include <cstdint>
#include <cstdio>
#include <functional>
#include <iomanip>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>

namespace mp::sim {

class group_client;

/// Probabilities of small faults, each at its occasion. All are zero once the faults have stopped.
struct fault_rates {
  double slow_message = 0;          ///< a message between client and broker takes up to half a second
  double commit_refused = 0;
  double commit_overtaken = 0; ///< its connection breaks, and it arrives when there is a new generation of the group
  double commit_answer_late = 0; ///< the commit is stored; its answer takes seconds, or says `again`
  double positions_unavailable = 0;
  double record_not_stored = 0; ///< a reply record: told as failed
  double acknowledgement_lost = 0; ///< stored; acknowledged late or told as failed
  double queue_full = 0; ///< a producer's queue is full although its limit is not reached
  double port_throws = 0; ///< any call of a port
  double call_unreachable = 0; ///< of one model call, as are the following
  double call_busy = 0;
  double call_failed = 0; ///< 500
  double call_cut = 0; ///< reset, cut stream or no done:true
  double call_silent = 0; ///< hangs before the first piece or between two
  double call_deaf = 0; ///< hangs and does not end when cancelled
  double call_garbage = 0; ///< a photo's answer holds no JSON, a text's answer is empty
  double probe_fails = 0;
  double transaction_aborted = 0; ///< any step of a transaction
  double transaction_unclear = 0; ///< its end: done, not done, or left open
};

/// One running program: a service instance between its start and its end.
struct process {
  int instance = 0;
  bool alive = true;
  bool cut_off = false; ///< it cannot reach the broker for a while
  unsigned must_throw = 0; ///< that many of its next port calls throw
  std::string name;
  std::optional<time_point> caught_up{}; ///< when its dispatcher had heard of everything first, since partitions came
  std::weak_ptr<group_client> reader{}; ///< of its present reader
  std::function<void()> producer_breaks{}; ///< for good; it has to be replaced
};

struct sim_context {
  timeline time;
  chance rng;
  fault_rates now{};
  std::uint64_t faults = 0; ///< injected until now
  bool tracing = false; ///< every event of the world is printed

  sim_context(caf::detail::test_actor_clock& clock, std::uint64_t seed) : time(clock), rng(seed) {}

  /// Whether this fault occurs at this moment.
  bool occurs(double fault_rates::* which) {
    bool occurred = rng.with(now.*which);
    faults += occurred;
    return occurred;
  }

  double seconds() const { return std::chrono::duration<double>(time.now().time_since_epoch()).count(); }

  /// Prints what has happened, when tracing.
  template <class... Ts>
  void note(const Ts&... parts) const {
    if (!tracing)
      return;
    std::ostringstream line;
    line << std::fixed << std::setw(11) << std::setprecision(5) << seconds() << "  ";
    (line << ... << parts);
    std::puts(line.str().c_str());
  }

  /// A port call of a living program is about to do something.
  void may_throw(process& caller, const char* what) {
    if (!caller.alive)
      return;
    bool ordered = caller.must_throw > 0;
    if (ordered)
      --caller.must_throw;
    if (ordered || occurs(&fault_rates::port_throws)) {
      note(caller.name, ": ", what, " throws");
      throw std::runtime_error(std::string{what} + " throws");
    }
  }
};

} // namespace mp::sim
