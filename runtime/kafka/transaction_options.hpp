#pragma once
// What a transactional producer is configured with, and the librdkafka properties that follow from it.

#include "runtime/kafka/producer_options.hpp"
#include "runtime/kafka/rd_handle.hpp"

#include <chrono>
#include <functional>
#include <string>

namespace mp::kafka {

/// answer_max of a transactional producer: the actor gives a transaction 2.5 s, and its successor's first requests may
/// go to the broker that stands still, too.
inline constexpr std::chrono::milliseconds transaction_answer_max{2000};

struct transaction_options {
  producer_options producer;
  std::string requests_topic;   ///< whose offsets travel in the transactions
  std::string
    transactional_id; ///< stays the same over restarts and is no other instance's: the next one to open fences this one
  std::function<void()> fenced{}; ///< called when another client has fenced this one, on the port's thread

  /// After this time the broker aborts a transaction that was left open; until then readers of committed records wait.
  std::chrono::milliseconds transaction_timeout{30000};

  /// A client that was not initialised in this time is replaced by one that knows the bootstrap brokers. Told of no
  /// broker at all, by one that its controller has fenced, librdkafka 2.14 forgets all of them (lost_brokers.hpp); a
  /// transactional client that has its coordinator among them never asks again, whatever brokers it is given:
  /// txn_curr_coord keeps that one from ending. Nothing was begun yet that a new epoch could disturb.
  std::chrono::milliseconds initialise_limit{10000};

  /// How long the records and offsets of one transaction may take, calls repeated after errors that pass included. A
  /// call under way is not cut short: a broker that stands still may add up to one request's time, which is a little
  /// less than the transaction timeout.
  std::chrono::milliseconds send_limit{20000};

  /// How long a commit or an abort may take. By then the broker, if there is one, has ended the transaction in any
  /// case: the transaction timeout, and 10 s between two of its looks for such transactions
  /// (transaction.abort.timed.out.transaction.cleanup.interval.ms).
  std::chrono::milliseconds end_limit{45000};
};

/// The configuration of a transactional producer: that of a producer with the transactional id, without any event,
/// because a commit waits by itself for deliveries only then. Failed deliveries are told by callback. Throws
/// std::runtime_error for a property that librdkafka refuses.
conf_ptr transaction_conf(const transaction_options& options);

} // namespace mp::kafka
