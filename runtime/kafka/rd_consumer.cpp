#include "runtime/kafka/rd_consumer.hpp"

#include "actors/threads/mutex.hpp"
#include "runtime/kafka/lost_brokers.hpp"
#include "runtime/kafka/rd_log.hpp"
#include "runtime/kafka/rd_offsets.hpp"
#include "runtime/kafka/rd_records.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mp::kafka {

namespace {

std::vector<std::int32_t> partitions_of(const rd_kafka_topic_partition_list_t* list) {
  std::vector<std::int32_t> partitions;
  for (const auto& each : elements(list))
    partitions.push_back(each.partition);
  return partitions;
}

/// How long an orderly end waits for the group to be left before the client is closed all the same.
constexpr std::chrono::seconds leave_max{4};

/// The question where partitions begin of which nothing is committed. librdkafka only carries this address.
int start_question;
void* const start_tag = &start_question;

bool is_assign(rd_kafka_event_t* rebalance) {
  return rd_kafka_event_error(rebalance) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
}

} // namespace

rd_consumer::rd_consumer(consumer_options options) : options_(std::move(options)) {}

/// Answers of threads that may outlive the consumer.
class rd_consumer::answer_box {
public:
  explicit answer_box(notifier notify) : notify_(std::move(notify)) {}

  void put(group_event answer) {
    const scoped_lock guard{mutex_};
    answers_.push_back(std::move(answer));
    if (notify_)
      notify_(group_queue);
  }

  void take(std::deque<group_event>& into) {
    const scoped_lock guard{mutex_};
    for (auto& each : answers_)
      into.push_back(std::move(each));
    answers_.clear();
  }

  /// Rings no more.
  void close() {
    const scoped_lock guard{mutex_};
    notify_ = nullptr;
  }

private:
  mutex mutex_;
  std::deque<group_event> answers_ MP_GUARDED_BY(mutex_);
  notifier notify_ MP_GUARDED_BY(mutex_);
};

rd_consumer::~rd_consumer() {
  if (answers_)
    answers_->close();
  // librdkafka waits for the answer to a revoke for ever, also in rd_kafka_destroy().
  if (rebalance_ && !is_assign(rebalance_.get()))
    error_ptr{rd_kafka_incremental_unassign(handle_.get(), rd_kafka_event_topic_partition_list(rebalance_.get()))};
}

void rd_consumer::open(notifier notify) {
  auto conf = consumer_conf(options_);
  offset_without_commit_ = start_without_commit(conf.get());
  notify_ = std::move(notify);
  answers_ = std::make_shared<answer_box>(notify_);
  rd_kafka_conf_set_opaque(conf.get(), answers_.get());
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t* handle, int level, const char* facility, const char* text) {
    take_log_line(handle, level, facility, text);
    if (handle && tells_of_closed_connection(facility, text))
      static_cast<answer_box*>(rd_kafka_opaque(handle))
        ->put(consumer_error{rd_kafka_err2name(RD_KAFKA_RESP_ERR__TRANSPORT), false});
  });
  // The box lives as long as librdkafka's threads do.
  handle_ = {make_handle(RD_KAFKA_CONSUMER, std::move(conf)),
             [answers = answers_](rd_kafka_t* handle) { destroy_in_background(handle, answers); }};
  rd_kafka_poll_set_consumer(handle_.get()); // errors and group events on one queue
  group_ = std::make_unique<notifying_queue>(queue_ptr{rd_kafka_queue_get_consumer(handle_.get())},
                                             [this] { notify_(group_queue); });
  const auto topics = make_list(options_.topic, {RD_KAFKA_PARTITION_UA});
  if (const auto code = rd_kafka_subscribe(handle_.get(), topics.get()))
    throw std::runtime_error("Kafka topic " + options_.topic + ": " + rd_kafka_err2str(code));
  group_->notify();
}

bool rd_consumer::next_event(group_event& event) {
  group_->rearm();
  close_when_left();
  answers_->take(found_);
  while (found_.empty()) {
    auto next = group_->poll();
    if (!next) {
      ask_for_lag();
      return false;
    }
    take(std::move(next));
  }
  event = std::move(found_.front());
  found_.pop_front();
  return true;
}

void rd_consumer::tell(group_event event) {
  found_.push_back(std::move(event));
  group_->notify();
}

void rd_consumer::report(error_ptr error) {
  if (!error)
    return;
  log_error(handle_.get(), rd_kafka_error_code(error.get()), rd_kafka_error_string(error.get()));
  tell(consumer_error{rd_kafka_error_name(error.get()), rd_kafka_error_is_fatal(error.get()) != 0});
}

