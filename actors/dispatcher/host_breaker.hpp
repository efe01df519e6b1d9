#pragma once
// Whether a model host is given work. No actors.

#include "messages/fault.hpp"

#include <chrono>
#include <cstdint>
#include <vector>

namespace mp {

struct breaker_limits {
  unsigned failures_max = 5; ///< failed calls in a row that open it; 0 is taken as 1
};

enum class breaker_state : std::uint8_t {
  closed,    ///< the host is given work
  open,      ///< it is not, and has to be looked at
  half_open, ///< it is not, and is being looked at
};

/// The circuit breaker of one host. It opens on the results of its calls and closes on the health monitor's probe that
/// requests one token of the model, never on time alone: no request's attempt is spent on finding out whether the host
/// has recovered.
///
/// A false alarm costs one such probe; a failing host taken for a good one costs an attempt of every request that is
/// sent to it. So every sign against the host counts, also an ambiguous one:
/// - A timeout may be the request's fault (an answer that runs on). It counts all the same: a runner that hangs shows
/// nothing
///   else, version and ps stay green [ollama 7], and each call that finds out holds a slot for a whole time limit.
/// - A runner that dies may be the request's fault as well: some photos kill every runner that reads them [ollama 8].
///   Therefore the deaths that one and the same request was present at count once, so that a poison photo, tried again
///   and again, does not close the host to everybody. Those of different requests count each, also when they shared one
///   runner: it has to be loaded again in any case, and the probe waits for that.
/// - A busy host rejects all requests alike (503, its queue is full). One probe finds out when that is over at less
/// cost than retries
///   of every waiting request.
/// - A refused connection opens it at once: the next call can only end in the same way.
/// - A status in Ollama's place (401, 403, 502, 404 for the configured model, 503) may be about the host or about this
/// request. So those of
///   one and the same request count once, too.
/// Results of calls take precedence over results of probes: for a host that passes probes and fails calls the breaker
/// opens again at the next failure that counts more than once, each time for longer, and then admits one call at a time
/// until one is answered.
///
/// What says nothing about the host (the call was cancelled, the worker was lost, the sender's mistake, an answer that
/// is of no use, unless it is degenerate) neither counts nor resets.
class host_breaker {
public:
  using ticket = std::uint64_t;

  explicit host_breaker(breaker_limits limits) : limits_(limits) {}

  /// A call has failed. `names_model`: the request asked for a model of its own, whose absence is no fault of the host.
  /// True: the breaker has just opened, the host must be looked at. Failures while it is not closed are those of calls
  /// begun before: no news. `refused`: an HTTP status said so.
  bool call_failed(fault why, ticket request, bool names_model, bool refused = false);

  /// The host must be looked at for a reason of its own, whatever its calls tell.
  void trip();

  /// The model gave an answer: failures are counted from the start again. While the breaker is not closed the probe
  /// decides, because this call was begun before the trouble.
  void call_succeeded();

  /// A probe that has begun just now will tell.
  void probe_started();

  /// A probe has ended. `usable`: the model answered. An unusable host opens it in any state; a usable one closes it
  /// only when the probe was begun since it opened: the result of an earlier one says nothing about the trouble. The
  /// health monitor's regular probes of a closed one reset nothing: a host may answer one token and crash on every
  /// photo.
  void probed(bool usable);

  breaker_state state() const { return state_; }
  bool gives_work() const { return state_ == breaker_state::closed; }

  /// How long the host gets no work after calls have opened the breaker, whatever probes find: 0 at first, then 1 s,
  /// doubled each time.
  std::chrono::milliseconds pause() const;

  /// Whether it is to get one call at a time: calls have opened it twice and more since its last answer.
  bool on_trial() const { return openings_ > 1; }

private:
  void go(breaker_state state);
  bool is_known(ticket request);

  breaker_limits limits_;
  breaker_state state_ = breaker_state::closed;
  unsigned failures_ = 0; ///< since the last answer
  std::vector<ticket> counted_; ///< requests that count once among them; at most failures_max
  unsigned openings_ = 0; ///< by calls, since the last answer
};

} // namespace mp
