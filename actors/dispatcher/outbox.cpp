#include "actors/dispatcher/outbox.hpp"

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

std::optional<destination> outbox::waits_for(const in_flight_request& row, std::size_t record, const destination_watch& watch) const {
  if (watch.on_trial(row.ticket))
    return std::nullopt;
  for (std::size_t i = 0; i < row.records.size(); ++i)
    if ((i == record || (whole_requests_ && (row.undelivered >> i & 1) != 0)) && watch.refusing(row.records[i]->to))
      return row.records[i]->to;
  return std::nullopt;
}

std::vector<outbox::entry> outbox::take(in_flight_table& table, destination_watch& watch, in_flight_table::time_point now) {
  std::vector<entry> taken;
  take_queued(table, watch, taken);
  // What has only now been held back may be due for a trial at once.
  while (window_ > 0) {
    auto trials = watch.take_trials(now);
    if (trials.empty())
      break;
    queue_.insert(queue_.begin(), trials.begin(), trials.end());
    take_queued(table, watch, taken);
  }
  return taken;
}

void outbox::take_queued(in_flight_table& table, destination_watch& watch, std::vector<entry>& taken) {
  while (window_ > 0 && !queue_.empty()) {
    auto next = queue_.front();
    bool has_sibling = queue_.size() > 1 && ticket_of(queue_[1]) == ticket_of(next);
    if (has_sibling && window_ < 2 && record_of(next) == 0)
      break;
    queue_.pop_front();
    auto* row = table.find(ticket_of(next));
    if (row == nullptr || row->stage != request_stage::publishing || (row->undelivered >> record_of(next) & 1) == 0)
      continue;
    if (auto to = waits_for(*row, record_of(next), watch)) {
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
