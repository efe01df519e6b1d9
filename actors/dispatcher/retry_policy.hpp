#pragma once
// What to do after a model call has failed. Values in, values out; chance is handed in.

#include "messages/fault.hpp"
#include "messages/request.hpp"

#include <chrono>
#include <variant>

namespace mp {

struct retry_limits {
  unsigned attempts_max = 3;                        ///< charged model calls of one request
  std::chrono::milliseconds backoff_first{500};     ///< before the second attempt, doubled for each further one
  std::chrono::milliseconds backoff_limit{30'000};
};

/// What is known of a request when a call of it has failed.
struct failed_call {
  fault why = fault::model_error;
  request_kind kind = request_kind::text;
  bool names_model = false;   ///< the request asks for a model of its own
  unsigned attempts = 0;      ///< charged before this call
  unsigned runner_deaths = 0; ///< calls of this request, this one included, in which the model's runner died
  unsigned waits = 0;         ///< times it was put back without a charge
  bool beside_photo = false;  ///< the runner died with another request's photo in flight: the cause is not known yet
  bool refused = false;       ///< an HTTP status was received: a server answered
  bool host_was_well = false; ///< it was refused before, and since then the host has answered others or passed a probe
  bool server_died = false; ///< the whole server broke off with it
};

/// Times that a request is put back without a charge; what a host's state costs it from then on is charged. So no
/// request makes more than this and retry_limits::attempts_max calls, beside those at crashes that another request's
/// photo may have caused: after two of these it is sent to a host without other calls.
inline constexpr unsigned waits_max = 20;

/// Put it back; it is due after `delay`. `charged`: this call counts as an attempt.
struct try_again {
  std::chrono::milliseconds delay{0};
  bool charged = true;
};

/// The request ends: with an error reply where the sender is known, and for `dead_letter` also with a dead letter.
struct end_in_error {
  fault why = fault::model_error;
  bool dead_letter = true;
};

using retry_decision = std::variant<try_again, end_in_error>;

/// `random` in [0, 1) spreads the delay over its upper half, so that requests failed together do not come back
/// together.
retry_decision decide_retry(const failed_call& call, const retry_limits& limits, double random);

} // namespace mp
