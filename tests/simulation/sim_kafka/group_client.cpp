#include "tests/simulation/sim_kafka/group_client.hpp"

#include <algorithm>

namespace mp::sim {

using namespace std::chrono_literals;

namespace {

// After this time the client gives up the request to leave the group [kafka 6].
constexpr auto leaving_time = 5s;
// The logs are looked at with every so many heartbeats.
constexpr unsigned heartbeats_between_looks = 4;

std::vector<std::int32_t> list_of(const partition_set& partitions) { return {partitions.begin(), partitions.end()}; }

} // namespace

group_client::group_client(broker& kafka, std::shared_ptr<process> owner, std::string static_name)
  : number(kafka.next_client++), kafka_(kafka), line_(kafka.net.connect(std::move(owner))),
    static_name_(std::move(static_name)) {}

partition_set group_client::held() const {
  partition_set all;
  for (const auto& [partition, each] : held_)
    all.insert(partition);
  return all;
}

void group_client::notify(std::int32_t queue) {
  if (alive() && notify_)
    notify_(queue);
}

void group_client::happen(group_event event) {
  bool was_empty = events_.empty();
  events_.push_back(std::move(event));
  if (was_empty)
    notify(consumer_port::group_queue);
}

// ---- membership ----

void group_client::open(consumer_port::notifier notify) {
  notify_ = std::move(notify);
  // A reader before this one, and its dispatcher, may have to go and not have heard of it yet.
  for (std::int32_t i = 0; i < kafka_.limits.partitions; ++i)
    kafka_.judge.released(line_->owner->instance, i, 0);
  join();
  heartbeat();
}

void group_client::heartbeat() {
  kafka_.world.time.after(kafka_.limits.heartbeat, [self = shared_from_this()] {
    if (!self->alive() || self->closed_)
      return;
    self->heartbeat();
    if (!self->kafka_.net.carries(*self->line_))
      return;
    if (++self->heartbeats_ % heartbeats_between_looks == 0 && !self->held_.empty())
      self->look_at_logs();
    self->tell_lags();
    auto& members = self->kafka_.members;
    if (self->joining_) {
      // While the answer to a join is awaited, the coordinator may have forgotten the member.
      if (!self->joining_as_.empty() && members.heartbeat({self->joining_as_, 0}) == group::pulse::unknown)
        self->join();
      return;
    }
    if (self->who_.member.empty())
      return;
    switch (members.heartbeat(self->who_)) {
      case group::pulse::fine: break;
      case group::pulse::rebalance:
        self->join_again_ = true;
        self->continue_joining();
        break;
      case group::pulse::unknown: self->lost(); break;
    }
  });
}

/// As often as the real client does, and of what is there to be read next.
void group_client::tell_lags() {
  auto now = kafka_.world.time.now();
  if (held_.empty() || now < lags_due_)
    return;
  lags_due_ = now + 5s;
  lag_report report;
  for (const auto& [partition, each] : held_)
    report.lags.push_back({partition, each.queue->unread(), each.queue->unread()});
  happen(std::move(report));
}

void group_client::join() {
  joining_ = true;
  join_again_ = false;
  joining_as_.clear();
  kafka_.net.to_broker(line_, [self = shared_from_this(), held = held(), as = who_.member] {
    if (!self->line_->open || self->closing_)
      return;
    auto answer = [self](membership who, partition_set all) {
      self->kafka_.net.to_client(self->line_, [self, who, all] { self->joined(who, all); });
    };
    auto stop = [self] { self->kafka_.net.to_client(self->line_, [self] { self->fenced(); }); };
    self->joining_as_ = self->kafka_.members.join(as, self->static_name_, held, answer, stop);
    if (self->joining_as_.empty())
      self->kafka_.net.to_client(self->line_, [self] {
        self->joining_ = false;
        self->lost();
      });
  });
}

void group_client::joined(membership who, const partition_set& all) {
  if (closed_ || closing_)
    return;
  if (joining_ && who.member != joining_as_)
    return; // of an earlier membership
  joining_ = false;
  who_ = std::move(who);
  if (awaited_ != awaited::nothing) { // the membership of before was lost meanwhile
    join_again_ = true;
    return;
  }
  auto mine = held();
  partition_set revoked;
  to_add_.clear();
  std::set_difference(mine.begin(), mine.end(), all.begin(), all.end(), std::inserter(revoked, revoked.end()));
  std::set_difference(all.begin(), all.end(), mine.begin(), mine.end(), std::inserter(to_add_, to_add_.end()));
  if (!revoked.empty()) {
    join_again_ = true;
    revoke(std::move(revoked), false);
  } else {
    continue_joining();
  }
}

void group_client::fenced() {
  if (closed_)
    return;
  kafka_.world.note(line_->owner->name, ": client ", number, " is fenced");
  happen(consumer_error{"FENCED_INSTANCE_ID", true});
}

/// The group has put this member out. While an answer of the owner is awaited nothing is told: the owner learns of it
/// by a refused commit, or afterwards.
void group_client::lost() {
  if (who_.member.empty())
    return;
  kafka_.world.note(line_->owner->name, ": client ", number, " has lost its membership");
  who_ = {};
  is_lost_ = true;
  join_again_ = true;
  to_add_.clear();
  continue_joining();
}

void group_client::revoke(partition_set which, bool is_lost) {
  awaited_ = awaited::unassign;
  in_question_ = which;
  happen(partitions_revoked{list_of(which), is_lost});
}

/// What is to be done once nothing is awaited of the owner.
void group_client::continue_joining() {
  if (awaited_ != awaited::nothing || closed_)
    return;
  if (is_lost_ || closing_) {
    bool was_lost = std::exchange(is_lost_, false);
    if (auto all = held(); !all.empty()) {
      revoke(std::move(all), was_lost);
      return;
    }
  }
  if (closing_) {
    leave();
  } else if (!to_add_.empty()) {
    awaited_ = awaited::assign;
    in_question_ = std::exchange(to_add_, {});
    happen(partitions_assigned{list_of(in_question_)});
  } else if (join_again_ && !joining_) {
    join();
  }
}

void group_client::leave() {
  auto end = [self = shared_from_this()] {
    if (self->closed_ || !self->alive())
      return;
    self->closed_ = true;
    self->notify(consumer_port::group_queue);
  };
  kafka_.net.to_broker(line_, [self = shared_from_this(), id = member_id(), end] {
    // A static member stays until its session ends.
    if (self->static_name_.empty())
      self->kafka_.members.leave(id);
    self->kafka_.net.to_client(self->line_, end);
  });
  kafka_.world.time.after(leaving_time, end);
}

// ---- the owner's side ----

bool group_client::next_event(group_event& event) {
  if (events_.empty())
    return false;
  event = std::move(events_.front());
  events_.pop_front();
  if (auto* taken = std::get_if<partitions_revoked>(&event)) {
    taken->lost |= is_lost_;
    for (auto partition : taken->partitions)
      kafka_.judge.released(line_->owner->instance, partition, 0);
  } else if (auto* loaded = std::get_if<positions_loaded>(&event)) {
    loaded_topic_id_ = loaded->logs.topic_id;
  } else if (auto* told = std::get_if<log_report>(&event)) {
    for (const auto& log : told->logs)
      if (auto held = held_.find(log.partition); held != held_.end())
        held->second.topic_id = told->topic_id;
  }
  return true;
}

consumer_port::fetch_end group_client::fetch(std::int32_t partition, std::size_t records_max, std::size_t bytes_max,
                                             std::vector<fetched_record>& records) {
  auto found = held_.find(partition);
  if (found == held_.end())
    return consumer_port::fetch_end::drained;
  auto& queue = *found->second.queue;
  fetched_last_.clear();
  for (std::size_t count = 0, bytes = 0; !queue.empty(); ++count) {
    if (count == records_max || bytes >= bytes_max)
      return consumer_port::fetch_end::more;
    if (auto base = queue.front().bad_batch) {
      happen(partition_unreadable{partition, {*base, queue.fetched_end(), "_BAD_COMPRESSION"}});
      queue.fail();
      break;
    }
    const auto stored = queue.take();
    auto& highest = found->second.highest;
    if (kafka_.arm == control_arm::log_changes_ignored && stored.record.offset <= highest)
      continue;
    highest = stored.record.offset;
    if (found->second.topic_id != kafka_.requests.id())
      kafka_.judge.may_repeat(stored.number); // nobody can know yet that it is another topic's
    bytes += stored.record.key.size() + stored.record.body->size();
    for (const auto& [name, text] : stored.record.headers)
      bytes += name.size() + text.size();
    records.push_back(stored.record);
    fetched_last_.push_back(stored.number);
    kafka_.judge.fetched(line_->owner->instance, stored.number);
    if (kafka_.arm == control_arm::commit_on_arrival)
      kafka_.members.commit(who_, {{partition, stored.record.offset + 1, {}}}, number);
  }
  return consumer_port::fetch_end::drained;
}

void group_client::load_positions(const std::vector<std::int32_t>& partitions) {
  auto unavailable = [self = shared_from_this()](const char* why) {
    self->kafka_.net.to_client(self->line_, [self, why] { self->happen(positions_unavailable{why}); });
  };
  if (kafka_.world.occurs(&fault_rates::positions_unavailable)) {
    unavailable("COORDINATOR_LOAD_IN_PROGRESS");
    return;
  }
  kafka_.net.to_broker(line_, [self = shared_from_this(), partitions, unavailable] {
    auto found = self->kafka_.members.load(partitions);
    if (!found) {
      unavailable("UNSTABLE_OFFSET_COMMIT");
      return;
    }
    auto now = self->kafka_.world.time.now();
    auto logs = self->look(partitions);
    if (self->awaited_ == awaited::assign)
      self->excuse_claimed(partitions);
    for (const auto& each : *found)
      self->kafka_.world.note(self->line_->owner->name, ": partition ", each.partition, " is read as ", each.offset,
                              ' ', each.metadata);
    self->kafka_.net.to_client(self->line_,
                               [self, now, positions = std::move(*found), logs = std::move(logs)]() mutable {
                                 for (const auto& each : positions)
                                   self->loads_[each.partition] = now;
                                 self->happen(positions_loaded{std::move(positions), std::move(logs)});
                               });
  });
}

void group_client::excuse_claimed(const std::vector<std::int32_t>& partitions) const {
  for (auto partition : partitions)
    for (const auto& each : kafka_.requests.log(partition))
      if (kafka_.members.claims(partition, each.record.offset, kafka_.requests.end(partition)))
        kafka_.judge.claimed(each.number);
}

log_report group_client::look(const std::vector<std::int32_t>& partitions) const {
  if (kafka_.arm == control_arm::log_changes_ignored)
    return {};
  log_report report{kafka_.requests.id()};
  for (auto partition : partitions)
    report.logs.push_back({partition, kafka_.requests.begin(partition), kafka_.requests.end(partition)});
  return report;
}

void group_client::put_away() {
  for (auto number : std::exchange(fetched_last_, {}))
    kafka_.judge.put_away(line_->owner->instance, number);
}

void group_client::look_at_logs() {
  if (looking_)
    return;
  looking_ = true;
  std::map<std::int32_t, std::pair<std::int64_t, unsigned>> reached;
  for (const auto& [partition, each] : held_)
    reached[partition] = {each.queue->reached(), each.queue->version()};
  kafka_.net.to_broker(line_, [self = shared_from_this(), reached] {
    std::vector<std::int32_t> partitions;
    for (const auto& [partition, place] : reached)
      partitions.push_back(partition);
    self->kafka_.net.to_client(self->line_, [self, reached, report = self->look(partitions)]() mutable {
      self->looking_ = false;
      for (auto& log : report.logs) {
        auto held = self->held_.find(log.partition);
        auto [offset, version] = reached.at(log.partition);
        if (held != self->held_.end() && held->second.queue->version() == version)
          log.reached = offset;
      }
      self->happen(std::move(report));
    });
  });
}

std::int64_t group_client::passed(std::int32_t partition) const {
  auto found = held_.find(partition);
  return found == held_.end() ? position::none : found->second.queue->passed();
}

void group_client::assign(const std::vector<position>& positions) {
  partition_set which;
  for (const auto& each : positions)
    which.insert(each.partition);
  if (awaited_ != awaited::assign || which != in_question_)
    return; // overtaken
  awaited_ = awaited::nothing;
  line_->owner->caught_up.reset();
  for (const auto& each : positions) {
    auto queue = std::make_shared<partition_queue>(kafka_, line_, each.partition,
                                                   [self = weak_from_this(), partition = each.partition] {
                                                     if (auto living = self.lock())
                                                       living->notify(partition);
                                                   });
    held_[each.partition] = {queue, loads_[each.partition], -1, loaded_topic_id_};
    kafka_.judge.released(line_->owner->instance, each.partition, 0);
    queue->start(each.read_from == position::none ? each.offset : each.read_from);
    notify(each.partition);
  }
  continue_joining();
}

void group_client::rewind(std::int32_t partition, std::int64_t offset) {
  auto found = held_.find(partition);
  if (found == held_.end())
    return;
  kafka_.judge.released(line_->owner->instance, partition, offset);
  drop_unreadable(events_, partition);
  found->second.highest = -1;
  found->second.queue->start(offset);
  notify(partition);
}

void group_client::unassign(const std::vector<std::int32_t>&) {
  if (awaited_ != awaited::unassign)
    return;
  awaited_ = awaited::nothing;
  for (auto partition : in_question_) {
    auto found = held_.find(partition);
    if (found == held_.end())
      continue;
    found->second.queue->stop();
    held_.erase(found);
    kafka_.judge.released(line_->owner->instance, partition, 0);
  }
  continue_joining();
}

void group_client::commit(const std::vector<position>& positions) {
  kafka_.net.to_broker(line_, [self = shared_from_this(), positions, who = who_] {
    auto& world = self->kafka_.world;
    if (world.occurs(&fault_rates::commit_overtaken)) {
      self->kafka_.members.commit_overtaken(who, positions, self->number);
      self->kafka_.net.to_client(self->line_, [self, positions] {
        commit_ended end{{}, commit_result::again, "REQUEST_TIMED_OUT"};
        for (const auto& each : positions)
          end.partitions.push_back(each.partition);
        self->happen(end);
      });
      return;
    }
    bool refused = world.occurs(&fault_rates::commit_refused);
    auto result = refused ? commit_result::again : self->kafka_.members.commit(who, positions, self->number);
    commit_ended end{{}, result, result == commit_result::done ? "" : refused ? "NOT_COORDINATOR" : "GENERATION"};
    for (const auto& each : positions)
      end.partitions.push_back(each.partition);
    duration late = 0ns;
    if (result == commit_result::done && world.occurs(&fault_rates::commit_answer_late)) {
      late = world.rng.between(10ms, 6s);
      if (world.rng.one_in(2)) {
        end.result = commit_result::again;
        end.reason = "REQUEST_TIMED_OUT";
      }
    }
    world.time.after(late, [self, end] {
      self->kafka_.net.to_client(self->line_, [self, end] {
        if (end.result == commit_result::not_member)
          self->lost();
        self->happen(end);
      });
    });
  });
}

std::string group_client::membership_text() const {
  return who_.member.empty() ? "" : who_.member + '/' + std::to_string(who_.generation) + '/' + std::to_string(number);
}

void group_client::close() {
  if (closing_)
    return;
  closing_ = true;
  to_add_.clear();
  if (awaited_ == awaited::assign) {
    awaited_ = awaited::nothing;
    std::erase_if(events_, [](const group_event& each) { return std::holds_alternative<partitions_assigned>(each); });
  }
  continue_joining();
}

void group_client::abandon() {
  if (alive() && !closed_ && static_name_.empty())
    kafka_.net.to_broker(line_, [&members = kafka_.members, id = member_id()] { members.leave(id); });
  for (auto& [partition, each] : held_) {
    each.queue->stop();
    kafka_.judge.released(line_->owner->instance, partition, 0);
  }
  line_->open = false;
  closed_ = true;
}

} // namespace mp::sim
