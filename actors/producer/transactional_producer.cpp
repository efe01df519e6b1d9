#include "actors/producer/transactional_state.hpp"

#include "actors/crash.hpp"

#include <caf/local_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <utility>

namespace mp {
namespace {

bool contains(const std::vector<origin>& list, const origin& which) {
  return std::find(list.begin(), list.end(), which) != list.end();
}

} // namespace

producer_actor::behavior_type transactional_state::make_behavior() {
  crash_with_reason(self);
  self->set_down_handler([this](caf::down_msg& message) { reader_down(message.source); });
  open_port();
  config.directory->set_producer(producer_actor{self});
  config.directory->join(caf::actor_cast<caf::strong_actor_ptr>(producer_actor{self}));
  return {
    [this](const dispatcher_started& message) { on_dispatcher_started(message.dispatcher); },
    [this](const publication& more) { take(more); },
    [](deliveries_ready) {}, // of at-least-once only
    [this](const transaction_port_event& event) { on_port_event(event); },
    [this](const offsets_response& response) { on_offsets_response(response); },
    [this](offsets_pending) {
      offsets_only = true;
      start_transaction_if_due();
    },
  };
}

void transactional_state::on_dispatcher_started(const dispatcher_actor& present) {
  dispatcher = present;
  announced = false;
  if (!trouble.empty())
    self->send(dispatcher, output_state{trouble});
  queue.mark_all_orphaned();
  for (auto& each : batch)
    each.orphaned = true;
  if (at != phase::opening)
    announce();
}

void transactional_state::announce() {
  if (announced || !dispatcher)
    return;
  announced = true;
  auto held = queue.origins();
  for (const auto& each : batch)
    held.push_back(each.from);
  self->send(dispatcher, producer_started{producer_actor{self}, config.window, std::move(held), true});
}

void transactional_state::take(const publication& more) {
  for (const auto& each : more.records)
    queue.add(each.from, each.undelivered, {each.token, each.index, each.record}, each.trial);
  start_transaction_if_due();
}

void transactional_state::report(receipts what) {
  if (dispatcher && announced)
    self->send(dispatcher, std::move(what));
}

void transactional_state::acknowledge(const std::vector<request_publication>& publications) {
  receipts told;
  told.reader_told = true; // it knew before, or has just heard of the transaction's end
  for (const auto& publication : publications) {
    if (publication.orphaned)
      told.ended.push_back(publication.from);
    else
      for (const auto& part : publication.parts)
        told.deliveries.push_back({part.token, delivery_result::acknowledged});
  }
  if (!publications.empty())
    report(std::move(told));
}

void transactional_state::start_transaction_if_due() {
  check_mailbox(self, config.mailbox_bound);
  if (at != phase::idle || !has_work())
    return;
  auto due = queue.records() >= records_max ? back_off_until : std::max(next_start, back_off_until);
  if (now() >= due)
    request_offsets();
  else
    wake_at(due);
}

void transactional_state::wake_at(time_point due) {
  if (waking)
    return; // it looks again then; a full transaction need not wait for it
  waking = true;
  self->run_delayed(due - now(), [this] {
    waking = false;
    start_transaction_if_due();
  });
}

void transactional_state::request_offsets() {
  next_start = now() + config.transaction_interval;
  auto reader = config.directory->reader();
  if (!reader) {
    back_off();
    wake_at(back_off_until);
    return;
  }
  at = phase::awaiting_offsets;
  asked_reader = reader.address();
  self->monitor(reader);
  batch = queue.take(records_max);
  offsets_request request{producer_actor{self}, ++serial, {}, read_back};
  for (const auto& each : batch)
    request.finishing.push_back(each.from);
  self->send(reader, std::move(request));
}

void transactional_state::on_offsets_response(const offsets_response& response) {
  if (at != phase::awaiting_offsets || response.serial != serial)
    return;
  forget_reader();
  read_back = offsets_only = false;
  std::vector<request_publication> finished;
  receipts refused;
  std::erase_if(batch, [&](request_publication& each) {
    if (contains(response.finished, each.from)) {
      finished.push_back(std::move(each));
      return true;
    }
    if (!contains(response.stale, each.from))
      return false;
    if (each.orphaned)
      refused.given_up.push_back(each.from);
    else
      for (const auto& part : each.parts)
        refused.stale.push_back({part.token, each.from});
    return true;
  });
  acknowledge(finished);
  if (!refused.given_up.empty() || !refused.stale.empty())
    report(std::move(refused));
  if (batch.empty() && response.offsets.empty()) {
    settle_with_reader({}, true);
    at = phase::idle;
    start_transaction_if_due();
    return;
  }
  at = phase::running;
  transaction what{{}, response.offsets, response.membership};
  for (const auto& publication : batch)
    for (const auto& part : publication.parts)
      what.records.push_back(part.record);
  port->run(std::move(what));
  self->run_delayed(config.transaction_limit, [this, number = serial] {
    if (at == phase::running && number == serial)
      ended({transaction_result::unclear, "no outcome in time"});
  });
}

void transactional_state::settle_with_reader(const std::vector<request_publication>& publications, bool committed) {
  auto reader = config.directory->reader();
  if (!reader)
    return; // its successor reads what is committed
  transaction_ended told{serial, committed, {}};
  if (committed)
    for (const auto& each : publications)
      told.finished.push_back(each.from);
  self->send(reader, std::move(told));
}

void transactional_state::forget_reader() {
  self->demonitor(asked_reader);
  asked_reader = nullptr;
}

void transactional_state::reader_down(const caf::actor_addr& source) {
  if (at != phase::awaiting_offsets || source != asked_reader)
    return;
  asked_reader = nullptr;
  at = phase::idle;
  back_off();
  queue.put_back(std::exchange(batch, {}));
  start_transaction_if_due();
}

caf::strong_actor_ptr spawn_transactional_producer(caf::local_actor* parent, producer_config config) {
  return caf::actor_cast<caf::strong_actor_ptr>(
    parent->spawn<producer_actor::stateful_impl<transactional_state>>(std::move(config)));
}

} // namespace mp
