#include "tests/simulation/sim_service/stage.hpp"

#include "actors/supervisor/supervisor.hpp"

namespace mp::sim {

namespace {

caf::scheduled_actor* actor_of(caf::resumable* job) {
  return job->subtype() == caf::resumable::scheduled_actor ? static_cast<caf::scheduled_actor*>(job) : nullptr;
}

bool has_ended(const caf::strong_actor_ptr& actor) {
  return actor->get()->getf(caf::abstract_actor::is_terminated_flag);
}

} // namespace

stage::stage()
  : system_(std::make_unique<caf::actor_system>(config_)),
    scheduler_(&dynamic_cast<caf::scheduler::test_coordinator&>(system_->scheduler())) {}

stage::~stage() {
  while (!cast_.empty())
    end_all(cast_.begin()->first);
}

int stage::owner_of(caf::actor_id who) const {
  auto known = owners_.find(who);
  return known == owners_.end() ? 0 : known->second;
}

bool stage::is_held(caf::resumable* job) const {
  auto* actor = actor_of(job);
  if (actor == nullptr)
    return false;
  auto now = scheduler_->clock().current_time;
  auto one = held_actors_.find(actor->id());
  auto all = held_owners_.find(owner_of(actor->id()));
  return (one != held_actors_.end() && one->second > now) || (all != held_owners_.end() && all->second > now);
}

/// Index of the job that comes next, or the number of jobs when all are held.
std::size_t stage::choose(chance& rng) {
  const auto& jobs = scheduler_->jobs;
  bool some_held = !held_actors_.empty() || !held_owners_.empty();
  auto best = jobs.size();
  if (how_ == order::ranked) {
    if (rng.one_in(300))
      ranking_ = rng.below(std::numeric_limits<std::uint64_t>::max());
    std::uint64_t best_rank = 0;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      auto* actor = actor_of(jobs[i]);
      auto rank = ((actor == nullptr ? 0 : actor->id()) ^ ranking_) * 0x9E3779B97F4A7C15u >> 8;
      if ((best == jobs.size() || rank > best_rank) && !(some_held && is_held(jobs[i]))) {
        best = i;
        best_rank = rank;
      }
    }
    return best;
  }
  auto first = how_ == order::any ? rng.below(jobs.size()) : 0;
  for (std::size_t i = 0; i < jobs.size() && best == jobs.size(); ++i)
    if (auto at = (first + i) % jobs.size(); !(some_held && is_held(jobs[at])))
      best = at;
  return best;
}

bool stage::step(chance& rng) {
  auto& jobs = scheduler_->jobs;
  if (jobs.empty())
    return false;
  auto next = choose(rng);
  if (next == jobs.size())
    return false;
  std::swap(jobs.front(), jobs[next]);
  auto owner = 0;
  if (auto* actor = actor_of(jobs.front())) {
    owner = owner_of(actor->id());
    trace_ = (trace_ ^ actor->id()) * 0x100000001B3u
             + static_cast<std::uint64_t>(clock().current_time.time_since_epoch().count());
    if (before_step)
      before_step(*actor, owner);
  }
  auto old = jobs.size() - 1;
  ++steps_;
  current_ = owner;
  scheduler_->run_once();
  current_ = 0;
  look_at_new_jobs(old, owner);
  return true;
}

void stage::look_at_new_jobs(std::size_t from, int owner) {
  const auto& jobs = scheduler_->jobs;
  for (auto i = from; i < jobs.size(); ++i)
    if (auto* actor = actor_of(jobs[i]); actor != nullptr && owners_.emplace(actor->id(), owner).second)
      cast_[owner].push_back(
        {actor->name(), caf::actor_cast<caf::weak_actor_ptr>(caf::strong_actor_ptr{actor->ctrl()})});
}

std::optional<time_point> stage::next_timer() const {
  const auto& schedule = scheduler_->clock().schedule;
  return schedule.empty() ? std::nullopt : std::optional{schedule.begin()->first};
}

std::vector<stage::member> stage::living(int owner) {
  auto found = cast_.find(owner);
  if (found == cast_.end())
    return {};
  std::erase_if(found->second, [](const member& each) {
    auto strong = each.actor.lock();
    return !strong || has_ended(strong);
  });
  return found->second;
}

void stage::end_all(int owner) {
  for (auto& each : living(owner))
    if (auto strong = each.actor.lock())
      order_exit(strong, caf::exit_reason::kill);
  auto& jobs = scheduler_->jobs;
  auto is_theirs = [&](caf::resumable* job) {
    auto* actor = actor_of(job);
    if (actor == nullptr)
      return false;
    return owner_of(actor->id()) == owner;
  };
  for (;;) {
    auto next = std::find_if(jobs.begin(), jobs.end(), is_theirs);
    if (next == jobs.end())
      break;
    std::swap(jobs.front(), *next);
    auto old = jobs.size() - 1;
    scheduler_->run_once();
    look_at_new_jobs(old, owner);
  }
  cast_.erase(owner);
}

} // namespace mp::sim
