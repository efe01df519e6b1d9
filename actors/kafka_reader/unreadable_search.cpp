#include "actors/kafka_reader/unreadable_search.hpp"

#include <algorithm>

namespace mp {

unreadable_search::order unreadable_search::failed(const unreadable_error& error, std::int64_t position,
                                                   time_point now) {
  if (!probe_) {
    auto first = std::max(error.base, position);
    if (errors_ > 0 && first > first_ && position <= first_)
      if (auto ordered = read_again(now); ordered.read_from)
        return ordered;
    if (errors_ > 0 && (first != first_ || error.base != base_))
      errors_ = 0;
    first_ = first;
    base_ = error.base;
    code_ = error.code;
    read_again_ = false;
    asked_ = now;
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
      return {.take = false, .log_is_shorter = true}; // see consumer_port::rewind
    behind_ = *probe_;
    auto ordered = next(now);
    ordered.take = false; // it will be read again, after those that the probes have passed over
    return ordered;
  }
  if (errors_ == 0)
    return {};
  if (offset <= first_) {
    reset();
    return {}; // it could be read after all
  }
  return read_again(now);
}

unreadable_search::order unreadable_search::look(bool wanted, time_point now) {
  if (idle())
    return {};
  if (!wanted) {
    asked_ = now;
    return {};
  }
  if (now - asked_ < probe_wait)
    return {};
  if (probe_) {
    behind_ = *probe_;
    return next(now);
  }
  return read_again(now);
}

unreadable_search::order unreadable_search::read_again(time_point now) {
  if (read_again_) {
    reset();
    return {}; // there is nothing any more that could not be read
  }
  read_again_ = true;
  asked_ = now;
  return {false, first_, {}};
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
