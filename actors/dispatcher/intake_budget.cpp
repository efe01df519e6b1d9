#include "actors/dispatcher/intake_budget.hpp"

#include <algorithm>

namespace mp {

std::optional<intake_grant> intake_budget::next(const intake_load& load) {
  if (!load.open || load.parked >= limits_.parked_max)
    return std::nullopt;
  auto coming = load.waiting + records_;
  auto wanted = load.free_slots + limits_.ahead;
  auto records = wanted > coming ? wanted - coming : 0;
  auto room = limits_.held_max > load.held + records_ ? limits_.held_max - load.held - records_ : 0;
  records = std::min(records, room);
  auto bytes = std::max<std::int64_t>(0, limits_.bytes_max - load.bytes - bytes_);
  // The reader stops at zero bytes, so a reader with records but without bytes has to be helped as soon as there is
  // room.
  bool starved = records_ > 0 && bytes_ <= 0 && bytes > 0;
  bool worth_it = records * 2 >= limits_.ahead || coming == 0;
  if (!starved && (records == 0 || !worth_it || bytes + bytes_ <= 0))
    return std::nullopt;
  records_ += records;
  bytes_ += bytes;
  return intake_grant{static_cast<std::uint32_t>(records), bytes};
}

std::optional<intake_grant> intake_budget::trial(const intake_load& load) {
  auto bytes = limits_.bytes_max - load.bytes;
  if (!load.open || records_ > 0 || load.held >= limits_.held_max || bytes <= 0)
    return std::nullopt;
  records_ = 1;
  bytes_ = bytes;
  return intake_grant{1, bytes};
}

bool intake_budget::received(std::size_t bytes) {
  bytes_ -= static_cast<std::int64_t>(bytes);
  if (records_ == 0)
    return false;
  --records_;
  return true;
}

} // namespace mp