void rd_consumer::take(event_ptr event) {
  switch (rd_kafka_event_type(event.get())) {
    case RD_KAFKA_EVENT_REBALANCE: take_rebalance(std::move(event)); break;
    case RD_KAFKA_EVENT_OFFSET_COMMIT: take_commit(event.get()); break;
    case RD_KAFKA_EVENT_LISTOFFSETS_RESULT:
    case RD_KAFKA_EVENT_DESCRIBETOPICS_RESULT: take_log_ends(event.get()); break;
    case RD_KAFKA_EVENT_ERROR: take_error(event.get()); break;
    case RD_KAFKA_EVENT_STATS: find_lost_brokers(handle_.get(), event.get()); break;
    default: break;
  }
}

void rd_consumer::take_rebalance(event_ptr event) {
  rebalance_ = std::move(event); // one that was not answered before is no longer waited for (close does that)
  auto partitions = partitions_of(rd_kafka_event_topic_partition_list(rebalance_.get()));
  if (is_assign(rebalance_.get())) {
    if (partitions.empty())
      assign({}); // normal after a rebalance that gave nothing new
    else
      found_.push_back(partitions_assigned{std::move(partitions)});
  } else if (partitions.empty()) {
    answer_unassign();
  } else {
    found_.push_back(partitions_revoked{std::move(partitions), rd_kafka_assignment_lost(handle_.get()) != 0});
  }
}

void rd_consumer::take_commit(rd_kafka_event_t* event) {
  const auto* list = rd_kafka_event_topic_partition_list(event);
  auto code = rd_kafka_event_error(event);
  for (const auto& each : elements(list)) {
    if (!code && each.err)
      code = each.err;
    if (const auto s = slots_.find(each.partition); !each.err && !rd_kafka_event_error(event) && s != slots_.end())
      s->second.committed = each.offset;
  }
  found_.push_back(commit_ended{partitions_of(list), result_of_commit(code), code ? rd_kafka_err2name(code) : ""});
}

void rd_consumer::take_error(rd_kafka_event_t* event) {
  auto code = rd_kafka_event_error(event);
  if (code == RD_KAFKA_RESP_ERR__PARTITION_EOF)
    return;
  log_error(handle_.get(), code, rd_kafka_event_error_string(event));
  const auto is_fatal = rd_kafka_event_error_is_fatal(event) != 0;
  if (is_fatal && code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID && options_.fenced)
    options_.fenced();
  found_.push_back(consumer_error{rd_kafka_err2name(code), is_fatal});
}

void rd_consumer::load_positions(const std::vector<std::int32_t>& partitions) {
  if (partitions.empty())
    tell(positions_loaded{});
  else
    background()->start([handle = handle_, answers = answers_, topic = options_.topic, partitions] {
      answers->put(committed_positions(handle.get(), topic, partitions));
    });
}

void rd_consumer::assign(const std::vector<position>& positions) {
  if (!rebalance_ || !is_assign(rebalance_.get()))
    return; // overtaken by a revoke
  const auto event = std::exchange(rebalance_, nullptr);
  auto* list = rd_kafka_event_topic_partition_list(event.get());
  std::vector<std::int32_t> without_commit;
  for (auto& each : elements(list)) {
    const auto from = position_of(positions, each.partition);
    const auto offset = from.offset;
    each.offset = from.read_from != position::none ? from.read_from
                  : offset == position::none       ? offset_without_commit_
                                                   : offset;
    if (offset == position::none)
      without_commit.push_back(each.partition);
    // Off the group's queue before anything can come [kafka 3].
    queue_ptr queue{rd_kafka_queue_get_partition(handle_.get(), options_.topic.c_str(), each.partition)};
    rd_kafka_queue_forward(queue.get(), nullptr);
    slots_.erase(each.partition);
    auto notify = [this, partition = each.partition] { notify_(partition); };
    auto& s = slots_.try_emplace(each.partition, std::move(queue), std::move(notify)).first->second;
    s.committed = s.reached = offset;
  }
  report(error_ptr{rd_kafka_incremental_assign(handle_.get(), list)});
  for (const auto& each : elements(list))
    slots_.at(each.partition).queue.notify(); // what came before the callback was set notifies nobody
  if (!without_commit.empty() && offset_without_commit_ != RD_KAFKA_OFFSET_INVALID) {
    const auto where = offset_without_commit_ == RD_KAFKA_OFFSET_END ? log_end::end : log_end::beginning;
    ask_log_ends(handle_.get(), options_.topic, without_commit, where, start_tag, group_->get());
  }
  lag_due_ = std::chrono::steady_clock::now();
}

void rd_consumer::unassign(const std::vector<std::int32_t>&) {
  // The group asked for certain partitions and is told about the same ones, whatever the list says.
  if (rebalance_ && !is_assign(rebalance_.get()))
    answer_unassign();
}

