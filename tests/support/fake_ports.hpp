#pragma once
// The ports in memory: a test says what the world does and looks at what was asked of it.

#include "actors/health_monitor/host_port.hpp"
#include "actors/ollama_worker/model_port.hpp"
#include "actors/producer/producer_port.hpp"
#include "tests/support/fake_topic.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace mp::test {

// ---- broker ----

/// The topics that are published to. Outlives the port.
struct fake_broker {
  struct sent {
    outgoing record;
    std::uint64_t token = 0;
    bool under_way = true; ///< no delivery yet, and its producer lives
  };

  // How it behaves.
  std::size_t room = 1000;                                           ///< records that the client's queue holds
  std::function<send_result(const outgoing&)> judge;                 ///< what send() says; empty: accepted
  std::string broken;                                                ///< not empty: the client is broken for good
  bool fail_open = false;

  std::vector<sent> taken;             ///< every record accepted by send()
  std::vector<outgoing> acknowledged;  ///< those that the test delivered
  std::vector<delivery> waiting;       ///< deliveries not yet polled
  int opened = 0;
  producer_port::notifier notify;

  std::size_t under_way() const {
    return static_cast<std::size_t>(
      std::count_if(taken.begin(), taken.end(), [](const sent& each) { return each.under_way; }));
  }

  void deliver(std::size_t index, delivery_result result = delivery_result::acknowledged,
               const std::string& code = {}) {
    auto& each = taken.at(index);
    if (!each.under_way)
      throw std::logic_error("delivered twice");
    each.under_way = false;
    if (result == delivery_result::acknowledged)
      acknowledged.push_back(each.record);
    bool was_empty = waiting.empty();
    waiting.push_back({each.token, result, code});
    if (was_empty)
      notify();
  }

  void deliver_all(delivery_result result = delivery_result::acknowledged) {
    for (std::size_t i = 0; i < taken.size(); ++i)
      if (taken[i].under_way)
        deliver(i, result);
  }

  void producer_is_gone() {
    notify = nullptr;
    waiting.clear();
    for (auto& each : taken)
      each.under_way = false;
  }
};

class fake_producer final : public producer_port {
public:
  explicit fake_producer(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}
  ~fake_producer() override { broker_->producer_is_gone(); }

  void open(notifier notify) override {
    if (broker_->fail_open)
      throw std::runtime_error("no client");
    ++broker_->opened;
    broker_->notify = std::move(notify);
  }

  send_result send(const outgoing& record, std::uint64_t token) override {
    if (broker_->under_way() >= broker_->room)
      return send_result::full;
    auto result = broker_->judge ? broker_->judge(record) : send_result::accepted;
    if (result == send_result::accepted)
      broker_->taken.push_back({record, token, true});
    return result;
  }

  bool poll(std::vector<delivery>& deliveries, std::string& reason) override {
    deliveries.insert(deliveries.end(), broker_->waiting.begin(), broker_->waiting.end());
    broker_->waiting.clear();
    reason = broker_->broken;
    return broker_->broken.empty();
  }

private:
  std::shared_ptr<fake_broker> broker_;
};

// ---- model ----

/// One connection to a model host. Outlives the port, which outlives none of its calls.
struct fake_model {
  std::optional<model_call> running;
  model_port::ended tell;
  std::uint64_t pieces = 0;
  int calls = 0;
  int cancels = 0;
  int opened = 0;
  bool deaf = false;                            ///< does not end when cancelled
  bool fail_start = false;
  std::vector<model_port::ended> left_behind;   ///< of calls whose worker went away

  void end(call_outcome outcome) {
    if (!running)
      throw std::logic_error("no call is running");
    running.reset();
    std::exchange(tell, nullptr)(std::move(outcome));
  }

  void answer(std::string text, finish_reason finish = finish_reason::stop) {
    raw_answer said;
    said.text = text_slice{std::move(text)};
    said.finish = finish;
    said.model = running->model;
    end(std::move(said));
  }

  void fail(fault why, int http_status = 0) { end(call_failure{why, http_status}); }
};

class fake_model_port final : public model_port {
public:
  explicit fake_model_port(std::shared_ptr<fake_model> model) : model_(std::move(model)) { ++model_->opened; }
  ~fake_model_port() override {
    if (model_->running)
      model_->left_behind.push_back(std::exchange(model_->tell, nullptr));
    model_->running.reset();
  }

  void start(model_call call, ended tell) override {
    if (model_->running)
      throw std::logic_error("a call is running already");
    if (model_->fail_start)
      throw std::runtime_error("no thread");
    ++model_->calls;
    model_->running = std::move(call);
    model_->tell = std::move(tell);
    model_->pieces = 0;
  }

  void cancel() override {
    ++model_->cancels;
    if (model_->running && !model_->deaf)
      model_->fail(fault::cancelled);
  }

  std::uint64_t progress() const override { return model_->pieces; }

private:
  std::shared_ptr<fake_model> model_;
};

// ---- host ----

/// A model host as the health monitor sees it.
struct fake_host {
  host_port::ended tell;
  int probes = 0;
  host_port::depth how = host_port::depth::look; ///< of the last probe
  bool fail_probe = false;
  std::vector<std::string> reload;               ///< of the last probe

  bool probing() const { return tell != nullptr; }
  void end(host_report report) { std::exchange(tell, nullptr)(std::move(report)); }
  void end(host_condition condition) {
    host_report report;
    report.condition = condition;
    end(std::move(report));
  }
};

class fake_host_port final : public host_port {
public:
  explicit fake_host_port(std::shared_ptr<fake_host> host) : host_(std::move(host)) {}
  ~fake_host_port() override { host_->tell = nullptr; }

  void probe(probe_order order, ended tell) override {
    if (host_->fail_probe)
      throw std::runtime_error("no thread");
    if (host_->probing())
      throw std::logic_error("a probe is running already");
    ++host_->probes;
    host_->how = order.how;
    host_->reload = std::move(order.reload);
    host_->tell = std::move(tell);
  }

private:
  std::shared_ptr<fake_host> host_;
};

} // namespace mp::test
