// The port of the transactional producer: opened, replaced, and what the end of a transaction means.

#include "actors/producer/transactional_state.hpp"

#include "actors/telemetry/kafka_advice.hpp"
#include "actors/telemetry/log.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <variant>

namespace mp {
namespace {

using namespace std::chrono_literals;

constexpr auto reopen_longest = 10s;
// So many transactions in a row without a commit are no passing trouble.
constexpr unsigned failures_max = 10;
// Fenced once: it was taken for dead, or the broker ended a transaction that took too long. Twice: another host has the
// same name, and the next port has an id of its own (runtime/node/assembly.cpp). So often within fencings_period: two
// instances were given one id.
constexpr std::size_t fencings_max = 3;
constexpr auto fencings_period = 60s;

/// The name of the error in the client's words: "_FENCED: ..."
std::string_view code_in(std::string_view reason) { return reason.substr(0, reason.find(':')); }

bool is_fenced(std::string_view reason) {
  return reason.starts_with("_FENCED") || reason.starts_with("PRODUCER_FENCED");
}

} // namespace

void transactional_state::open_port() {
  at = phase::opening;
  read_back = true;
  port = config.make_transactions();
  port->open([weak = caf::actor_cast<caf::weak_actor_ptr>(producer_actor{self}),
              number = ++port_number](transaction_event event) {
    if (auto strong = weak.lock())
      caf::anon_send(caf::actor_cast<producer_actor>(strong), transaction_port_event{number, std::move(event)});
  });
}

void transactional_state::on_port_event(const transaction_port_event& event) {
  if (event.port != port_number)
    return; // of one that was replaced
  if (auto* outcome = std::get_if<transaction_outcome>(&event.event)) {
    ended(*outcome);
    return;
  }
  at = phase::idle;
  reopen_pause = reopen_first;
  tell_trouble({});
  announce();
  start_transaction_if_due();
}

void transactional_state::ended(const transaction_outcome& outcome) {
  if (outcome.result == transaction_result::unclear && at == phase::opening) {
    reopen_later(outcome.reason);
    return;
  }
  if (outcome.result != transaction_result::committed)
    note_failure(outcome);
  auto what = std::exchange(batch, {});
  settle_with_reader(what, outcome.result == transaction_result::committed);
  switch (outcome.result) {
    case transaction_result::committed:
      suspected -= std::min(suspected, what.size());
      if (suspected == 0)
        records_max = config.transaction_records_max;
      failures = 0;
      tell_trouble({});
      acknowledge(what);
      break;
    case transaction_result::aborted:
      outcome.refused.empty() ? queue.put_back(std::move(what)) : find_refused(std::move(what), outcome.refused);
      break;
    case transaction_result::unclear: queue.put_back(std::move(what)); break;
  }
  if (outcome.result == transaction_result::unclear)
    open_port();
  else
    at = phase::idle;
  start_transaction_if_due();
}

void transactional_state::note_failure(const transaction_outcome& outcome) {
  back_off();
  log::warning("transaction_not_committed", {{"reason", outcome.reason},
                                             {"requests", batch.size()},
                                             {"unclear", outcome.result == transaction_result::unclear}});
  if (is_fenced(outcome.reason)) {
    log::error("transactional_id_in_use", {{"advice", kafka_advice("_FENCED")}});
    std::erase_if(fencings, [this](time_point each) { return now() - each > fencings_period; });
    fencings.push_back(now());
    // Not kept as trouble: the next port takes the id back. It shows for as long as the dispatcher keeps it.
    if (dispatcher && fencings.size() >= fencings_max)
      self->send(dispatcher,
                 output_state{"the transactional producer was fenced: " + std::string{kafka_advice("_FENCED")}});
  } else if (outcome.refused.empty() && ++failures >= failures_max) {
    tell_trouble(std::to_string(failures) + " transactions in a row were not committed: " + outcome.reason);
  }
}

void transactional_state::reopen_later(const std::string& reason) {
  auto advice = kafka_advice(code_in(reason));
  log::error("transactions_unavailable", {{"reason", reason}, {"advice", advice}});
  tell_trouble("the transactional producer cannot start: " + reason
               + (advice.empty() ? "" : "; " + std::string{advice}));
  self->run_delayed(reopen_pause, [this, number = port_number] {
    if (number == port_number)
      open_port();
  });
  reopen_pause = std::min<std::chrono::seconds>(2 * reopen_pause, reopen_longest);
}

void transactional_state::tell_trouble(std::string what) {
  bool news = !what.empty() || !trouble.empty();
  trouble = std::move(what);
  if (dispatcher && news)
    self->send(dispatcher, output_state{trouble});
}

void transactional_state::find_refused(std::vector<request_publication> publications,
                                       const std::vector<refused_record>& refused) {
  auto found = sort_out(std::move(publications), refused);
  suspected -= std::min(suspected, found.blamed.size());
  if (!found.suspected.empty()) {
    suspected = std::max(suspected, found.suspected.size());
    records_max = std::max<std::size_t>(1, found.suspected.size() / 2);
  } else if (suspected == 0) {
    records_max = config.transaction_records_max;
  }
  queue.put_back(std::move(found.innocent));
  queue.put_back(std::move(found.suspected));
  receipts told;
  for (auto& each : found.blamed)
    if (each.publication.orphaned)
      told.given_up.push_back(each.publication.from);
    else
      std::move(each.fate.begin(), each.fate.end(), std::back_inserter(told.deliveries));
  if (!found.blamed.empty())
    report(std::move(told));
}

} // namespace mp
