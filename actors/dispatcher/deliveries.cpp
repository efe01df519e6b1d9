#include "actors/dispatcher/dispatcher_state.hpp"

#include "actors/telemetry/log.hpp"

#include <utility>

namespace mp {
namespace {

// A record that the broker did not acknowledge is sent again after this time; the client library has by then tried for
// two minutes.
constexpr auto redelivery_delay = std::chrono::seconds{1};

} // namespace

void dispatcher_state::send_records() {
  if (!producer)
    return;
  auto batch = publishing.take(table, now());
  if (!batch.records.empty())
    self->send(producer, std::move(batch));
}

void dispatcher_state::take_receipts(const receipts& delivered) {
  publishing.reader_told(delivered.reader_told);
  for (const auto& each : delivered.deliveries)
    take_delivery(each);
  for (const auto& each : delivered.stale)
    if (auto* row = publishing.stale(each, draining.begun, table, now())) {
      keep_answer(*row);
      drop(*row);
    }
  await_redelivery();
  for (const auto& each : delivered.ended)
    ended_at_producer(each);
  for (const auto& each : delivered.given_up)
    if (auto* row = publishing.given_up(each, table))
      take_back(*row);
  publishing.reader_told(false);
  after();
}

void dispatcher_state::take_delivery(const delivery& each) {
  auto* row = publishing.returned(each, table);
  if (row == nullptr)
    return;
  auto which = outbox::record_of(each.token);
  switch (each.result) {
    case delivery_result::acknowledged:
      topic_acknowledged(row->records[which]->to);
      if (publishing.is_done(*row, which))
        end(*row);
      break;
    case delivery_result::too_large:
    case delivery_result::invalid: not_taken(*row, which, each); break;
    case delivery_result::rejected: rejected(*row, which, each); break;
    case delivery_result::topic_refuses: wait_for_topic(*row, which, each.code); break;
    case delivery_result::failed: send_again_later(each.token, each.code); break;
    case delivery_result::withdrawn: publishing.add_again(*row, which); break;
  }
}

void dispatcher_state::await_redelivery() {
  if (auto time = publishing.redelivery_timer(table, now()))
    self->run_delayed(*time, [this] { drop_unredelivered(); });
}

void dispatcher_state::drop_unredelivered() {
  for (auto* row : publishing.unredelivered(table, now()))
    drop(*row);
  await_redelivery();
  after();
}

void dispatcher_state::ended_at_producer(const origin& from) {
  auto* row = publishing.ended_at_producer(from, table, now());
  if (row == nullptr)
    return;
  log::info("request_done", {{"id", row->id},
                             {"outcome", "published_before"},
                             {"partition", row->from.partition},
                             {"offset", row->from.offset}});
  drop(*row);
}

void dispatcher_state::send_again_later(std::uint64_t token, const std::string& code) {
  log::warning("delivery_failed", {{"ticket", outbox::ticket_of(token)}, {"code", code}});
  self->run_delayed(redelivery_delay, [this, token, generation = publishing.generation()] {
    publishing.add_again(token, generation);
    after();
  });
}

} // namespace mp
