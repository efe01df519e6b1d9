#pragma once
// Stand-ins for the neighbours of an actor under test: they keep what they are sent.

#include "actors/actor_directory.hpp"
#include "messages/interfaces.hpp"

#include <caf/local_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <memory>
#include <vector>

namespace mp::test {

inline const origin& origin_of(const shared_request& question) { return question->from; }
inline const origin& origin_of(const shared_value<bad_record>& bad) { return bad->from; }
inline const origin& origin_of(const skipped_record& skipped) { return skipped.from; }
inline const origin& origin_of(const record& any) {
  return std::visit([](const auto& each) -> const origin& { return origin_of(each); }, any);
}

/// Everything a dispatcher was sent.
struct dispatcher_log {
  std::vector<std::string> outputs; ///< of output_state
  std::string trouble;              ///< of the last group_state
  std::vector<reader_started> readers;
  std::vector<record> records;
  std::vector<std::size_t> batches; ///< sizes of record_batch
  std::vector<taken_partition> taken;
  std::vector<partition_assignment> revoking;
  std::vector<partition_assignment> revoked;
  std::vector<std::uint32_t> assigned_counts;
  std::vector<std::string> stalled; ///< group_state::stalled, each change of it
  std::size_t group_left = 0;
  std::vector<worker_started> workers;
  std::size_t work_demands = 0;
  std::size_t withdrawals = 0;
  bool withdrawn_in_time = true; ///< what demand_withdrawn is answered
  std::vector<worker_nodes_started> worker_nodes;
  std::size_t nodes_heard = 0;
  std::vector<held_call> held;
  std::vector<std::uint64_t> adoptions_failed;
  std::vector<std::uint64_t> settlements_committed;
  std::vector<call_result> results;
  std::vector<sanitizer_started> sanitizers;
  std::vector<cleaning_result> cleaned;
  std::vector<producer_started> producers;
  std::vector<delivery> deliveries;
  std::vector<stale_record> stale;
  std::vector<origin> ended;
  std::vector<origin> given_up;
  std::vector<monitor_started> monitors;
  std::vector<host_state> hosts;
};

/// What a recording dispatcher answers to requests. A test replaces what it needs otherwise.
struct dispatcher_answers {
  std::function<caf::result<pong>(dispatcher_actor::pointer)> to_ping = [](auto) { return pong{}; };
};

/// A dispatcher that never answers a ping.
inline dispatcher_answers no_pong() {
  return {[unanswered = std::vector<caf::typed_response_promise<pong>>{}](dispatcher_actor::pointer self) mutable
            -> caf::result<pong> { return unanswered.emplace_back(self->make_response_promise<pong>()); }};
}

struct recording_dispatcher_state {
  static inline const char* name = "recording_dispatcher";
  dispatcher_actor::pointer self;
  std::shared_ptr<dispatcher_log> log;
  dispatcher_answers answers;
  recording_dispatcher_state(dispatcher_actor::pointer ptr, std::shared_ptr<dispatcher_log> to,
                             dispatcher_answers given)
    : self(ptr), log(std::move(to)), answers(std::move(given)) {}