void rd_consumer::answer_unassign() {
  const auto event = std::exchange(rebalance_, nullptr);
  auto* list = rd_kafka_event_topic_partition_list(event.get());
  for (const auto& each : elements(list))
    slots_.erase(each.partition);
  report(error_ptr{rd_kafka_incremental_unassign(handle_.get(), list)});
}

void rd_consumer::commit(const std::vector<position>& positions) {
  const auto list = make_commit_list(options_.topic, positions);
  std::vector<std::int32_t> partitions;
  partitions.reserve(positions.size());
  for (const auto& p : positions)
    partitions.push_back(p.partition);
  if (list->cnt == 0)
    tell(commit_ended{std::move(partitions), commit_result::done, {}});
  else if (const auto code = rd_kafka_commit_queue(handle_.get(), list.get(), group_->get(), nullptr, nullptr))
    tell(commit_ended{std::move(partitions), result_of_commit(code), rd_kafka_err2name(code)});
}

void rd_consumer::committed(const std::vector<position>& positions) {
  for (const auto& each : positions)
    if (const auto s = slots_.find(each.partition); s != slots_.end())
      s->second.committed = each.offset;
}

std::string rd_consumer::membership() const {
  const membership_ptr metadata{rd_kafka_consumer_group_metadata(handle_.get())};
  void* bytes = nullptr;
  std::size_t size = 0;
  // A member that has not joined has one too, with which a group without members would let it commit unprotected.
  if (!metadata || rd_kafka_consumer_group_metadata_generation_id(metadata.get()) < 0
      || error_ptr{rd_kafka_consumer_group_metadata_write(metadata.get(), &bytes, &size)})
    return {};
  auto copy = text_of(bytes, size);
  rd_kafka_mem_free(handle_.get(), bytes);
  return copy;
}

/// librdkafka's close does not leave the group for a member with an instance id (KIP-345); its unsubscribe does.
void rd_consumer::close() {
  if (!handle_ || closed() || leaving_until_)
    return;
  if (options_.instance_id_is_made && rd_kafka_unsubscribe(handle_.get()) == RD_KAFKA_RESP_ERR_NO_ERROR)
    leaving_until_ = std::chrono::steady_clock::now() + leave_max;
  else
    close_client();
}

void rd_consumer::close_when_left() {
  if (!leaving_until_)
    return;
  auto* id = rd_kafka_memberid(handle_.get()); // nothing from the moment on when the group is told
  const auto is_member = id != nullptr && *id != '\0';
  if (id != nullptr)
    rd_kafka_mem_free(handle_.get(), id);
  if (is_member && std::chrono::steady_clock::now() < *leaving_until_)
    return;
  leaving_until_.reset();
  close_client();
}

void rd_consumer::close_client() {
  const error_ptr error{rd_kafka_consumer_close_queue(handle_.get(), group_->get())};
  close_failed_ = error != nullptr; // after a fatal error there is no group to leave politely
  group_->notify();
}

bool rd_consumer::closed() const { return !handle_ || close_failed_ || rd_kafka_consumer_closed(handle_.get()) != 0; }

void rd_consumer::ask_for_lag() {
  const auto now = std::chrono::steady_clock::now();
  if (slots_.empty() || logs_.under_way() || now < lag_due_)
    return;
  std::map<std::int32_t, std::int64_t> reached;
  for (auto& [partition, s] : slots_) {
    reached.emplace(partition, s.reached);
    s.rewound = false;
  }
  logs_.ask(handle_.get(), options_.topic, reached, group_->get());
  lag_due_ = now + options_.lag_interval;
}

void rd_consumer::take_log_ends(rd_kafka_event_t* event) {
  if (rd_kafka_event_opaque(event) == start_tag) {
    for (const auto& [partition, offset] : log_ends_answer(event))
      if (const auto s = slots_.find(partition); s != slots_.end() && s->second.committed == position::none)
        s->second.committed = offset;
    return;
  }
  auto report = logs_.take(event);
  if (!report)
    return;
  lag_report lags;
  for (auto& log : report->logs) {
    const auto found = slots_.find(log.partition);
    if (found == slots_.end())
      continue;
    if (found->second.rewound) // what was reached then says nothing of the log any more
      log.reached = position::none;
    const auto committed = found->second.committed;
    if (committed == position::none)
      continue;
    const auto read = read_position(handle_.get(), options_.topic, log.partition).value_or(committed);
    lags.lags.push_back({log.partition, lag_of(committed, log), std::max<std::int64_t>(log.end - read, 0)});
  }
  if (!report->logs.empty())
    found_.push_back(std::move(lags));
  found_.push_back(std::move(*report));
}

} // namespace mp::kafka
