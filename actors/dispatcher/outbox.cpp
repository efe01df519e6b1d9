#include "actors/dispatcher/outbox.hpp"

#include <algorithm>
#include <bit>

namespace mp {

void outbox::open(std::size_t window, bool whole_requests) {
  queue_.clear();
  window_ = window;
  whole_requests_ = whole_requests;
  ++generation_;
}

void outbox::add(const in_flight_request& row) {
  for (std::size_t i = 0; i < row.records.size(); ++i)
    if (row.undelivered >> i & 1)
      queue_.push_back(token_of(row.ticket, i));
}

void outbox::add_again(token t, std::uint64_t generation) {
  if (generation == generation_)
    queue_.push_back(t);
}

std::optional<destination> outbox::waits_for(const in_flight_request& row, std::size_t record,
                                             const destination_watch& watch) const {
  if (watch.on_trial(row.ticket))
    return std::nullopt;
  for (std::size_t i = 0; i < row.records.size(); ++i)
    if ((i == record || (whole_requests_ && (row.undelivered >> i & 1) != 0)) && watch.refusing(row.records[i]->to))
      return row.records[i]->to;
  return std::nullopt;
}

std::vector<outbox::entry> outbox::take(in_flight_table& table, destination_watch& watch,
                                        in_flight_table::time_point now) {
  std::vector<entry> taken;
  take_queued(table, watch, taken);
  // What has only now been held back may be due for a trial at once.
  while (window_ > 0) {
    // What has ended or gone to another instance is no trial: each would cost the others the time until the next.
    if (auto due = watch.next_trial(); due && *due <= now)
      watch.forget_if([&](token each) { return row_of(each, table) == nullptr; });
    auto trials = watch.take_trials(now, whole_requests_);
    if (trials.empty())
      break;
    queue_.insert(queue_.begin(), trials.begin(), trials.end());
    take_queued(table, watch, taken);
  }
  return taken;
}

in_flight_request* outbox::row_of(token which, in_flight_table& table) {
  auto* row = table.find(ticket_of(which));
  bool is_wanted = row != nullptr && is_ended(row->stage) && (row->undelivered >> record_of(which) & 1) != 0;
  return is_wanted ? row : nullptr;
}

/// Whether the first record, one of a request that still needs several, is followed by the other. Records that came
/// back from a topic, those that were only withdrawn behind those that were refused, may stand apart: the producer's
/// window would be full of halves, each waiting for the rest. So the other is called up where a request is published as
/// a whole.
bool outbox::call_sibling() {
  auto is_sibling = [ticket = ticket_of(queue_.front())](token each) { return ticket_of(each) == ticket; };
  auto end = whole_requests_ || queue_.size() < 2 ? queue_.end() : queue_.begin() + 2;
  auto sibling = std::find_if(queue_.begin() + 1, end, is_sibling);
  if (sibling == end)
    return false;
  std::rotate(queue_.begin() + 1, sibling, sibling + 1);
  return true;
}

void outbox::take_queued(in_flight_table& table, destination_watch& watch, std::vector<entry>& taken) {
  while (window_ > 0 && !queue_.empty()) {
    auto next = queue_.front();
    const auto* whose = table.find(ticket_of(next));
    bool is_pair = whose != nullptr && !std::has_single_bit(whose->undelivered) && call_sibling();
    if (is_pair && window_ < 2 && (whole_requests_ || record_of(next) == 0))
      break;
    queue_.pop_front();
    auto* row = row_of(next, table);
    if (row == nullptr)
      continue;
    auto to = waits_for(*row, record_of(next), watch);
    if (!to && whole_requests_ && !is_pair && !std::has_single_bit(row->undelivered))
      to = watch.holding(next
                         ^ 1); // it would only be half of its request: a trial of two topics has failed at one of them
    if (to) {
      watch.hold(*to, next);
      continue;
    }
    row->published_as = row->from;
    taken.push_back({next, row->records[record_of(next)], row->from, static_cast<std::uint8_t>(row->undelivered),
                     watch.on_trial(row->ticket)});
    --window_;
  }
}

} // namespace mp
