#include "runtime/kafka/rd_producer.hpp"

#include "runtime/kafka/lost_brokers.hpp"
#include "runtime/kafka/rd_log.hpp"

#include <utility>

namespace mp {

namespace {

/// The token travels as the message's opaque pointer.
static_assert(sizeof(void*) == sizeof(std::uint64_t));

delivery_result result_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR: return delivery_result::acknowledged;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE: return delivery_result::too_large;
    default: return delivery_result::failed;
  }
}

} // namespace

rd_producer::rd_producer(producer_options options) : options_(std::move(options)) {}

rd_producer::~rd_producer() = default;

void rd_producer::open(bell ring) {
  handle_.reset(rd::make_handle(RD_KAFKA_PRODUCER, producer_conf(options_)));
  topics_ = rd::open_topics(handle_.get(), options_);
  queue_ = std::make_unique<rd::belled_queue>(rd::queue_ptr{rd_kafka_queue_get_main(handle_.get())}, std::move(ring));
  // What came before the bell, such as the error of a broker that is not there, rings nothing, and as long as it lies there nothing
  // behind it does: no delivery would ever be seen.
  queue_->ring();
}

send_result rd_producer::send(const outgoing& record, std::uint64_t token) {
  const auto error = rd::produce(handle_.get(), topics_, record, reinterpret_cast<void*>(token));
  if (!error) {
    ++in_queue_;
    return send_result::accepted;
  }
  const auto code = rd_kafka_error_code(error.get());
  if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) // with nothing to wait for the record is larger than the whole queue
    return in_queue_ > 0 ? send_result::full : send_result::too_large;
  if (code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE)
    return send_result::too_large;
  rd::log_error(handle_.get(), code, rd_kafka_error_string(error.get()));
  if (code == RD_KAFKA_RESP_ERR__FATAL || rd_kafka_fatal_error(handle_.get(), nullptr, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
    return send_result::failed;
  // An unknown topic, for example: it may be there later, so this is a delivery that failed and not the end of the
  // client.
  refused_.push_back({token, delivery_result::failed});
  queue_->ring();
  return send_result::accepted;
}

bool rd_producer::poll(std::vector<delivery>& deliveries, std::string& reason) {
  queue_->lower();
  deliveries.insert(deliveries.end(), refused_.begin(), refused_.end());
  refused_.clear();
  while (const auto event = queue_->poll()) {
    if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_DR)
      take_deliveries(event.get(), deliveries);
    else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_ERROR)
      take_error(event.get());
    else if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_STATS)
      rd::find_lost_brokers(handle_.get(), event.get());
  }
  if (!broken_.empty())
    reason = broken_;
  return broken_.empty();
}

void rd_producer::take_deliveries(rd_kafka_event_t* event, std::vector<delivery>& deliveries) {
  while (const auto* message = rd_kafka_event_message_next(event)) {
    --in_queue_;
    deliveries.push_back({reinterpret_cast<std::uint64_t>(message->_private), result_of(message->err)});
    if (message->err)
      rd::log_error(handle_.get(), message->err, "a record was not delivered");
  }
}

void rd_producer::take_error(rd_kafka_event_t* event) {
  const auto code = rd_kafka_event_error(event);
  rd::log_error(handle_.get(), code, rd_kafka_event_error_string(event));
  if (rd_kafka_event_error_is_fatal(event) && broken_.empty())
    broken_ = rd_kafka_err2name(code);
}

} // namespace mp
