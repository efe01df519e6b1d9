// What can become of the logs of the requests topic.

#include "actors/kafka_reader/offset_bitmap.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"
#include "tests/simulation/world.hpp"

#include <algorithm>
#include <set>

namespace mp::sim {

using namespace std::chrono_literals;

void world::removed(const std::vector<std::size_t>& numbers, std::string_view why) {
  around_.note(why, ", ", numbers.size(), " records are gone");
  for (auto number : numbers)
    judge_.gone(number);
}

void world::make_topic_anew() {
  removed(kafka_.requests.make_anew(), "the topic is made anew");
  // The coordinator forgets the positions of a topic that is deleted; a member that has not heard of it may commit
  // after that.
  if (around_.rng.one_in(2))
    kafka_.members.forget_positions();
}

void world::elect_leader(std::int32_t partition, std::size_t records_lost) {
  const auto& log = kafka_.requests.log(partition);
  auto to = records_lost == 0            ? kafka_.requests.end(partition)
            : records_lost >= log.size() ? kafka_.requests.begin(partition)
                                         : log[log.size() - records_lost].record.offset;
  auto gone = kafka_.requests.elect(partition, to);
  removed(gone, "partition " + std::to_string(partition) + " has another leader, its log ends at "
                  + std::to_string(kafka_.requests.end(partition)));
}

void world::trim_log(std::int32_t partition, std::size_t records) {
  const auto& log = kafka_.requests.log(partition);
  auto to = records >= log.size() ? kafka_.requests.end(partition) : log[records].record.offset;
  removed(kafka_.requests.trim(partition, to),
          "the log of partition " + std::to_string(partition) + " begins at " + std::to_string(to));
}

void world::change_logs(world_fault what) {
  auto& rng = around_.rng;
  auto partition = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(plan_.kafka.partitions)));
  auto records = kafka_.requests.log(partition).size();
  switch (what) {
    case world_fault::topic_made_anew: make_topic_anew(); break;
    case world_fault::log_elected:
      elect_leader(partition, rng.one_in(2) ? 0 : rng.below(std::min<std::size_t>(records, 20) + 1));
      break;
    case world_fault::log_trimmed: trim_log(partition, rng.below(records + 1)); break;
    case world_fault::position_set: set_position(); break;
    default: break;
  }
}

/// All instances are killed; when their sessions have ended, somebody commits what does not belong to this log.
void world::set_position() {
  for (auto& each : instances_)
    if (each->running())
      each->kill();
  around_.time.after(plan_.kafka.group.session + plan_.kafka.group.rebalance + 1s, [this] {
    auto& rng = around_.rng;
    auto partition = static_cast<std::int32_t>(rng.below(static_cast<std::uint64_t>(plan_.kafka.partitions)));
    auto committed = std::max<std::int64_t>(kafka_.members.committed_offset(partition), 0);
    auto end = kafka_.requests.end(partition);
    std::set<std::int64_t> bits;
    for (auto offset = std::max(end, committed); offset < std::max(end, committed) + 100; ++offset)
      bits.insert(offset);
    position foreign{partition, committed, {}};
    auto spread = offset_ledger::spread_max;
    switch (rng.below(4)) {
      case 0: // of a log that was longer
        foreign.offset = end + 1 + static_cast<std::int64_t>(rng.below(1000));
        break;
      case 1: // bits of what does not exist yet
        foreign.metadata = write_commit_metadata(committed, {{}, -1, bits}, spread);
        break;
      default: // of another topic, or of nobody knows which, all of which had its end
        for (auto offset = committed; offset < end; ++offset)
          bits.insert(offset);
        foreign.metadata = rng.below(2) == 0 ? write_commit_metadata(committed, {"another-topic", 1000, bits}, spread)
                                             : write_offset_bitmap(committed, bits, spread);
        break;
    }
    if (kafka_.members.set_position(foreign)) {
      around_.note("a tool commits partition ", partition, " at ", foreign.offset, ' ', foreign.metadata);
      for (const auto& each : kafka_.requests.log(partition))
        judge_.may_repeat(each.number);
    }
    for (auto& each : instances_)
      if (!each->running())
        each->start();
  });
}

} // namespace mp::sim
