#include "actors/dispatcher/held_calls.hpp"

#include <utility>

namespace mp {

void held_calls::offered(const held_call& call, time_point now) {
  auto i = calls_.find(call.key.record);
  if (i == calls_.end() && calls_.size() >= entries_max)
    return;
  if (i != calls_.end() && i->second.call.finished && !call.finished)
    return;
  calls_.insert_or_assign(call.key.record, entry{call, now});
}

std::optional<held_call> held_calls::take(const record_key& record, const std::string& model) {
  auto i = calls_.find(record);
  if (i == calls_.end() || i->second.call.model != model)
    return std::nullopt;
  auto call = std::move(i->second.call);
  calls_.erase(i);
  return call;
}

void held_calls::expire(time_point now, std::chrono::milliseconds age_max) {
  std::erase_if(calls_, [&](const auto& each) { return now - each.second.since > age_max; });
}

} // namespace mp
