#pragma once
// The ports in memory: a test says what the world does and looks at what it was asked for.

#include "actors/health_monitor/host_port.hpp"
#include "actors/kafka_reader/consumer_port.hpp"
#include "actors/ollama_worker/model_port.hpp"
#include "actors/producer/producer_port.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace mp::test {

// ---- consumer --------------------------------------------------------------------------------------------------------

/// A requests topic and the group's view of it. Outlives the port, so a restarted reader finds it as it was left.
struct fake_topic {
  struct stored { std::int64_t offset; std::string key; std::string body; std::vector<name_and_text> headers; };

  std::map<std::int32_t, std::vector<stored>> partitions;
  std::map<std::int32_t, position> committed;
  std::deque<group_event> events;
  std::map<std::int32_t, std::int64_t> next;           ///< read position of assigned partitions
  std::vector<std::vector<position>> commits;          ///< every commit() in order
  std::vector<std::vector<std::int32_t>> unassigned;   ///< every unassign() in order
  std::vector<std::pair<std::int32_t, std::int64_t>> rewinds;
  commit_result commit_answer = commit_result::done;
  bool hold_commits = false;                           ///< commits are not answered
  bool positions_fail = false;
  bool closing = false;
  bool closed = false;
  bool fail_open = false;
  int opened = 0;
  std::size_t fetched = 0;
  consumer_port::bell ring;

  void add(std::int32_t partition, std::string key, std::string body, std::vector<name_and_text> headers = {}) {
    auto& log = partitions[partition];
    auto offset = log.empty() ? 0 : log.back().offset + 1;
    log.push_back({offset, std::move(key), std::move(body), std::move(headers)});
    if (ring && next.contains(partition))
      ring(partition);
  }
  void happen(group_event event) {
    events.push_back(std::move(event));
    if (ring)
      ring(consumer_port::group_queue);
  }
};

class fake_consumer final : public consumer_port {
public:
  explicit fake_consumer(std::shared_ptr<fake_topic> topic) : topic_(std::move(topic)) {}
  ~fake_consumer() override { topic_->ring = nullptr; topic_->next.clear(); }

  void open(bell ring) override {
    if (topic_->fail_open)
      throw std::runtime_error("no client");
    ++topic_->opened;
    topic_->closing = topic_->closed = false;
    topic_->ring = std::move(ring);
    if (!topic_->events.empty())
      topic_->ring(group_queue);
  }
  bool next_event(group_event& event) override {
    if (topic_->events.empty())
      return false;
    event = std::move(topic_->events.front());
    topic_->events.pop_front();
    return true;
  }
  fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                  std::vector<fetched_record>& records) override {
    auto& log = topic_->partitions[partition];
    auto& at = topic_->next.at(partition);
    std::size_t count = 0, bytes = 0;
    for (auto& each : log) {
      if (each.offset < at)
        continue;
      if (count == records_max || bytes >= bytes_max)
        return fetch_end::more;
      records.push_back({partition, each.offset, each.key, std::make_shared<const std::string>(each.body), each.headers});
      ++count, bytes += each.body.size();
      at = each.offset + 1;
      ++topic_->fetched;
    }
    return fetch_end::drained;
  }
  void load_positions(const std::vector<std::int32_t>& partitions) override {
    if (topic_->positions_fail) {
      topic_->happen(positions_unavailable{"away"});
      return;
    }
    positions_loaded loaded;
    for (auto each : partitions)
      loaded.positions.push_back(topic_->committed.contains(each) ? topic_->committed[each] : position{each, position::none, {}});
    topic_->happen(std::move(loaded));
  }
  void assign(const std::vector<position>& positions) override {
    for (auto& each : positions) {
      topic_->next[each.partition] = std::max<std::int64_t>(each.offset, 0);
      topic_->ring(each.partition);
    }
  }
  void rewind(std::int32_t partition, std::int64_t offset) override {
    topic_->rewinds.emplace_back(partition, offset);
    topic_->next[partition] = offset;
    topic_->ring(partition);
  }
  void unassign(const std::vector<std::int32_t>& partitions) override {
    topic_->unassigned.push_back(partitions);
    for (auto each : partitions)
      topic_->next.erase(each);
    if (topic_->closing && topic_->next.empty())
      topic_->closed = true;
  }
  void commit(const std::vector<position>& positions) override {
    topic_->commits.push_back(positions);
    if (topic_->hold_commits)
      return;
    commit_ended end{{}, topic_->commit_answer, topic_->commit_answer == commit_result::done ? "" : "refused"};
    for (auto& each : positions) {
      end.partitions.push_back(each.partition);
      if (topic_->commit_answer == commit_result::done)
        topic_->committed[each.partition] = each;
    }
    topic_->happen(std::move(end));
  }
  void close() override {
    topic_->closing = true;
    partitions_revoked revoked;
    for (auto& [partition, at] : topic_->next)
      revoked.partitions.push_back(partition);
    if (revoked.partitions.empty())
      topic_->closed = true;
    else
      topic_->happen(std::move(revoked));
  }
  bool closed() const override { return topic_->closed; }

