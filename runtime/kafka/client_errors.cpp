#include "runtime/kafka/client_errors.hpp"

#include "runtime/kafka/rd_handle.hpp"

namespace mp::rd {

namespace {

/// How much an error explains. A refused login or certificate is the cause; a lost connection may be its consequence.
int rank_of(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED: return 5;
    case RD_KAFKA_RESP_ERR__SSL: return 4;
    case RD_KAFKA_RESP_ERR__RESOLVE: return 3;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN: return 1;
    default: return 2;
  }
}

} // namespace

void client_errors::take(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR)
    return;
  const auto rank = rank_of(rd_kafka_event_error(event));
  if (rank <= rank_)
    return;
  rank_ = rank;
  text_ = rd_kafka_event_error_string(event);
}

void client_errors::drain(rd_kafka_t* handle) {
  const queue_ptr queue{rd_kafka_queue_get_main(handle)};
  while (const event_ptr event{rd_kafka_queue_poll(queue.get(), 0)})
    take(event.get());
}

} // namespace mp::rd
