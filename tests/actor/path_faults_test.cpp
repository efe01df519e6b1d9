#define CAF_SUITE path_faults
#include "tests/support/test.hpp"

#include "tests/support/service_world.hpp"

#include <random>

using namespace mp;
using namespace mp::test;

namespace {

/// Lets messages come in any order that keeps those between two actors in theirs, and kills somebody now and then.
struct fault_round {
  service_world& world;
  std::mt19937 random;
  std::size_t crashes = 0;

  fault_round(service_world& of, unsigned seed) : world(of), random(seed) {
    world.config.intensity = {100'000, 1s};
    world.config.dispatcher.retry.attempts_max = 1'000'000; // workers die without end here
    world.before_step = [this] {
      auto& jobs = world.sched.jobs;
      std::swap(jobs.front(), jobs[random() % jobs.size()]);
      if (rages() && random() % 40 == 0)
        kill_somebody();
    };
  }

  /// A round is over after a while.
  bool rages() const { return world.steps < 4'000; }

  void kill_somebody() {
    static constexpr const char* names[] = {"health_monitor", "producer",      "sanitizer", "dispatcher",
                                            "kafka_reader",   "ollama_worker", "supervisor"};
    auto name = names[random() % (random() % 4 == 0 ? 7 : 6)];
    if (name == std::string{"supervisor"} && world.find(name) == caf::actor_cast<caf::strong_actor_ptr>(world.root))
      return;
    crashes += world.kill(name);
  }
};

/// Everything was answered, once, and no mailbox held more than it may.
void check_end(service_world& world, bool done, unsigned seed) {
  world.check_replies(100'000);
  if (!done || !world.complaints.empty())
    CAF_FAIL("seed " << seed << ": " << (done ? world.complaint() : "requests were left"));
  if (auto who = world.mailbox_overrun(); !who.empty())
    CAF_FAIL("seed " << seed << ": " << who);
}

} // namespace

TEST_CASE("in rounds of crashes with messages in any order every request is answered and committed after its reply") {
  std::size_t crashes = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    service_world world{1 + seed % 2};
    fault_round round{world, seed};
    world.start();
    world.ask(40);
    bool done = world.run_until([&] { return world.all_done(); }, 600s);
    check_end(world, done, seed);
    crashes += round.crashes;
  }
  CHECK_GT(crashes, 1'000u);
}

TEST_CASE("in rounds of faults around it the service loses nothing and commits nothing before its reply") {
  std::size_t crashes = 0, faults = 0;
  for (unsigned seed = 1; seed <= 350; ++seed) {
    service_world world{1 + seed % 2};
    fault_round round{world, seed};
    auto& random = round.random;
    world.start();
    world.ask(40);
    bool done = world.run_until(
      [&] {
        if (world.all_done())
          return true;
        world.topic->commit_answer = commit_result::done;
        if (!round.rages())
          world.hosts_answer = true;
        if (!round.rages() || random() % 10 != 0)
          return false;
        ++faults;
        switch (random() % 7) {
          case 0: world.topic->commit_answer = commit_result::again; break;
          case 1:
            if (world.topic->commits.size() % 3 == 0)
              world.topic->commit_answer = commit_result::not_member;
            break;
          case 2:
            if (auto* each = world.busy_connection(); each != nullptr) {
              static constexpr fault some[] = {fault::host_unreachable, fault::host_busy, fault::model_error,
                                               fault::stream_cut, fault::answer_empty};
              each->model->fail(some[random() % std::size(some)]);
            }
            break;
          case 3:
            if (world.broker->under_way() > 0)
              world.broker->deliver_all(delivery_result::failed);
            break;
          case 4: world.shift_partition(static_cast<std::int32_t>(random() % 2), random() % 2 == 0); break;
          case 5: world.topic->positions_failures = 1; break;
          case 6: world.hosts_answer = random() % 3 != 0; break;
        }
        return false;
      },
      600s);
    check_end(world, done, seed);
    crashes += round.crashes;
  }
  CHECK_GT(crashes, 7'000u);
  CHECK_GT(faults, 30'000u);
}
