#include "runtime/kafka/rd_handle.hpp"

#include <utility>

namespace mp::kafka {
namespace {

template <class Function>
void end_in_background(rd_kafka_t* handle, const Function& end) noexcept {
  if (!handle)
    return;
  try {
    background()->start([handle, end] { end(handle); });
  } catch (...) {
    end(handle); // no thread to be had: better late than never
  }
}

} // namespace

const std::shared_ptr<threads::background_threads>& background() {
  static const auto* const threads =
    new std::shared_ptr<threads::background_threads>{std::make_shared<threads::background_threads>()};
  return *threads;
}

void destroy_in_background(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept {
  end_in_background(handle, [held = std::move(opaque)](rd_kafka_t* each) { rd_kafka_destroy(each); });
}

void destroy_transactional_in_background(rd_kafka_t* handle, std::shared_ptr<void> opaque) noexcept {
  end_in_background(handle, [held = std::move(opaque)](rd_kafka_t* each) {
    rd_kafka_purge(each, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{1};
    while (rd_kafka_outq_len(each) > 0 && std::chrono::steady_clock::now() < until)
      rd_kafka_poll(each, 10);
    rd_kafka_destroy(each);
  });
}

} // namespace mp::kafka
