#include "actors/producer/unit_book.hpp"

namespace mp {

std::uint64_t unit_book::take(const origin& from, std::uint8_t undelivered) {
  auto [i, fresh] = units_.try_emplace(from.record());
  auto& taken = i->second;
  if (fresh || taken.orphan)
    taken = {from, next_number_++, 0, 0, 0, false};
  taken.from = from;
  taken.undelivered = undelivered;
  ++taken.under_way;
  return taken.number;
}

std::optional<unit_book::ended_unit> unit_book::acknowledged(const origin& from, std::uint64_t number, std::uint8_t index) {
  auto i = find(from, number);
  if (i == units_.end())
    return std::nullopt;
  auto& told = i->second;
  --told.under_way;
  told.acknowledged |= static_cast<std::uint8_t>(1u << index);
  if ((told.undelivered & ~told.acknowledged) != 0) {
    auto unfinished = told.orphan && told.under_way == 0 ? std::optional{ended_unit{told.from, true, false}} : std::nullopt;
    forget_idle(i);
    return unfinished;
  }
  ended_unit ended{told.from, told.orphan, true};
  units_.erase(i);
  return ended;
}

std::optional<unit_book::ended_unit> unit_book::refused(const origin& from, std::uint64_t number) {
  auto i = find(from, number);
  if (i == units_.end())
    return std::nullopt;
  --i->second.under_way;
  if (!i->second.orphan) {
    forget_idle(i);
    return std::nullopt;
  }
  ended_unit lost{i->second.from, true, false};
  units_.erase(i);
  return lost;
}

void unit_book::forget_idle(units::iterator i) {
  if (i->second.under_way == 0)
    units_.erase(i);
}

void unit_book::orphan_all() {
  for (auto& [where, each] : units_)
    each.orphan = true;
}

std::vector<origin> unit_book::origins() const {
  std::vector<origin> all;
  for (const auto& [where, each] : units_)
    all.push_back(each.from);
  return all;
}

unit_book::units::iterator unit_book::find(const origin& from, std::uint64_t number) {
  auto i = units_.find(from.record());
  return i != units_.end() && i->second.number == number ? i : units_.end();
}

} // namespace mp
