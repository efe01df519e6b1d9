#include "tests/simulation/sim_kafka/group.hpp"

#include "actors/kafka_reader/commit_metadata.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

// How often the coordinator looks for members that have gone silent.
constexpr auto session_check_interval = 500ms;
// A joining member waits this long for others to join, too.
constexpr auto gathering_time = 20ms;
// Who has committed a transaction learns of it later, or never.
constexpr int nobody = -1;

std::string text_of(const partition_set& partitions) {
  std::string text;
  for (auto each : partitions)
    text += ' ' + std::to_string(each);
  return text.empty() ? " none" : text;
}

} // namespace

group::group(sim_context& world, network& net, oracle& judge, std::int32_t partitions, group_limits limits,
             control_arm arm)
  : world_(world), net_(net), judge_(judge), limits_(limits), arm_(arm) {
  for (std::int32_t i = 0; i < partitions; ++i)
    stored_.push_back({i, position::none, {}});
  world_.time.after(session_check_interval, [this] { check_sessions(); });
}

// ---- members ----

std::string group::join(const std::string& id, const std::string& static_name, partition_set held, joined tell,
                        fenced tell_fenced) {
  auto known = members_.find(id);
  if (known == members_.end() && !id.empty())
    return {};
  if (known == members_.end()) {
    auto name = (static_name.empty() ? "m" : static_name + "-") + std::to_string(next_member_++);
    member fresh;
    fresh.static_name = static_name;
    auto before = std::find_if(members_.begin(), members_.end(), [&](const auto& each) {
      return !static_name.empty() && each.second.static_name == static_name;
    });
    bool takes_over = before != members_.end();
    if (takes_over) {
      fresh.assigned = before->second.assigned;
      before->second.tell_fenced();
      members_.erase(before);
    }
    known = members_.emplace(name, std::move(fresh)).first;
    world_.note("group: ", name, takes_over ? " takes over" : " joins");
    // Nobody else has to hear of it, unless a partition is on its way from one to another: the member that is to join
    // once more without it would never do so.
    if (takes_over && !rebalancing_ && all_are_assigned()) {
      known->second.heard = world_.time.now();
      known->second.tell = std::move(tell);
      known->second.tell_fenced = std::move(tell_fenced);
      known->second.tell({name, generation_}, known->second.assigned);
      return name;
    }
  }
  auto& who = known->second;
  who.held = std::move(held);
  who.heard = world_.time.now();
  who.tell = std::move(tell);
  who.tell_fenced = std::move(tell_fenced);
  if (!rebalancing_)
    begin_rebalance();
  who.has_joined = true;
  world_.time.after(gathering_time, [this, round = round_] {
    if (rebalancing_ && round == round_)
      complete_when_all_have_joined();
  });
  return known->first;
}

bool group::all_are_assigned() const {
  std::size_t sum = 0;
  for (const auto& [id, each] : members_)
    sum += each.assigned.size();
  return sum == stored_.size();
}

group::pulse group::heartbeat(const membership& who) {
  auto known = members_.find(who.member);
  if (known == members_.end())
    return pulse::unknown;
  known->second.heard = world_.time.now();
  return rebalancing_ && !known->second.has_joined ? pulse::rebalance : pulse::fine;
}

void group::leave(const std::string& id) {
  if (members_.erase(id) == 0)
    return;
  world_.note("group: ", id, " leaves");
  begin_rebalance();
}

void group::put_out_somebody() {
  if (members_.empty())
    return;
  auto which = std::next(members_.begin(), static_cast<std::ptrdiff_t>(world_.rng.below(members_.size())));
  world_.note("group: ", which->first, " is put out");
  members_.erase(which);
  begin_rebalance();
}

void group::rebalance() {
  if (!members_.empty())
    begin_rebalance();
}

void group::returned() {
  for (auto& [id, each] : members_)
    each.heard = world_.time.now();
}

void group::check_sessions() {
  auto silent = std::erase_if(members_, [this](const auto& each) {
    bool is_silent = !net_.broker_is_away() && world_.time.now() - each.second.heard > limits_.session;
    if (is_silent)
      world_.note("group: the session of ", each.first, " has ended");
    return is_silent;
  });
  if (silent > 0)
    begin_rebalance();
  world_.time.after(session_check_interval, [this] { check_sessions(); });
}

// ---- rebalances ----

void group::begin_rebalance() {
  if (rebalancing_) {
    complete_when_all_have_joined();
    return;
  }
  rebalancing_ = true;
  ++round_;
  for (auto& [id, each] : members_)
    each.has_joined = false;
  await_end_of_rebalance();
}

