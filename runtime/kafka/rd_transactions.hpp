#pragma once
// transaction_port over librdkafka: a thread of its own for the calls that block.

#include "actors/producer/transaction_port.hpp"
#include "runtime/kafka/transaction_options.hpp"
#include "runtime/threads/worker_thread.hpp"

#include <memory>
#include <stop_token>

namespace mp::kafka {

class transaction_client;

/// The destructor does not wait for the thread: it is one of background() and goes on until its call returns, at the
/// latest after the limits of the options. A process that ends meanwhile gives it as long as
/// kafka::background()->wait() is told and then ends by std::_Exit(): there is nothing to be lost, the broker aborts
/// what was left open.
class rd_transactions final : public transaction_port {
public:
  explicit rd_transactions(transaction_options options);
  ~rd_transactions() override;

  void open(event_callback on_event) override;
  void run(transaction what) override;

private:
  class event_gate;

  transaction_options options_;
  std::stop_source given_up_;
  std::shared_ptr<event_gate> events_;             ///< the thread holds it too
  std::shared_ptr<transaction_client> client_; ///< as does a job that uses it
  threads::worker_thread worker_;                  ///< the port has one job at a time, so none is replaced
};

} // namespace mp::kafka
