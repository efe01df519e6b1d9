#include "runtime/kafka/rd_producer.hpp"

#include "runtime/kafka/lost_brokers.hpp"
#include "runtime/kafka/produce_errors.hpp"
#include "runtime/kafka/rd_log.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mp::kafka {

namespace {

/// The token travels as the message's opaque pointer.
static_assert(sizeof(void*) == sizeof(std::uint64_t));

std::uint64_t token_of(const rd_kafka_message_t& message) { return reinterpret_cast<std::uint64_t>(message._private); }

} // namespace

rd_producer::rd_producer(producer_options options) : options_(std::move(options)) {}

rd_producer::~rd_producer() = default;

void rd_producer::open(notifier notify) {
  notify_ = std::move(notify);
  open(main_, producer_conf(options_));
}

void rd_producer::open(client& which, conf_ptr conf) {
  which.handle.reset(make_handle(RD_KAFKA_PRODUCER, std::move(conf)));
  which.topics = open_topics(which.handle.get(), options_);
  which.queue =
    std::make_unique<notifying_queue>(queue_ptr{rd_kafka_queue_get_main(which.handle.get())}, notifier{notify_});
  // What came before the callback was set, such as the error of a broker that is not there, notifies nobody, and as
  // long as it lies there nothing behind it does: no delivery would ever be seen.
  which.queue->notify();
}

send_result rd_producer::send(const outgoing& record, std::uint64_t token) {
  auto* handle = main_.handle.get();
  const auto error = produce(handle, main_.topics, record, reinterpret_cast<void*>(token));
  if (!error) {
    ++main_.in_queue;
    return send_result::accepted;
  }
  const auto code = rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) // with nothing to wait for the record is larger than the whole queue
    return main_.in_queue > 0 ? send_result::full : send_result::too_large;
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return send_result::too_large;
  log_error(handle, code, rd_kafka_error_string(error.get()));
  if (code == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_fatal_error(handle, nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return send_result::failed;
  // An unknown topic, for example: it may be there later, so this is a delivery that failed and not the end of the
  // client.
  refused_.push_back({token, result_of_produce(code), rd_kafka_err2name(code)});
  main_.queue->notify();
  return send_result::accepted;
}

bool rd_producer::poll(std::vector<delivery>& deliveries, std::string& reason) {
  main_.queue->rearm();
  if (alone_.queue)
    alone_.queue->rearm();
  deliveries.insert(deliveries.end(), refused_.begin(), refused_.end());
  refused_.clear();
  poll(main_, deliveries);
  if (alone_.queue)
    poll(alone_, deliveries);
  if (!broken_.empty())
    reason = broken_;
  return broken_.empty();
}

void rd_producer::poll(client& which, std::vector<delivery>& deliveries) {
  while (const auto event = which.queue->poll()) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR)
      take_deliveries(which, event.get(), deliveries);
    else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      take_error(which, event.get());
    else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_STATS)
      find_lost_brokers(which.handle.get(), event.get());
  }
}

void rd_producer::take_deliveries(client& which, rd_kafka_event_t* event, std::vector<delivery>& deliveries) {
  while (const auto* message = rd_kafka_event_message_next(event)) {
    --which.in_queue;
    if (!message->err) {
      deliveries.push_back({token_of(*message), delivery_result::acknowledged});
      continue;
    }
    log_error(which.handle.get(), message->err, "a record was not delivered");
    auto result = result_of_produce(message->err);
    const bool shared = message->err == RD_KAFKA_RESP_ERR__INVALID_DIFFERENT_RECORD || may_be_a_neighbours(result);
    if (&which == &main_ && shared) {
      if (send_alone(*message))
        continue;
      result = delivery_result::failed;
    }
    deliveries.push_back({token_of(*message), result, rd_kafka_err2name(message->err)});
  }
}

bool rd_producer::send_alone(const rd_kafka_message_t& message) {
  if (!alone_.handle) {
    try {
      auto options = options_;
      std::erase_if(options.properties, [](const name_and_text& each) { return each.first == "batch.num.messages"; });
      options.properties.emplace_back("batch.num.messages", "1");
      open(alone_, producer_conf(options));
    } catch (const std::runtime_error&) { // no thread or file left: the record is sent with others again later
      alone_.queue.reset();
      alone_.topics = {};
      alone_.handle.reset();
      return false;
    }
  }
  const auto topic =
    std::find_if(main_.topics.begin(), main_.topics.end(), [&](const auto& each) { return each.get() == message.rkt; });
  if (topic == main_.topics.end())
    return false;
  if (!produce_again(alone_.handle.get(), alone_.topics[static_cast<std::size_t>(topic - main_.topics.begin())].get(),
                     message))
    return false;
  ++alone_.in_queue;
  return true;
}

void rd_producer::take_error(client& which, rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  log_error(which.handle.get(), code, rd_kafka_event_error_string(event));
  if (rd_kafka_event_error_is_fatal(event) && broken_.empty())
    broken_ = rd_kafka_err2name(code);
}

} // namespace mp::kafka
