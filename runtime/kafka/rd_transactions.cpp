#include "runtime/kafka/rd_transactions.hpp"

#include "actors/threads/mutex.hpp"
#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/transaction_client.hpp"

#include <utility>

namespace mp::kafka {

/// Passes events on until it is closed.
class rd_transactions::event_gate {
public:
  explicit event_gate(event_callback on_event) : on_event_(std::move(on_event)) {}

  /// Under the lock, so that nothing comes after close(); the callback only sends a message.
  void tell(transaction_event event) {
    const scoped_lock lock{mutex_};
    if (on_event_)
      on_event_(std::move(event));
  }

  /// From its return on no event is reported.
  void close() {
    const scoped_lock lock{mutex_};
    on_event_ = nullptr;
  }

private:
  mutex mutex_;
  event_callback on_event_ MP_GUARDED_BY(mutex_);
};

rd_transactions::rd_transactions(transaction_options options) : options_(std::move(options)), worker_(background()) {}

rd_transactions::~rd_transactions() {
  given_up_.request_stop();
  if (events_)
    events_->close();
}

void rd_transactions::open(event_callback on_event) {
  events_ = std::make_shared<event_gate>(std::move(on_event));
  client_ = std::make_shared<transaction_client>(
    options_, [given_up = given_up_.get_token()] { return given_up.stop_requested(); });
  worker_.post([events = events_, client = client_] {
    if (const auto reason = client->initialise())
      events->tell(transaction_outcome{transaction_result::unclear, *reason});
    else
      events->tell(transactions_ready{});
  });
}

void rd_transactions::run(transaction what) {
  worker_.post([events = events_, client = client_, what = std::move(what)]() mutable {
    auto outcome = client->run(what);
    what = {}; // its records may be large, and whoever is told may look at the memory
    events->tell(std::move(outcome));
  });
}

} // namespace mp::kafka
