#include "runtime/kafka/transaction_client.hpp"

#include "runtime/kafka/produce_errors.hpp"
#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/topic_rights.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

namespace mp::kafka {

namespace {

/// librdkafka resumes this call without loss (its state WAIT_PID; a request under way is not made twice), and a client
/// that nobody needs any more is noticed between two calls.
constexpr int initialise_call_ms = 1000;

/// Between two tries of a call that failed at once.
constexpr std::chrono::milliseconds retry_pause{100};

/// The longest commit of a broker that did not stand still took 0.2 s [kafka 8]. After this time librdkafka may
/// have asked twice, and the first of the two requests may still wait somewhere and act on the next transaction of the
/// same epoch [kafka 10].
constexpr std::chrono::milliseconds usual_time = transaction_answer_max - std::chrono::milliseconds{100};

std::optional<call_error> taken(error_ptr error) {
  if (!error)
    return std::nullopt;
  return call_error{rd_kafka_error_code(error.get()), rd_kafka_error_is_retriable(error.get()) != 0,
                    rd_kafka_error_txn_requires_abort(error.get()) != 0,
                    std::string{rd_kafka_error_name(error.get())} + ": " + rd_kafka_error_string(error.get())};
}

/// How long the broker may take to say which rights there are. The actor waits for the outcome of the transaction
/// meanwhile.
constexpr int rights_limit_ms = 800;

/// A record that librdkafka did not take.
call_error refused(error_ptr error) {
  auto failure = *taken(std::move(error));
  failure.abortable = failure.code != RD_KAFKA_RESP_ERR__FATAL;
  return failure;
}

/// Whether the broker refused the offsets because of the group, and all records were well.
bool is_about_the_group(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || code == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID
         || code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID || code == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS;
}

/// Of a member that has joined: one that has not would commit like a program outside of any group, which a group
/// without members allows and no generation protects.
membership_ptr membership_of(const std::string& bytes) {
  rd_kafka_consumer_group_metadata_t* read = nullptr;
  if (bytes.empty() || error_ptr{rd_kafka_consumer_group_metadata_read(&read, bytes.data(), bytes.size())})
    return nullptr;
  membership_ptr membership{read};
  return rd_kafka_consumer_group_metadata_generation_id(read) < 0 ? nullptr : std::move(membership);
}

} // namespace

recovery recovery_for(const call_error& error) noexcept {
  if (error.retriable)
    return recovery::repeat;
  switch (error.code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT: return recovery::replace;
    default: return error.abortable ? recovery::abort : recovery::replace;
  }
}

transaction_client::transaction_client(const transaction_options& options, std::function<bool()> given_up)
  : options_(options), given_up_(std::move(given_up)) {
  create();
}

transaction_client::~transaction_client() { reports_->to = nullptr; }

void transaction_client::create() {
  if (reports_)
    reports_->to = nullptr;
  topics_ = {};
  auto conf = transaction_conf(options_);
  reports_ = std::make_shared<report_target>(this);
  rd_kafka_conf_set_opaque(conf.get(), reports_.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), [](rd_kafka_t*, const rd_kafka_message_t* message, void* target) {
    if (auto* client = static_cast<report_target*>(target)->to)
      client->not_delivered(reinterpret_cast<std::size_t>(message->_private), message->err);
  });
  handle_ = transactional_handle_ptr{make_handle(RD_KAFKA_PRODUCER, std::move(conf)), {reports_}};
  topics_ = open_topics(handle_.get(), options_.producer);
}

std::optional<std::string> transaction_client::initialise() {
  try {
    for (;;) {
      for (const time_limit timeout{options_.initialise_limit}; !timeout.over();) {
        const auto error = taken(error_ptr{rd_kafka_init_transactions(handle_.get(), initialise_call_ms)});
        if (!error || given_up_())
          return std::nullopt;
        if (recovery_for(*error) != recovery::repeat)
          return broken_ = error->text;
      }
      create();
    }
  } catch (const std::runtime_error& e) {
    return broken_ = e.what();
  }
}

void transaction_client::recreate_if_needed() {
  if (!std::exchange(must_recreate_, false))
    return;
  try {
    create();
  } catch (const std::runtime_error& e) {
    broken_ = e.what();
    return;
  }
  initialise();
}

transaction_outcome transaction_client::run(const transaction& what) {
  if (!what.offsets.empty() && !membership_of(what.membership))
    return {transaction_result::aborted, "not a member of the group"};
  recreate_if_needed();
  if (!broken_.empty())
    return {transaction_result::unclear, broken_};
  const auto began = std::chrono::steady_clock::now();
  auto outcome = begin_to_end(what);
  if (std::chrono::steady_clock::now() - began > usual_time)
    must_recreate_ = true;
  return outcome;
}

transaction_outcome transaction_client::begin_to_end(const transaction& what) {
  refused_.clear();
  if (const auto error = begin())
    return broken(error->text);
  auto error = send(what);
  if (!error)
    error = end(rd_kafka_commit_transaction);
  if (!error)
    return {transaction_result::committed, {}};
  // A record may have failed the transaction meanwhile; a later call then only says that there is none. A second begin
  // changes nothing and tells the cause.
  if (error->code == RD_KAFKA_RESP_ERR__STATE && error->abortable)
    error = begin();
  return recovery_for(*error) == recovery::abort ? abort(what, *error) : broken(error->text);
}

