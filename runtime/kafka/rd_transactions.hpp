#pragma once
// transaction_port over librdkafka: a thread of its own for the calls that block.

#include "actors/producer/transaction_port.hpp"
#include "runtime/kafka/transaction_options.hpp"

#include <memory>

namespace mp {

/// The destructor does not wait for the thread: the reaper keeps it until its call returns, at the latest after the limits
/// of the options, and it frees the client. A process that ends meanwhile gives it as long as reaper::wait() is told and
/// then ends by std::_Exit(): there is nothing to be lost, the broker aborts what was left open.
class rd_transactions final : public transaction_port {
public:
  explicit rd_transactions(transaction_options options);
  ~rd_transactions() override;

  void open(teller tell) override;
  void run(transaction what) override;

private:
  class desk;

  transaction_options options_;
  std::shared_ptr<desk> desk_; ///< between the actor and the thread; the thread holds it too
};

} // namespace mp
