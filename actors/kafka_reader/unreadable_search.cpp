#include "actors/kafka_reader/unreadable_search.hpp"

#include <algorithm>

namespace mp {

unreadable_search::order unreadable_search::failed(const unreadable_error& error, std::int64_t position, time_point now) {
  if (!probe_) {
    auto first = std::max(error.base, position);
    if (errors_ > 0 && (first != first_ || error.base != base_))
      errors_ = 0;
    first_ = first;
    base_ = error.base;
    code_ = error.code;
    if (++errors_ < errors_max)
      return {};
    within_ = first_;
    behind_ = std::max(error.log_end, first_ + 1);
    distance_ = 1;
    return next(now);
  }
  if (error.base < base_) { // another log than before
    auto again = first_;
    reset();
    return {true, again, {}};
  }
  if (error.base == base_) {
    within_ = *probe_;
    distance_ *= 2;
  } else {
    behind_ = std::max(std::min(*probe_, error.base), within_ + 1);
  }
  return next(now);
}

unreadable_search::order unreadable_search::came(std::int64_t offset, time_point now) {
  if (probe_) {
    if (offset < *probe_)
      return {false, {}, {}}; // of before the probe
    behind_ = *probe_;
    auto ordered = next(now);
    ordered.take = false; // it will be read again, after those that the probes have passed over
    return ordered;
  }
  if (errors_ == 0)
    return {};
  auto passed_over = unreadable_range{first_, offset - 1, std::move(code_)};
  reset();
  if (offset <= passed_over.first)
    return {}; // it could be read after all
  return {false, {}, std::move(passed_over)}; // the client has gone on by itself
}

unreadable_search::order unreadable_search::look(bool wanted, time_point now) {
  if (!probe_)
    return {};
  if (!wanted) {
    asked_ = now;
    return {};
  }
  if (now - asked_ < probe_wait)
    return {};
  behind_ = *probe_;
  return next(now);
}

unreadable_search::order unreadable_search::next(time_point now) {
  auto open = behind_ - within_;
  if (open <= 1) {
    auto found = unreadable_range{first_, within_, std::move(code_)};
    reset();
    return {true, {}, std::move(found)};
  }
  probe_ = within_ + std::min(distance_, open / 2);
  asked_ = now;
  return {true, probe_, {}};
}

} // namespace mp
