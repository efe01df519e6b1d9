#pragma once
// A transaction_port in memory: the test says when it is ready and how each transaction ends.

#include "actors/producer/transaction_port.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace mp::test {

/// What is on the other side of the port. Outlives it.
struct fake_transactions {
  bool ready_at_once = true;
  bool fail_open = false;
  int opened = 0;
  std::optional<transaction> running;
  std::vector<transaction> committed;
  transaction_port::event_callback on_event; ///< of the youngest port

  void ready() { on_event(transactions_ready{}); }

  /// `visible`: what an unclear outcome really was.
  void end(transaction_result result, bool visible = false) {
    if (!running)
      throw std::logic_error("no transaction runs");
    if (visible || result == transaction_result::committed)
      committed.push_back(*running);
    running.reset();
    on_event(transaction_outcome{result, result == transaction_result::committed ? "" : "as told"});
  }

  /// Aborted because of these records.
  void refuse(std::vector<refused_record> refused) {
    if (!running)
      throw std::logic_error("no transaction runs");
    running.reset();
    on_event(transaction_outcome{transaction_result::aborted, "as told", std::move(refused)});
  }

  /// Keys of everything visible.
  std::vector<std::string> keys() const {
    std::vector<std::string> all;
    for (const auto& each : committed)
      for (const auto& record : each.records)
        all.push_back(record->key);
    return all;
  }
};

class fake_transaction_port final : public transaction_port {
public:
  explicit fake_transaction_port(std::shared_ptr<fake_transactions> world) : world_(std::move(world)) {}

  void open(event_callback on_event) override {
    if (world_->fail_open)
      throw std::runtime_error("no client");
    ++world_->opened;
    world_->running.reset();
    world_->on_event = std::move(on_event);
    if (world_->ready_at_once)
      world_->ready();
  }

  void run(transaction what) override {
    if (world_->running)
      throw std::logic_error("two transactions at once");
    world_->running = std::move(what);
  }

private:
  std::shared_ptr<fake_transactions> world_;
};

} // namespace mp::test
