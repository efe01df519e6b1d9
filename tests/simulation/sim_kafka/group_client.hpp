#pragma once
// The client's side of the consumer group, as librdkafka keeps it [kafka 4] [kafka 6].

#include "tests/simulation/sim_kafka/broker.hpp"
#include "tests/simulation/sim_kafka/partition_queue.hpp"

#include <deque>
#include <map>
#include <memory>

namespace mp::sim {

/// Outlives its port, as what it has sent does. What the owner sees of a partition: assigned by an event, held once it
/// has answered with assign().
class group_client : public std::enable_shared_from_this<group_client> {
public:
  group_client(broker& kafka, std::shared_ptr<process> owner, std::string static_name);

  const int number; ///< tells clients apart

  void open(consumer_port::notifier notify);

  // What the port's owner asks.
  bool next_event(group_event& event);
  consumer_port::fetch_end fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                                 std::vector<fetched_record>& records);
  void load_positions(const std::vector<std::int32_t>& partitions);
  void look_at_logs();
  /// The owner has put away what it fetched last, of which it does not know to which log it belongs.
  void put_away();
  std::int64_t passed(std::int32_t partition) const;
  void assign(const std::vector<position>& positions);
  void rewind(std::int32_t partition, std::int64_t offset);
  void unassign(const std::vector<std::int32_t>& partitions);
  void commit(const std::vector<position>& positions);
  std::string membership_text() const;
  void close();
  bool closed() const { return closed_; }

  /// The port is gone.
  void abandon();

  /// Something that happens to the client itself.
  void happen(group_event event);

  bool holds(std::int32_t partition) const { return held_.contains(partition); }
  time_point loaded(std::int32_t partition) const { return held_.at(partition).loaded; }

private:
  enum class awaited : std::uint8_t { nothing, assign, unassign };

  struct held_partition {
    std::shared_ptr<partition_queue> queue;
    time_point loaded{};
    std::int64_t highest = -1; ///< offset given out since reading began or was rewound
    std::string topic_id{};    ///< as the owner knows it
  };

  bool alive() const { return line_->open && line_->owner->alive; }
  partition_set held() const;
  /// Under which id the coordinator knows this client.
  const std::string& member_id() const { return joining_ && !joining_as_.empty() ? joining_as_ : who_.member; }
  void notify(std::int32_t queue);
  void heartbeat();
  void tell_lags();
  void join();
  void joined(membership who, const partition_set& all);
  void fenced();
  void lost();
  void revoke(partition_set which, bool is_lost);
  void continue_joining();
  void leave();
  /// What a foreign tool has committed as finished without its being so, and nobody can tell any more.
  void excuse_claimed(const std::vector<std::int32_t>& partitions) const;
  /// What the broker knows of these logs; at the broker. Nothing is said with a control arm.
  log_report look(const std::vector<std::int32_t>& partitions) const;

  broker& kafka_;
  connection_ptr line_;
  std::string static_name_;
  consumer_port::notifier notify_;
  std::deque<group_event> events_;
  std::map<std::int32_t, held_partition> held_;
  std::string loaded_topic_id_;   ///< what the positions said that the owner has taken last
  bool looking_ = false;
  std::vector<std::size_t> fetched_last_; ///< numbers of the records that the last fetch gave out
  unsigned heartbeats_ = 0;
  std::map<std::int32_t, time_point> loads_; ///< when the broker read what was last loaded
  membership who_;
  std::string joining_as_;        ///< the member id under which an answer is awaited
  time_point lags_due_{};
  bool joining_ = false;
  awaited awaited_ = awaited::nothing;
  partition_set in_question_;     ///< what the awaited answer is about
  partition_set to_add_;          ///< assigned, to be told after a revocation
  bool join_again_ = false;       ///< as soon as nothing is awaited
  bool is_lost_ = false;          ///< the membership ended while an answer was awaited
  bool closing_ = false;
  bool closed_ = false;
};

} // namespace mp::sim
