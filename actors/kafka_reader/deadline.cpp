#include "actors/kafka_reader/deadline.hpp"

#include <algorithm>

namespace mp {
namespace {

using moment = std::chrono::system_clock::time_point;
using std::chrono::milliseconds;

// The clock counts in a finer unit than milliseconds, so its range in milliseconds is the narrower one and can be
// compared with.
constexpr auto first_ms = std::chrono::ceil<milliseconds>(moment::min().time_since_epoch());
constexpr auto last_ms = std::chrono::floor<milliseconds>(moment::max().time_since_epoch());

constexpr moment moment_of(milliseconds since_1970) { return moment{std::clamp(since_1970, first_ms, last_ms)}; }

/// `from` + `length` within the clock's range.
moment later(moment from, milliseconds length) {
  auto step = moment_of(length).time_since_epoch();
  if (step > moment::duration::zero() && from > moment::max() - step)
    return moment::max();
  if (step < moment::duration::zero() && from < moment::min() - step)
    return moment::min();
  return from + step;
}

} // namespace

std::optional<moment> deadline_of(std::optional<std::int64_t> header_ms, std::optional<milliseconds> max_age,
                                  std::optional<moment> record_time) {
  std::optional<moment> deadline;
  if (header_ms)
    deadline = moment_of(milliseconds{*header_ms});
  if (max_age && record_time)
    deadline = std::min(deadline.value_or(moment::max()), later(*record_time, *max_age));
  return deadline;
}

} // namespace mp
