#define CAF_SUITE retry_policy_property
#include "tests/support/test.hpp"

#include "actors/dispatcher/retry_policy.hpp"

#include "tests/support/property.hpp"

#include <algorithm>

using namespace mp;
using namespace std::chrono_literals;
using property::dice;
using property::holds;

namespace {

/// Any limits that the settings allow.
retry_limits any_limits(dice& chance) {
  retry_limits limits;
  limits.attempts_max = static_cast<unsigned>(chance.between(1, chance.one_in(2) ? 4 : 100));
  auto pause = [&](std::int64_t usual, std::int64_t most) {
    return std::chrono::milliseconds{chance.one_in(8) ? 0 : chance.between(0, chance.one_in(2) ? usual : most)};
  };
  limits.backoff_first = pause(1'000, 3'600'000);
  limits.backoff_limit = pause(60'000, 86'400'000);
  return limits;
}

/// The pause before the next call after `failures` in a row, without chance: doubled once for each after the first.
std::chrono::milliseconds whole_pause(std::uint64_t failures, const retry_limits& limits) {
  auto pause = limits.backoff_first;
  for (std::uint64_t i = 1; i < std::min<std::uint64_t>(failures, 64) && pause <= limits.backoff_limit; ++i)
    pause += pause;
  return std::min(pause, limits.backoff_limit);
}

bool waits_for_host(const failed_call& call) {
  return call.why == fault::host_unreachable || call.why == fault::host_busy || call.why == fault::cancelled
         || call.why == fault::node_lost || (call.why == fault::model_not_found && !call.names_model);
}

/// Enough is known to hold it against the request.
bool is_charged(const failed_call& call) {
  return (call.refused && call.host_was_well && call.why != fault::host_busy)
         || (call.server_died && call.runner_deaths >= 3) || call.waits >= waits_max;
}

bool died(const failed_call& call) { return call.why == fault::runner_died || call.server_died; }

bool is_poison(const failed_call& call) {
  return died(call) && call.kind == request_kind::photo && call.runner_deaths >= 2;
}

/// Whose fault the runner's death was will show when its witnesses are asked alone.
bool is_unclear(const failed_call& call) { return died(call) && call.beside_photo && !is_poison(call); }

unsigned calls_allowed(const failed_call& call, const retry_limits& limits) {
  if (is_poison(call))
    return 0;
  if (waits_for_host(call))
    return limits.attempts_max;
  switch (call.why) {
    case fault::runner_died:
    case fault::model_error:
    case fault::stream_cut:
    case fault::answer_empty:
    case fault::degenerate_answer:
    case fault::worker_lost: return limits.attempts_max;
    case fault::runaway_answer:
    case fault::first_byte_timeout:
    case fault::idle_timeout:
    case fault::call_timeout: return std::min(2u, limits.attempts_max);
    default: return 0;
  }
}

} // namespace

TEST_CASE("any failed call under any limits is decided as the table of faults and a count of its calls say") {
  property::random_steps([](dice& chance) {
    auto limits = any_limits(chance);
    failed_call call;
    call.why = faults()[chance.below(fault_count)].kind;
    call.kind = chance.one_in(2) ? request_kind::photo : request_kind::text;
    call.names_model = chance.one_in(2);
    auto counts_max = chance.one_in(4) ? std::uint64_t{4'000'000'000} : 6; // a host may be away for weeks
    call.attempts = static_cast<unsigned>(chance.below(counts_max));
    call.runner_deaths = static_cast<unsigned>(chance.below(counts_max));
    call.waits = static_cast<unsigned>(chance.below(counts_max));
    call.beside_photo = chance.one_in(2);
    call.refused = chance.one_in(2);
    call.host_was_well = chance.one_in(2);
    call.server_died = chance.one_in(4);
    auto decision = decide_retry(call, limits, chance.share());

    bool waits = is_unclear(call) || (waits_for_host(call) && !is_charged(call) && !is_poison(call));
    bool again = waits || call.attempts + 1 < calls_allowed(call, limits);
    holds(std::holds_alternative<try_again>(decision) == again, "it is tried again as long as it may be");
    if (again) {
      const auto& next = std::get<try_again>(decision);
      auto failures =
        std::uint64_t{waits ? call.waits : call.attempts} + (!waits && waits_for_host(call) ? call.waits : 0);
      bool at_once = waits && !is_unclear(call) && call.why == fault::node_lost;
      auto pause = at_once ? std::chrono::milliseconds{0} : whole_pause(failures + 1, limits);
      holds(next.delay <= pause && next.delay >= pause / 2,
            "the pause is doubled each time up to its limit, spread over its half");
      holds(next.charged == !waits, "only what is not the host's state is charged");
    } else {
      const auto& end = std::get<end_in_error>(decision);
      auto own = call.why == fault::host_unreachable && call.refused ? fault::model_refused : call.why;
      holds(end.why == (is_poison(call) ? fault::poison : own), "it ends with its fault, as refused, or as poison");
      holds(end.dead_letter == (is_poison(call) || info_of(call.why).retry != retry_class::tell),
            "all but a sender's mistake leaves a dead letter");
    }
  });
}

TEST_CASE("whatever happens to a request, it makes no more calls than its attempts and waits allow, beside deaths that "
          "are not clear") {
  failed_call call;
  retry_limits limits;
  bool first = true;
  property::random_steps([&](dice& chance) {
    if (first) {
      limits = any_limits(chance);
      call = {};
      call.kind = chance.one_in(2) ? request_kind::photo : request_kind::text;
      call.names_model = chance.one_in(2);
      first = false;
    }
    call.why = faults()[chance.below(fault_count)].kind;
    call.runner_deaths += call.why == fault::runner_died;
    call.beside_photo = chance.one_in(2);
    call.refused = chance.one_in(2);
    call.host_was_well = chance.one_in(4);
    bool unclear = is_unclear(call);
    auto decision = decide_retry(call, limits, chance.share());
    if (auto* again = std::get_if<try_again>(&decision)) {
      ++(again->charged ? call.attempts : call.waits);
      holds(call.attempts < limits.attempts_max, "a further call is within the limit");
      holds(call.waits <= waits_max || unclear, "it has waited no more often than it may");
    } else {
      holds(!unclear, "nothing ends because of its neighbours");
      holds(!waits_for_host(call) || is_charged(call),
            "nothing ends because of its host's state before it has waited long enough");
      first = true;
    }
  });
}