private:
  std::shared_ptr<fake_topic> topic_;
};

// ---- producer --------------------------------------------------------------------------------------------------------

struct fake_broker {
  struct sent { outgoing record; std::uint64_t token; };
  std::vector<sent> taken;
  std::vector<delivery> waiting;
  std::size_t room = 1000; ///< records that the queue still takes
  send_result refuse = send_result::accepted; ///< what send() says instead of accepting
  std::string broken;
  int opened = 0;
  producer_port::bell ring;

  void deliver(std::size_t index, delivery_result result = delivery_result::acknowledged) {
    waiting.push_back({taken.at(index).token, result});
    ring();
  }
};

class fake_producer final : public producer_port {
public:
  explicit fake_producer(std::shared_ptr<fake_broker> broker) : broker_(std::move(broker)) {}
  void open(bell ring) override {
    ++broker_->opened;
    broker_->ring = std::move(ring);
  }
  send_result send(const outgoing& record, std::uint64_t token) override {
    if (broker_->refuse != send_result::accepted)
      return broker_->refuse;
    if (broker_->room == 0)
      return send_result::full;
    --broker_->room;
    broker_->taken.push_back({record, token});
    return send_result::accepted;
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

// ---- model -----------------------------------------------------------------------------------------------------------

struct fake_model {
  std::optional<model_call> running;
  model_port::ended tell;
  std::uint64_t pieces = 0;
  int cancels = 0;
  int opened = 0;
  bool deaf = false; ///< does not end when cancelled

  void end(call_outcome outcome) {
    running.reset();
    std::exchange(tell, nullptr)(std::move(outcome));
  }
};

class fake_model_port final : public model_port {
public:
  explicit fake_model_port(std::shared_ptr<fake_model> model) : model_(std::move(model)) { ++model_->opened; }
  void start(model_call call, ended tell) override {
    if (model_->running)
      throw std::logic_error("a call is running already");
    model_->running = std::move(call);
    model_->tell = std::move(tell);
    model_->pieces = 0;
  }
  void cancel() override {
    ++model_->cancels;
    if (model_->running && !model_->deaf)
      model_->end(call_failure{fault::cancelled, 0});
  }
  std::uint64_t progress() const override { return model_->pieces; }

private:
  std::shared_ptr<fake_model> model_;
};

// ---- host ------------------------------------------------------------------------------------------------------------

struct fake_host {
  host_port::ended tell;
  int probes = 0;

  void end(host_report report) { std::exchange(tell, nullptr)(std::move(report)); }
  bool probing() const { return tell != nullptr; }
};

class fake_host_port final : public host_port {
public:
  explicit fake_host_port(std::shared_ptr<fake_host> host) : host_(std::move(host)) {}
  void probe(ended tell) override {
    ++host_->probes;
    host_->tell = std::move(tell);
  }

private:
  std::shared_ptr<fake_host> host_;
};

} // namespace mp::test
