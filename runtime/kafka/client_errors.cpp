#include "runtime/kafka/client_errors.hpp"

#include "runtime/kafka/rd_handle.hpp"

#include <algorithm>
#include <string_view>

namespace mp::kafka {

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

constexpr int cause_rank = 4;

} // namespace

bool client_errors::is_cause() const noexcept { return rank_ >= cause_rank; }

void client_errors::take(rd_kafka_event_t* event) {
  if (rd_kafka_event_type(event) != RD_KAFKA_EVENT_ERROR)
    return;
  auto rank = rank_of(rd_kafka_event_error(event));
  // What librdkafka supposes when a broker closes a connection at once: a listener with TLS or SASL met without, or the
  // other way round.
  if (std::string_view{rd_kafka_event_error_string(event)}.find("security.protocol") != std::string_view::npos)
    rank = std::max(rank, cause_rank);
  if (rank <= rank_)
    return;
  rank_ = rank;
  text_ = rd_kafka_event_error_string(event);
  code_ = rd_kafka_err2name(rd_kafka_event_error(event));
}

void client_errors::drain(rd_kafka_t* handle) {
  const queue_ptr queue{rd_kafka_queue_get_main(handle)};
  while (const event_ptr event{rd_kafka_queue_poll(queue.get(), 0)})
    take(event.get());
}

} // namespace mp::kafka