std::optional<call_error> transaction_client::begin() {
  return taken(error_ptr{rd_kafka_begin_transaction(handle_.get())});
}

std::optional<call_error> transaction_client::send(const transaction& what) {
  const time_limit limit{options_.send_limit};
  for (std::size_t i = 0; i < what.records.size(); ++i)
    if (auto error = send_record(what, i, limit))
      return error;
  return what.offsets.empty() ? std::nullopt : send_offsets(what, limit);
}

std::optional<call_error> transaction_client::send_record(const transaction& what, std::size_t index,
                                                          const time_limit& limit) {
  for (auto waited = false;; waited = true) {
    auto error = produce(handle_.get(), topics_, *what.records[index], reinterpret_cast<void*>(index));
    if (!error)
      return std::nullopt;
    const auto full = rd_kafka_error_code(error.get()) == RD_KAFKA_RESP_ERR__QUEUE_FULL;
    if (!full) {
      not_delivered(index, rd_kafka_error_code(error.get()));
      return refused(std::move(error));
    }
    // With nothing to wait for the record is larger than the whole queue.
    if (waited || rd_kafka_outq_len(handle_.get()) == 0) {
      not_delivered(index, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
      return call_error{RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, false, true, "larger than the queue of the client"};
    }
    if (const auto code = rd_kafka_flush(handle_.get(), limit.left()))
      return call_error{code, false, true, "the queue of the client stays full"};
  }
}

std::optional<call_error> transaction_client::send_offsets(const transaction& what, const time_limit& limit) {
  const auto list = make_commit_list(options_.requests_topic, what.offsets);
  const auto membership = membership_of(what.membership);
  return retry_until(limit, [&](int limit_ms) {
    return rd_kafka_send_offsets_to_transaction(handle_.get(), list.get(), membership.get(), limit_ms);
  });
}

std::optional<call_error> transaction_client::end(rd_kafka_error_t* (*how)(rd_kafka_t*, int)) {
  return retry_until(time_limit{options_.end_limit}, [&](int limit_ms) { return how(handle_.get(), limit_ms); });
}

void transaction_client::not_delivered(std::size_t index, rd_kafka_resp_err_t code) {
  // What was purged, and what failed for a neighbour or for a reason that may pass, is not to blame.
  if (const auto result = result_of_produce(code);
      result != delivery_result::failed && result != delivery_result::acknowledged)
    refused_.push_back({index, result, rd_kafka_err2name(code)});
}

void transaction_client::find_topics_without_right(const transaction& what) {
  const auto names = topics_of(options_.producer);
  std::array<bool, names.size()> denied{};
  for (const auto& each : rights_of(handle_.get(), {names.begin(), names.end()}, rights_limit_ms))
    for (std::size_t i = 0; i < names.size(); ++i)
      denied[i] |= names[i] == each.topic
                   && (each.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED || each.may_write == false);
  const auto known = std::find(denied.begin(), denied.end(), true) != denied.end();
  for (std::size_t i = 0; i < what.records.size(); ++i)
    if (!known || denied[static_cast<std::size_t>(what.records[i]->to)])
      not_delivered(i, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
}

transaction_outcome transaction_client::abort(const transaction& what, const call_error& cause) {
  if (const auto failed = end(rd_kafka_abort_transaction))
    return broken(cause.text + "; then the abort: " + failed->text);
  // A refused record leaves a gap in librdkafka's sequence numbers, for which the next transaction would be refused.
  if (!is_about_the_group(cause.code))
    must_recreate_ = true;
  if (refused_.empty() && cause.code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
    find_topics_without_right(what);
  if (refused_.empty())
    return {transaction_result::aborted, cause.text};
  const auto& first = refused_.front();
  const auto topic = topics_of(options_.producer)[static_cast<std::size_t>(what.records[first.index]->to)];
  return {transaction_result::aborted, first.code + " of topic " + topic, std::move(refused_)};
}

std::optional<call_error> transaction_client::retry_until(const time_limit& limit, const call& make_call) {
  for (;;) {
    if (given_up_())
      return call_error{RD_KAFKA_RESP_ERR__DESTROY, false, false, "given up"};
    auto error = taken(error_ptr{make_call(limit.left())});
    if (!error || recovery_for(*error) != recovery::repeat)
      return error;
    if (limit.over()) {
      error->retriable = false;
      error->abortable = false;
      return error;
    }
    std::this_thread::sleep_for(retry_pause);
  }
}

transaction_outcome transaction_client::broken(const std::string& reason) {
  broken_ = reason;
  if (options_.fenced && (reason.starts_with("_FENCED") || reason.starts_with("PRODUCER_FENCED")) && !given_up_())
    options_.fenced();
  return {transaction_result::unclear, reason};
}

} // namespace mp::kafka