  dispatcher_actor::behavior_type make_behavior() {
    return {
      [this](const reader_started& m) { log->readers.push_back(m); },
      [this](const record_batch& m) {
        log->batches.push_back(m.records.size());
        log->records.insert(log->records.end(), m.records.begin(), m.records.end());
      },
      [this](const partitions_taken& m) {
        log->taken.insert(log->taken.end(), m.partitions.begin(), m.partitions.end());
      },
      [this](const partitions_leaving& m) {
        log->revoking.insert(log->revoking.end(), m.partitions.begin(), m.partitions.end());
      },
      [this](const partitions_gone& m) {
        log->revoked.insert(log->revoked.end(), m.partitions.begin(), m.partitions.end());
      },
      [this](const group_state& m) {
        log->assigned_counts.push_back(m.partitions);
        if (m.stalled != (log->stalled.empty() ? "" : log->stalled.back()))
          log->stalled.push_back(m.stalled);
        log->trouble = m.trouble;
      },
      [this](group_left) { ++log->group_left; },
      [this](const worker_started& m) { log->workers.push_back(m); },
      [this](work_demand) { ++log->work_demands; },
      [this](demand_withdrawn) {
        ++log->withdrawals;
        return log->withdrawn_in_time;
      },
      [this](const call_result& m) { log->results.push_back(m); },
      [this](const worker_nodes_started& m) { log->worker_nodes.push_back(m); },
      [this](nodes_heard) { ++log->nodes_heard; },
      [this](const held_calls_offered& m) { log->held.insert(log->held.end(), m.calls.begin(), m.calls.end()); },
      [this](const adoption_failed& m) { log->adoptions_failed.push_back(m.ticket); },
      [this](const settlement_committed& m) { log->settlements_committed.push_back(m.number); },
      [this](const sanitizer_started& m) { log->sanitizers.push_back(m); },
      [this](const cleaning_result& m) { log->cleaned.push_back(m); },
      [this](const producer_started& m) { log->producers.push_back(m); },
      [this](const receipts& m) {
        log->deliveries.insert(log->deliveries.end(), m.deliveries.begin(), m.deliveries.end());
        log->stale.insert(log->stale.end(), m.stale.begin(), m.stale.end());
        log->ended.insert(log->ended.end(), m.ended.begin(), m.ended.end());
        log->given_up.insert(log->given_up.end(), m.given_up.begin(), m.given_up.end());
      },
      [this](const output_state& m) { log->outputs.push_back(m.trouble); },
      [this](const monitor_started& m) { log->monitors.push_back(m); },
      [this](const host_state& m) { log->hosts.push_back(m); },
      [](drain) -> caf::result<void> { return caf::unit; },
      [this](ping) { return answers.to_ping(self); },
    };
  }
};

inline dispatcher_actor spawn_recording_dispatcher(caf::local_actor* parent, std::shared_ptr<dispatcher_log> log,
                                                   dispatcher_answers answers = {}) {
  return parent->spawn<dispatcher_actor::stateful_impl<recording_dispatcher_state>>(std::move(log), std::move(answers));
}

/// Everything a reader, worker, sanitizer, producer or monitor was sent by a dispatcher.
struct reader_log {
  std::int64_t records_wanted = 0;
  std::int64_t bytes_wanted = 0;
  std::vector<read_demand> demands;
  std::vector<origin> finished;
  std::vector<origin> handed_back;
  std::uint64_t settlement_number = 0; ///< of the last settlement that has one
  std::size_t stops = 0;
  std::size_t leaves = 0;
  std::vector<offsets_request> questions;
  std::vector<transaction_ended> transactions;
  std::vector<std::string> order; ///< what came, by name
};

inline reader_actor spawn_recording_reader(caf::local_actor* parent, std::shared_ptr<reader_log> log) {
  return parent->spawn([log](reader_actor::pointer) -> reader_actor::behavior_type {
    return {
      [](const dispatcher_started&) {},
      [log](const read_demand& m) {
        log->records_wanted += m.records;
        log->bytes_wanted += m.bytes;
        log->demands.push_back(m);
        log->order.emplace_back("demand");
      },
      [log](const settlement& m) {
        log->finished.insert(log->finished.end(), m.finished.begin(), m.finished.end());
        log->handed_back.insert(log->handed_back.end(), m.handed_back.begin(), m.handed_back.end());
        log->settlement_number = std::max(log->settlement_number, m.number);
        log->order.emplace_back("settlement");
      },
      [](const queue_ready&) {},
      [log](stop_reading) { ++log->stops; },
      [log](leave_group) {
        ++log->leaves;
        log->order.emplace_back("leave");
      },
      [log](const offsets_request& m) { log->questions.push_back(m); },
      [log](const transaction_ended& m) { log->transactions.push_back(m); },
    };
  });
}

struct worker_log {
  std::vector<assignment> assignments;
  std::vector<std::uint64_t> cancelled;
  std::vector<std::uint64_t> released; ///< cancelled, and they go on
};

inline worker_actor spawn_recording_worker(caf::local_actor* parent, std::shared_ptr<worker_log> log) {
  return parent->spawn([log](worker_actor::pointer) -> worker_actor::behavior_type {
    return {
      [log](const assignment& m) { log->assignments.push_back(m); },
      [log](const cancel_call& m) { (m.goes_on ? log->released : log->cancelled).push_back(m.ticket); },
    };
  });
}

inline sanitizer_actor spawn_recording_sanitizer(caf::local_actor* parent,
                                                 std::shared_ptr<std::vector<cleaning_job>> log) {
  return parent->spawn([log](sanitizer_actor::pointer) -> sanitizer_actor::behavior_type {
    return {
      [](const dispatcher_started&) {},
      [log](const cleaning_job& m) { log->push_back(m); },
    };
  });
}

struct producer_log {
  std::vector<tokened_record> published;
  std::vector<offsets_response> offsets;
  std::size_t offsets_pending = 0;
};

inline producer_actor spawn_recording_producer(caf::local_actor* parent, std::shared_ptr<producer_log> log) {
  return parent->spawn([log](producer_actor::pointer) -> producer_actor::behavior_type {
    return {
      [](const dispatcher_started&) {},
      [log](const publication& m) { log->published.insert(log->published.end(), m.records.begin(), m.records.end()); },
      [](deliveries_ready) {},
      [](const transaction_port_event&) {},
      [log](const offsets_response& m) { log->offsets.push_back(m); },
      [log](offsets_pending) { ++log->offsets_pending; },
    };
  });
}

struct monitor_log {
  std::vector<std::string> troubles;
  std::vector<std::string> reloads;  ///< of these troubles
  std::vector<intake_state> intake;
};

inline monitor_actor spawn_recording_monitor(caf::local_actor* parent, std::shared_ptr<monitor_log> log) {
  return parent->spawn([log](monitor_actor::pointer) -> monitor_actor::behavior_type {
    return {
      [](const work_source_started&) {},
      [log](const host_trouble& m) {
        log->troubles.push_back(m.host);
        log->reloads.push_back(m.reload);
      },
      [](const probe_ended&) {},
      [log](const intake_state& m) { log->intake.push_back(m); },
      [](health_request) { return health_response{}; },
      [](status_request) { return status_response{}; },
    };
  });
}

} // namespace mp::test