void group::await_end_of_rebalance() {
  world_.time.after(limits_.rebalance, [this, round = round_] {
    if (!rebalancing_ || round != round_)
      return;
    if (net_.broker_is_away()) {
      await_end_of_rebalance();
      return;
    }
    std::erase_if(members_, [this](const auto& each) {
      if (!each.second.has_joined)
        world_.note("group: ", each.first, " did not join in time");
      return !each.second.has_joined;
    });
    complete();
  });
}

void group::complete_when_all_have_joined() {
  if (std::all_of(members_.begin(), members_.end(), [](const auto& each) { return each.second.has_joined; }))
    complete();
}

void group::complete() {
  rebalancing_ = false;
  ++generation_;
  for (const auto& each : std::exchange(overtaken_, {}))
    commit(each.who, each.positions, each.reader);
  assign();
  for (auto& [id, each] : members_) {
    world_.note("group: generation ", generation_, ": ", id, " gets", text_of(each.assigned));
    each.tell({id, generation_}, each.assigned);
  }
}

/// Sticky and cooperative: members keep what they hold up to their share; what has to move is given to nobody until its
/// holder has joined again without it.
void group::assign() {
  if (members_.empty())
    return;
  std::map<std::int32_t, std::string> holder;
  for (auto& [id, each] : members_)
    for (auto partition : each.held)
      if (auto [i, fresh] = holder.emplace(partition, id); !fresh && each.assigned.contains(partition))
        i->second = id; // two claim it; the one who was given it last is right
  auto share = stored_.size() / members_.size();
  auto larger_shares = stored_.size() % members_.size();
  for (auto& [id, each] : members_) {
    each.assigned.clear();
    auto room = share + (larger_shares > 0);
    for (auto partition : each.held)
      if (holder[partition] == id && each.assigned.size() < room)
        each.assigned.insert(partition);
    if (each.assigned.size() > share)
      --larger_shares;
  }
  for (const auto& one : stored_) {
    if (holder.contains(one.partition))
      continue;
    auto least = std::min_element(members_.begin(), members_.end(), [](const auto& a, const auto& b) {
      return a.second.assigned.size() < b.second.assigned.size();
    });
    least->second.assigned.insert(one.partition);
  }
}

// ---- offsets ----

commit_result group::may_commit(const membership& who) const {
  if (arm_ == control_arm::assignments_ignored)
    return commit_result::done;
  if (!members_.contains(who.member))
    return commit_result::not_member;
  return who.generation == generation_ ? commit_result::done : commit_result::again;
}

commit_result group::commit(const membership& who, const std::vector<position>& positions, int reader) {
  auto result = may_commit(who);
  if (result == commit_result::done)
    store(positions, reader);
  else
    for (const auto& each : positions)
      judge_.committed(each.partition, each.offset, each.metadata, false, reader, world_.time.now());
  return result;
}

void group::store(const std::vector<position>& positions, int reader) {
  for (const auto& each : positions) {
    judge_.committed(each.partition, each.offset, each.metadata, true, reader, world_.time.now());
    auto& stored = stored_.at(static_cast<std::size_t>(each.partition));
    stored = each;
    foreign_.erase(each.partition);
    world_.note("committed: partition ", each.partition, " at ", each.offset, ' ', each.metadata);
    if (arm_ == control_arm::bitmap_off)
      stored.metadata.clear();
  }
}

bool group::claims(std::int32_t partition, std::int64_t offset, std::int64_t log_end) const {
  const auto& foreign = stored(partition);
  if (!foreign_.contains(partition) || foreign.offset > log_end)
    return false;
  auto said = read_commit_metadata(foreign.offset, foreign.metadata, offset_ledger::spread_max);
  if (!said) // the position counts all the same, its bits do not
    return offset < foreign.offset;
  return said->topic_id.empty() && (offset < foreign.offset || said->finished.contains(offset));
}

std::optional<std::vector<position>> group::load(const std::vector<std::int32_t>& partitions) const {
  std::vector<position> found;
  for (auto partition : partitions) {
    for (const auto& [id, held] : held_)
      for (const auto& each : held)
        if (each.partition == partition)
          return std::nullopt;
    found.push_back(stored_.at(static_cast<std::size_t>(partition)));
  }
  return found;
}

void group::hold(const std::string& transactional_id, std::vector<position> positions) {
  auto& held = held_[transactional_id];
  held.insert(held.end(), std::make_move_iterator(positions.begin()), std::make_move_iterator(positions.end()));
}

void group::end_held(const std::string& transactional_id, bool commit) {
  auto held = held_.extract(transactional_id);
  if (!held.empty() && commit)
    store(held.mapped(), nobody);
}

} // namespace mp::sim
