#pragma once
// The consumer group as its coordinator, a part of the broker, sees it: classic protocol, cooperative assignment.

#include "actors/kafka_reader/consumer_port.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/sim_context.hpp"
#include "tests/simulation/sim_kafka/control_arm.hpp"
#include "tests/simulation/sim_kafka/network.hpp"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace mp::sim {

using partition_set = std::set<std::int32_t>;

/// A client's present membership.
struct membership {
  std::string member;  ///< empty: none
  int generation = -1;
};

struct group_limits {
  duration session{std::chrono::seconds{6}};    ///< a member that is not heard of in this time is put out
  duration rebalance{std::chrono::seconds{10}}; ///< so is one that does not join again in this time
};

class group {
public:
  /// Told to a member when a rebalance has ended: its membership and all that it is to hold.
  using joined = std::function<void(membership, partition_set)>;
  /// Told to a client whose static name another client has taken.
  using fenced = std::function<void()>;

  group(sim_context& world, network& net, oracle& judge, std::int32_t partitions, group_limits limits, control_arm arm);

  /// A client joins, or joins again with what it holds. Gives its member id, a new one when it has none; nothing when
  /// the group does not know it any more.
  std::string join(const std::string& member, const std::string& static_name, partition_set held, joined tell,
                   fenced tell_fenced);

  enum class pulse { fine, rebalance, unknown };
  pulse heartbeat(const membership& who);

  void leave(const std::string& member);

  /// Forgets a member as if its session had ended.
  void put_out_somebody();

  /// Has all members join again, as after a move of the coordinator.
  void rebalance();

  /// The coordinator was away: nobody's session has ended meanwhile.
  void returned();

  /// `reader`: number of the client, for the oracle.
  commit_result commit(const membership& who, const std::vector<position>& positions, int reader);

  /// A commit that was sent over a connection that broke; it comes when the group has a new generation, before that
  /// one's first request.
  void commit_overtaken(const membership& who, std::vector<position> positions, int reader) {
    overtaken_.push_back({who, std::move(positions), reader});
  }

  /// May this member commit? What a transaction with offsets asks.
  commit_result may_commit(const membership& who) const;

  /// What is stored, or nothing while an open transaction is about to change some of it.
  std::optional<std::vector<position>> load(const std::vector<std::int32_t>& partitions) const;

  // Offsets of transactions.
  void hold(const std::string& transactional_id, std::vector<position> positions);
  void end_held(const std::string& transactional_id, bool commit);

  /// Whatever was committed is forgotten, as when the topic is deleted.
  void forget_positions() { stored_.assign(stored_.size(), {}), foreign_.clear(), number_positions(); }

  /// Somebody who is no member sets a position, as tools do; the coordinator only lets it when there are no members.
  bool set_position(const position& foreign) {
    if (!members_.empty())
      return false;
    stored_.at(static_cast<std::size_t>(foreign.partition)) = foreign;
    foreign_.insert(foreign.partition);
    return true;
  }

  /// Whether what is stored was set so, and says of a record at this offset of a log that ends at `log_end` that it has
  /// had its end, without anything that tells of another log.
  bool claims(std::int32_t partition, std::int64_t offset, std::int64_t log_end) const;

  const position& stored(std::int32_t partition) const { return stored_.at(static_cast<std::size_t>(partition)); }

  std::int64_t committed_offset(std::int32_t partition) const {
    return stored_[static_cast<std::size_t>(partition)].offset;
  }
  std::size_t member_count() const { return members_.size(); }

private:
  struct member {
    std::string static_name;
    partition_set held; ///< as it said when it joined
    partition_set assigned;
    bool has_joined = false; ///< in the rebalance that is under way
    time_point heard{};
    joined tell;
    fenced tell_fenced;
  };
  bool all_are_assigned() const;
  void begin_rebalance();
  void await_end_of_rebalance();
  void complete_when_all_have_joined();
  void complete();
  void assign();
  void check_sessions();
  void store(const std::vector<position>& positions, int reader);
  void number_positions() {
    for (std::size_t i = 0; i < stored_.size(); ++i)
      stored_[i].partition = static_cast<std::int32_t>(i);
  }

  sim_context& world_;
  network& net_;
  oracle& judge_;
  group_limits limits_;
  control_arm arm_;
  std::map<std::string, member> members_;
  std::vector<position> stored_;
  partition_set foreign_; ///< what is stored for these was set by somebody who is no member
  std::map<std::string, std::vector<position>> held_;
  struct late_commit {
    membership who;
    std::vector<position> positions;
    int reader;
  };
  std::vector<late_commit> overtaken_;
  bool rebalancing_ = false;
  std::uint64_t round_ = 0; ///< counts rebalances, so that a deadline knows its own
  int generation_ = 0;
  int next_member_ = 1;
};

} // namespace mp::sim
