#include "actors/producer/unit_queue.hpp"

#include <algorithm>
#include <bit>

namespace mp {
namespace {

bool same_record(const origin& a, const origin& b) { return a.record() == b.record(); }

} // namespace

bool publication_unit::complete() const {
  unsigned present = 0;
  for (const auto& each : parts)
    present |= 1u << each.index;
  return (undelivered & ~present) == 0;
}

void unit_queue::drop_orphan(const origin& from) {
  if (orphans_ > 0)
    orphans_ -= std::erase_if(units_, [&](const publication_unit& each) { return each.orphan && same_record(each.from, from); });
}

void unit_queue::add(const origin& from, std::uint8_t undelivered, publication_unit::part part, bool alone) {
  drop_orphan(from);
  // One that was refused and made anew comes later than the rest of its request.
  auto i = std::has_single_bit(undelivered)
             ? units_.rend()
             : std::find_if(units_.rbegin(), units_.rend(), [&](const auto& each) { return same_record(each.from, from); });
  if (i == units_.rend() || i->complete()) {
    units_.push_back({from, undelivered, false, false, {}});
    i = units_.rbegin();
  }
  i->from = from;
  i->undelivered = undelivered;
  i->alone |= alone;
  i->parts.push_back(std::move(part));
}

std::vector<publication_unit> unit_queue::take(std::size_t records_max) {
  std::vector<publication_unit> taken;
  std::size_t records = 0;
  for (auto i = units_.begin(); i != units_.end();) {
    if (!i->complete() || (i->alone && !taken.empty())) {
      ++i;
      continue;
    }
    bool alone = i->alone;
    records += i->parts.size();
    if (!taken.empty() && records > records_max)
      break;
    orphans_ -= i->orphan;
    taken.push_back(std::move(*i));
    i = units_.erase(i);
    if (alone)
      break;
  }
  return taken;
}

void unit_queue::put_back(std::vector<publication_unit> units) {
  std::erase_if(units, [&](const publication_unit& each) {
    return each.orphan && std::any_of(units_.begin(), units_.end(), [&](const auto& newer) { return same_record(newer.from, each.from); });
  });
  for (auto i = units.rbegin(); i != units.rend(); ++i) {
    orphans_ += i->orphan;
    units_.push_front(std::move(*i));
  }
}

void unit_queue::orphan_all() {
  std::erase_if(units_, [](const publication_unit& each) { return !each.complete(); });
  for (auto& each : units_)
    each.orphan = true;
  orphans_ = units_.size();
}

std::vector<origin> unit_queue::origins() const {
  std::vector<origin> all;
  for (const auto& each : units_)
    all.push_back(each.from);
  return all;
}

std::size_t unit_queue::records() const {
  std::size_t sum = 0;
  for (const auto& each : units_)
    if (each.complete())
      sum += each.parts.size();
  return sum;
}

} // namespace mp
