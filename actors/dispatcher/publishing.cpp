#include "actors/dispatcher/publishing.hpp"

#include "actors/telemetry/kafka_advice.hpp"

#include <algorithm>
#include <utility>

namespace mp {
namespace {

using namespace std::chrono_literals;

// A record that was rejected this often, while its topic took others, is at fault itself.
constexpr unsigned rejections_max = 5;
// A topic that has acknowledged nothing for this long, although records were sent, is reported in /ready.
constexpr auto silence_max = 30s;
// The producer repeats its trouble more often than that, and its successor when it has the same.
constexpr auto trouble_kept = 60s;

constexpr std::array all_destinations{destination::photo_reply, destination::text_reply, destination::dead_letter};

std::string seconds_of(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).count()) + " s";
}

bool is_undelivered(const in_flight_request& row, std::size_t record) { return (row.undelivered >> record & 1) != 0; }

} // namespace

// ---- the producer ----

void publishing::on_producer_started(const producer_started& started, in_flight_table& table) {
  no_producer_since_.reset();
  to_send_.open(started.window, started.whole_requests);
  destinations_.forget_held();
  held_by_producer_.clear();
  for (const auto& each : started.held)
    held_by_producer_.insert(each.record());
  for (const auto* row : table.in_stage(request_stage::publishing))
    to_send_.add(*row);
}

void publishing::producer_lost(time_point now) {
  no_producer_since_ = now;
  to_send_.close();
}

void publishing::reported(const output_state& state, time_point now) {
  trouble_ = state.trouble;
  trouble_at_ = now;
}

// ---- records ----

publication publishing::take(in_flight_table& table, time_point now) {
  publication batch;
  for (auto& each : to_send_.take(table, destinations_, now))
    batch.records.push_back({each.which, std::move(each.record), each.from,
                             static_cast<std::uint8_t>(outbox::record_of(each.which)), each.undelivered, each.trial});
  return batch;
}

in_flight_request* publishing::returned(const delivery& each, in_flight_table& table) {
  to_send_.returned();
  auto* row = table.find(outbox::ticket_of(each.token));
  bool is_awaited = row != nullptr && is_ended(row->stage) && is_undelivered(*row, outbox::record_of(each.token));
  return is_awaited ? row : nullptr;
}

bool publishing::is_done(in_flight_request& row, std::size_t record) {
  row.undelivered &= ~(1u << record);
  if (row.undelivered != 0)
    row.published_as =
      {}; // the rest may be on its way as a part of the whole, of which the producer has forgotten this record
  return row.undelivered == 0;
}

// ---- topics that refuse ----

bool publishing::refused(const in_flight_request& row, std::size_t record, const std::string& code, time_point now) {
  return destinations_.refused(row.records[record]->to, row.ticket, code, now);
}

void publishing::hold(const in_flight_request& row, std::size_t record) {
  destinations_.hold(row.records[record]->to, outbox::token_of(row.ticket, record));
}

bool publishing::acknowledged(destination to) {
  if (!destinations_.acknowledged(to))
    return false;
  to_send_.add_released(destinations_.release(to));
  return true;
}

bool publishing::is_at_fault(in_flight_request& row, std::size_t record) const {
  auto taken = destinations_.acknowledgements(row.records[record]->to);
  if (row.rejections++ == 0)
    row.rejected_at = taken;
  return row.rejections >= rejections_max && taken > row.rejected_at;
}

bool publishing::waits_for_topic(const in_flight_request& row) const {
  for (std::size_t i = 0; i < row.records.size(); ++i)
    if (is_undelivered(row, i) && destinations_.refusing(row.records[i]->to))
      return true;
  return false;
}

std::string publishing::why_no_producer(time_point now) const {
  if (!trouble_.empty() && now - trouble_at_ < trouble_kept)
    return trouble_;
  if (!no_producer_since_ || now - *no_producer_since_ < silence_max)
    return {};
  return "no producer is ready for " + seconds_of(now - *no_producer_since_)
         + "; check that the brokers run, with DELIVERY=exactly-once also that their transaction coordinator does"
           " (transaction.state.log.replication.factor)";
}

