#include "runtime/kafka/rd_transactions.hpp"

#include "runtime/kafka/rd_handle.hpp"
#include "runtime/kafka/transaction_client.hpp"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace mp {

/// Where the actor leaves a transaction and the thread takes it.
class rd_transactions::desk {
public:
  explicit desk(teller tell) : tell_(std::move(tell)) {}

  void put(transaction what) {
    std::scoped_lock lock{mutex_};
    next_ = std::move(what);
    changed_.notify_one();
  }

  /// From its return on no event is reported.
  void leave() {
    std::scoped_lock lock{mutex_};
    left_ = true;
    next_.reset();
    tell_ = nullptr;
    changed_.notify_one();
  }

  bool left() const {
    std::scoped_lock lock{mutex_};
    return left_;
  }

  /// Waits for a transaction. Nothing: the port is gone.
  std::optional<transaction> take() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return left_ || next_; });
    return std::exchange(next_, std::nullopt);
  }

  /// Under the lock, so that leave() can promise silence; the teller only sends a message.
  void tell(transaction_event event) {
    std::scoped_lock lock{mutex_};
    if (tell_)
      tell_(std::move(event));
  }

  /// What the thread does.
  void serve(rd::transaction_client& client) {
    if (const auto reason = client.initialise())
      tell(transaction_outcome{transaction_result::unclear, *reason});
    else
      tell(transactions_ready{});
    while (auto what = take()) {
      auto outcome = client.run(*what);
      what.reset(); // its records may be large, and the receiver of the event may look at the memory
      tell(std::move(outcome));
    }
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<transaction> next_;
  teller tell_;
  bool left_ = false;
};

rd_transactions::rd_transactions(transaction_options options) : options_(std::move(options)) {}

rd_transactions::~rd_transactions() {
  if (desk_)
    desk_->leave();
}

void rd_transactions::open(teller tell) {
  const auto desk = std::make_shared<rd_transactions::desk>(std::move(tell));
  const auto client = std::make_shared<rd::transaction_client>(options_, [desk] { return desk->left(); });
  rd::reaper::run([desk, client] { desk->serve(*client); });
  desk_ = desk;
}

void rd_transactions::run(transaction what) { desk_->put(std::move(what)); }

} // namespace mp
