#include "actors/dispatcher/retry_policy.hpp"

#include <algorithm>

namespace mp {
namespace {

// One runner crash can be the fault of another call. After it a photo is sent alone (dispatcher_state::asked_alone), so
// a photo in flight at a second crash is its cause [ollama 14].
constexpr unsigned runner_deaths_max = 2;

std::chrono::milliseconds backoff(unsigned failures, const retry_limits& limits, double random) {
  using namespace std::chrono_literals;
  auto wait = limits.backoff_first;
  // No pause doubles to no pause: without the second condition a host that is away for long would cost a step for each
  // wait so far.
  for (unsigned i = 1; i < failures && wait > 0ms && wait < limits.backoff_limit; ++i)
    wait *= 2;
  wait = std::min(wait, limits.backoff_limit);
  return std::chrono::milliseconds{
    static_cast<std::chrono::milliseconds::rep>(static_cast<double>(wait.count()) * (0.5 + 0.5 * random))};
}

/// Whether a failure that looks like the host's state is charged to the request: the host answers others and refuses
/// this request alone (a web firewall, a model that wants a subscription); the request was in flight whenever the
/// server died, at last alone; or it was put back too often. A busy host proves nothing about the request, whatever it
/// answers to others.
bool is_charged(const failed_call& call) {
  bool refused_alone = call.refused && call.host_was_well && call.why != fault::host_busy;
  bool ends_servers = call.server_died && call.runner_deaths > runner_deaths_max;
  return refused_alone || ends_servers || call.waits >= waits_max;
}

} // namespace

retry_decision decide_retry(const failed_call& call, const retry_limits& limits, double random) {
  bool died = call.why == fault::runner_died || call.server_died;
  if (died && call.kind == request_kind::photo && call.runner_deaths >= runner_deaths_max)
    return end_in_error{fault::poison, true};
  if (died && call.beside_photo)
    return try_again{backoff(call.waits + 1, limits, random), false};
  // Without a model of its own the request uses the configured one: its absence is the host's state, not the sender's
  // mistake.
  bool host_lacks_model = call.why == fault::model_not_found && !call.names_model;
  auto retry = host_lacks_model ? retry_class::wait_for_host : info_of(call.why).retry;
  auto charged = call.attempts + 1;
  switch (retry) {
    case retry_class::wait_for_host: {
      if (!is_charged(call) && call.why == fault::node_lost) // there are other workers, which have no trouble
        return try_again{std::chrono::milliseconds{0}, false};
      if (!is_charged(call))
        return try_again{backoff(call.waits + 1, limits, random), false};
      if (charged < limits.attempts_max)
        return try_again{backoff(call.waits + charged, limits, random), true};
      return end_in_error{call.why == fault::host_unreachable && call.refused ? fault::model_refused : call.why, true};
    }
    case retry_class::retry:
      if (charged < limits.attempts_max)
        return try_again{backoff(charged, limits, random), true};
      return end_in_error{call.why, true};
    case retry_class::retry_once:
      if (charged < std::min(2u, limits.attempts_max))
        return try_again{backoff(charged, limits, random), true};
      return end_in_error{call.why, true};
    case retry_class::tell: return end_in_error{call.why, false};
    case retry_class::dead_letter:
    case retry_class::give_up: return end_in_error{call.why, true};
  }
  return end_in_error{call.why, true};
}

} // namespace mp
