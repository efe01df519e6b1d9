#pragma once
// A kafka_reader between a fake topic and a recorded dispatcher.

#include "actors/kafka_reader/kafka_reader.hpp"
#include "tests/support/fake_topic.hpp"
#include "tests/support/neighbour_fixture.hpp"
#include "tests/support/records.hpp"

#include <map>

namespace mp::test {

struct reader_fixture : neighbour_fixture<reader_actor> {
  reader_actor& reader = subject;
  std::shared_ptr<fake_topic> topic = std::make_shared<fake_topic>();
  std::shared_ptr<std::uint32_t> assignment_count = std::make_shared<std::uint32_t>(0);
  bool transactional = false;

  static constexpr std::int64_t plenty = 1'000'000'000;

  void new_reader(decode_options decode = {}) {
    reader_config config;
    config.make_port = [topic = topic] { return std::make_unique<fake_consumer>(topic); };
    config.next_assignment = [assignment_count = assignment_count] { return ++*assignment_count; };
    config.decode = std::move(decode);
    config.commit_interval = 500ms;
    config.rebalance_grace = 2s;
    config.transactional = transactional;
    config.directory = directory;
    config.metrics = metrics;
    put_under_test(spawn_kafka_reader(parent(), std::move(config)));
  }

  /// Dispatcher, reader, and `partitions` assigned with `records` texts in each.
  void start(std::vector<std::int32_t> partitions = {0}, int records = 0) {
    for (auto each : partitions)
      fill(each, records);
    new_dispatcher();
    new_reader();
    topic->assign(std::move(partitions));
    settle();
  }

  void fill(std::int32_t partition, int records) {
    topic->partitions[partition];
    for (int i = 0; i < records; ++i)
      topic->add(partition, "k" + std::to_string(i), text_body());
    settle();
  }

  void demand(std::uint32_t records, std::int64_t bytes = plenty) { tell(read_demand{records, bytes}); }

  /// Every request received so far, by partition and offset.
  std::vector<origin> received() const {
    std::vector<origin> from;
    for (const auto& each : heard->records)
      from.push_back(origin_of(each));
    return from;
  }

  std::vector<std::int64_t> offsets(std::int32_t partition = 0) const {
    std::vector<std::int64_t> found;
    for (const auto& each : received())
      if (each.partition == partition)
        found.push_back(each.offset);
    return found;
  }

  std::uint32_t assignment_of(std::int32_t partition) const {
    std::uint32_t assignment = 0;
    for (const auto& each : received())
      if (each.partition == partition)
        assignment = each.assignment;
    return assignment;
  }

  void finish(std::vector<std::int64_t> which, std::int32_t partition = 0) { settle_requests(which, {}, partition); }
  void hand_back(std::vector<std::int64_t> which, std::int32_t partition = 0) { settle_requests({}, which, partition); }

  void settle_requests(const std::vector<std::int64_t>& finished, const std::vector<std::int64_t>& handed_back,
                       std::int32_t partition) {
    settlement settled;
    auto assignment = assignment_of(partition);
    for (auto offset : finished)
      settled.finished.push_back({partition, assignment, offset});
    for (auto offset : handed_back)
      settled.handed_back.push_back({partition, assignment, offset});
    tell(std::move(settled));
  }

  /// The newest commit of a partition that the reader has sent, or none.
  std::optional<position> last_commit(std::int32_t partition = 0) const {
    for (auto i = topic->commits.rbegin(); i != topic->commits.rend(); ++i)
      for (const auto& each : *i)
        if (each.partition == partition)
          return each;
    return std::nullopt;
  }

  std::int64_t last_committed(std::int32_t partition = 0) const {
    auto last = last_commit(partition);
    return last ? last->offset : position::none;
  }
};

} // namespace mp::test
