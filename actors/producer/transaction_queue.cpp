#include "actors/producer/transaction_queue.hpp"

#include <algorithm>
#include <bit>

namespace mp {
namespace {

bool same_record(const origin& a, const origin& b) { return a.record() == b.record(); }

} // namespace

bool request_publication::complete() const {
  unsigned present = 0;
  for (const auto& each : parts)
    present |= 1u << each.index;
  return (undelivered & ~present) == 0;
}

void transaction_queue::drop_orphaned(const origin& from) {
  if (orphaned_count_ > 0)
    orphaned_count_ -= std::erase_if(
      publications_, [&](const request_publication& each) { return each.orphaned && same_record(each.from, from); });
}

void transaction_queue::add(const origin& from, std::uint8_t undelivered, request_publication::part part, bool alone) {
  drop_orphaned(from);
  // One that was refused and made anew comes later than the rest of its request.
  auto i = std::has_single_bit(undelivered)
             ? publications_.rend()
             : std::find_if(publications_.rbegin(), publications_.rend(),
                            [&](const auto& each) { return same_record(each.from, from); });
  if (i == publications_.rend() || i->complete()) {
    publications_.push_back({from, undelivered, false, false, {}});
    i = publications_.rbegin();
  }
  i->from = from;
  i->undelivered = undelivered;
  i->alone |= alone;
  i->parts.push_back(std::move(part));
}

std::vector<request_publication> transaction_queue::take(std::size_t records_max) {
  std::vector<request_publication> taken;
  std::size_t records = 0;
  for (auto i = publications_.begin(); i != publications_.end();) {
    if (!i->complete() || (i->alone && !taken.empty())) {
      ++i;
      continue;
    }
    bool alone = i->alone;
    records += i->parts.size();
    if (!taken.empty() && records > records_max)
      break;
    orphaned_count_ -= i->orphaned;
    taken.push_back(std::move(*i));
    i = publications_.erase(i);
    if (alone)
      break;
  }
  return taken;
}

void transaction_queue::put_back(std::vector<request_publication> publications) {
  std::erase_if(publications, [&](const request_publication& each) {
    return each.orphaned && std::any_of(publications_.begin(), publications_.end(), [&](const auto& newer) {
             return same_record(newer.from, each.from);
           });
  });
  for (auto i = publications.rbegin(); i != publications.rend(); ++i) {
    orphaned_count_ += i->orphaned;
    publications_.push_front(std::move(*i));
  }
}

void transaction_queue::mark_all_orphaned() {
  std::erase_if(publications_, [](const request_publication& each) { return !each.complete(); });
  for (auto& each : publications_)
    each.orphaned = true;
  orphaned_count_ = publications_.size();
}

std::vector<origin> transaction_queue::origins() const {
  std::vector<origin> all;
  all.reserve(publications_.size());
  for (const auto& each : publications_)
    all.push_back(each.from);
  return all;
}

std::size_t transaction_queue::records() const {
  std::size_t sum = 0;
  for (const auto& each : publications_)
    if (each.complete())
      sum += each.parts.size();
  return sum;
}

} // namespace mp
