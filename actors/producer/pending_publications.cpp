#include "actors/producer/pending_publications.hpp"

namespace mp {

std::uint64_t pending_publications::take(const origin& from, std::uint8_t undelivered) {
  auto [i, fresh] = publications_.try_emplace(from.record());
  auto& taken = i->second;
  if (fresh || taken.orphaned)
    taken = {from, next_number_++, 0, 0, 0, false};
  taken.from = from;
  taken.undelivered = undelivered;
  ++taken.under_way;
  return taken.number;
}

std::optional<pending_publications::ended_publication>
pending_publications::acknowledged(const origin& from, std::uint64_t number, std::uint8_t index) {
  auto i = find(from, number);
  if (i == publications_.end())
    return std::nullopt;
  auto& told = i->second;
  --told.under_way;
  told.acknowledged |= static_cast<std::uint8_t>(1u << index);
  if ((told.undelivered & ~told.acknowledged) != 0) {
    auto unfinished =
      told.orphaned && told.under_way == 0 ? std::optional{ended_publication{told.from, true, false}} : std::nullopt;
    forget_idle(i);
    return unfinished;
  }
  ended_publication ended{told.from, told.orphaned, true};
  publications_.erase(i);
  return ended;
}

std::optional<pending_publications::ended_publication> pending_publications::refused(const origin& from,
                                                                                     std::uint64_t number) {
  auto i = find(from, number);
  if (i == publications_.end())
    return std::nullopt;
  --i->second.under_way;
  if (!i->second.orphaned) {
    forget_idle(i);
    return std::nullopt;
  }
  ended_publication lost{i->second.from, true, false};
  publications_.erase(i);
  return lost;
}

void pending_publications::forget_idle(publications::iterator i) {
  if (i->second.under_way == 0)
    publications_.erase(i);
}

void pending_publications::mark_all_orphaned() {
  for (auto& [where, each] : publications_)
    each.orphaned = true;
}

std::vector<origin> pending_publications::origins() const {
  std::vector<origin> all;
  for (const auto& [where, each] : publications_)
    all.push_back(each.from);
  return all;
}

pending_publications::publications::iterator pending_publications::find(const origin& from, std::uint64_t number) {
  auto i = publications_.find(from.record());
  return i != publications_.end() && i->second.number == number ? i : publications_.end();
}

} // namespace mp