std::string publishing::why_not(in_flight_table& table, const topics& names, time_point now) const {
  auto text = why_no_producer(now);
  auto add = [&](const std::string& more) { text += (text.empty() ? "" : "; ") + more; };
  std::array<std::size_t, all_destinations.size()> waiting{};
  std::array<std::chrono::nanoseconds, all_destinations.size()> oldest{};
  for (const auto* row : table.in_stage(request_stage::publishing))
    for (std::size_t i = 0; i < row->records.size(); ++i)
      if (is_undelivered(*row, i)) {
        auto to = static_cast<std::size_t>(row->records[i]->to);
        ++waiting[to];
        oldest[to] = std::max<std::chrono::nanoseconds>(oldest[to], now - row->publishing_since);
      }
  for (auto to : all_destinations) {
    auto i = static_cast<std::size_t>(to);
    auto wait = ", " + std::to_string(waiting[i]) + " record(s) wait";
    if (waiting[i] > 0 && destinations_.refusing(to))
      add("topic " + names[i] + " refuses records (" + with_advice(destinations_.code(to)) + ")" + wait);
    else if (oldest[i] >= silence_max)
      add("topic " + names[i] + " has not acknowledged a record for " + seconds_of(oldest[i]) + wait);
  }
  return text;
}

// ---- redelivery ----

in_flight_request* publishing::stale(const stale_record& which, bool draining, in_flight_table& table, time_point now) {
  to_send_.returned();
  destinations_.said_nothing(outbox::ticket_of(which.token), now);
  auto* row = table.find(outbox::ticket_of(which.token));
  if (row == nullptr || row->stage != request_stage::publishing)
    return nullptr;
  if (row->from != which.from) // read again meanwhile
    to_send_.add_again(which.token, generation());
  else if (row->owner == ownership::revoked || draining)
    return row;
  else
    table.await_redelivery(*row, now);
  return nullptr;
}

void publishing::redelivered(in_flight_request& row, in_flight_table& table) {
  if (row.stage != request_stage::awaiting_redelivery)
    return;
  table.redelivered(row);
  to_send_.add(row);
}

std::optional<std::chrono::nanoseconds> publishing::redelivery_timer(in_flight_table& table, time_point now) {
  if (redelivery_timed_ || table.count(request_stage::awaiting_redelivery) == 0)
    return std::nullopt;
  redelivery_timed_ = true;
  auto rows = table.in_stage(request_stage::awaiting_redelivery);
  auto first =
    std::min_element(rows.begin(), rows.end(), [](auto* a, auto* b) { return a->awaiting_since < b->awaiting_since; });
  return (*first)->awaiting_since + redelivery_wait_max - now;
}

std::vector<in_flight_request*> publishing::unredelivered(in_flight_table& table, time_point now) {
  redelivery_timed_ = false;
  auto rows = table.in_stage(request_stage::awaiting_redelivery);
  std::erase_if(rows, [&](const auto* row) { return now - row->awaiting_since < redelivery_wait_max; });
  return rows;
}

// ---- ends ----

void publishing::ended(const in_flight_request& row, time_point now) {
  if (row.owner != ownership::revoked && !(reader_told_ && row.from == row.published_as))
    settled_.finished.push_back(row.from);
  ended_.add(row.from, now);
}

in_flight_request* publishing::ended_at_producer(const origin& from, in_flight_table& table, time_point now) {
  held_by_producer_.erase(from.record());
  ended_.add(from, now);
  auto* row = table.at(from);
  if (row == nullptr || row->stage != request_stage::held_by_producer)
    return nullptr;
  if (row->owner != ownership::revoked)
    settled_.finished.push_back(row->from);
  return row;
}

in_flight_request* publishing::given_up(const origin& from, in_flight_table& table) {
  held_by_producer_.erase(from.record());
  auto* row = table.at(from);
  return row != nullptr && row->stage == request_stage::held_by_producer ? row : nullptr;
}

void publishing::handed_back(const in_flight_request& row) {
  if (row.owner != ownership::revoked)
    settled_.handed_back.push_back(row.from);
}

std::optional<settlement> publishing::take_settlement() {
  if (settled_.finished.empty() && settled_.handed_back.empty())
    return std::nullopt;
  return std::exchange(settled_, {});
}

// ---- kept answers ----

void publishing::keep(const in_flight_request& row, time_point now) {
  if (row.attempts > 0) // an end without a call costs nothing
    kept_.add(row.from.record(),
              {row.records, row.ended_by, row.dead_letter, row.identity, row.attempts, row.reask_rounds, row.host,
               row.model_time, row.bytes},
              now);
}

} // namespace mp
