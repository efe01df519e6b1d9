#define CAF_SUITE path_crash
#include "tests/support/test.hpp"

#include "actors/crash.hpp"
#include "tests/support/service_world.hpp"

using namespace mp;
using namespace mp::test;

namespace {

/// What the crash of one actor may cost beside time.
struct price {
  std::size_t calls = 0;   ///< model calls more than there are requests
  std::size_t replies = 0; ///< replies more than there are requests
};

/// Crashes one actor at `where` of a request's life and lets the world go on; every request has to be answered.
std::string crash_at(const std::string& where, const std::function<bool(service_world&)>& crash, price highest) {
  service_world world;
  world.start();
  world.ask(10);
  if (!world.reach(where))
    return "never " + where;
  if (!crash(world))
    return "nobody to crash";
  if (!world.run_until([&] { return world.all_done(); }))
    return "requests were left when it crashed at " + where;
  world.live(1s);
  world.check_replies(highest.replies);
  if (world.model_calls_sum() > 10 + highest.calls)
    return std::to_string(world.model_calls_sum()) + " model calls for ten requests after a crash at " + where;
  return world.complaint() + world.mailbox_overrun();
}

void crash_at_every_stage(const std::function<bool(service_world&)>& crash, price highest = {}) {
  for (const auto* where : {"waiting", "assigned", "cleaning", "publishing"})
    CHECK_EQ(crash_at(where, crash, highest), "");
}

std::function<bool(service_world&)> killing(std::string name) {
  return [name](service_world& world) { return world.kill(name); };
}

} // namespace

// ---- one crash ----

TEST_CASE("a crash of the health monitor at any stage costs no request anything") {
  crash_at_every_stage(killing("health_monitor"));
}

TEST_CASE("a crash of the producer at any stage costs no model call and no second reply") {
  crash_at_every_stage(killing("producer"));
  crash_at_every_stage([](service_world& world) {
    world.broker->broken = "_FATAL";
    if (world.broker->notify)
      world.broker->notify();
    world.run();
    world.broker->broken.clear();
    return true;
  });
}

TEST_CASE("a crash of the sanitizer at any stage costs no model call") { crash_at_every_stage(killing("sanitizer")); }

TEST_CASE("a crash of a worker at any stage costs at most the call it was at") {
  crash_at_every_stage(killing("ollama_worker"), {1, 0});
}

TEST_CASE("a crash of the reader at any stage costs no model call and no second reply") {
  crash_at_every_stage(killing("kafka_reader"));
  crash_at_every_stage([](service_world& world) {
    world.topic->happen(consumer_error{"_FATAL", true});
    return true;
  });
}

TEST_CASE("a crash of the dispatcher at any stage costs at most the work that was in the house") {
  crash_at_every_stage(killing("dispatcher"), {8, 8});
}

TEST_CASE("a crash of a supervisor at any stage takes its branch along, and all of it comes back") {
  for (std::size_t branch = 1; branch < 5; ++branch)
    crash_at_every_stage([branch](service_world& world) { return world.kill_branch(branch); }, {8, 8});
}

TEST_CASE("after a crash the actor is there again and counted, and the others are the same as before") {
  for (const std::string name :
       {"health_monitor", "producer", "sanitizer", "dispatcher", "kafka_reader", "ollama_worker"}) {
    service_world world;
    world.start();
    world.ask(4);
    REQUIRE(world.reach("assigned"));
    std::map<std::string, caf::strong_actor_ptr> before;
    for (const auto& [each, which] : world.actors)
      before[each] = world.find(each);
    world.kill(name);
    world.live(2s);
    for (const auto& [each, handle] : before)
      if (each != "supervisor" && each != "ollama_worker")
        CHECK_EQ(world.find(each) == handle, each != name);
    CHECK(world.find(name) != nullptr);
    CHECK_EQ(world.sample("models_processor_actor_restarts_total{actor=\"" + name + "\"}"),
             name == "ollama_worker" ? 1 : 1);
  }
}

TEST_CASE("a branch that gives up takes those along that were started after it, and nobody else") {
  service_world world;
  world.config.intensity = {3, 60s};
  world.start();
  world.ask(10);
  REQUIRE(world.reach("assigned"));
  auto monitor = world.find("health_monitor");
  auto dispatcher = world.find("dispatcher");
  auto worker = world.find("ollama_worker");
  for (int i = 0; i < 4; ++i) { // once more than outbound allows
    world.kill("producer");
    world.live(1s);
  }
  CHECK(world.find("health_monitor") == monitor);
  CHECK(world.find("dispatcher") != dispatcher);
  CHECK(world.find("ollama_worker") != worker);
  REQUIRE(world.run_until([&] { return world.all_done(); }));
  CHECK_EQ(world.complaint(), "");
}

TEST_CASE("a tree that cannot be kept alive ends with a reason that names the branch, and leaves nobody behind") {
  service_world world;
  world.config.intensity = {2, 60s};
  world.config.reader.make_port = []() -> std::unique_ptr<consumer_port> { throw std::runtime_error("no client"); };
  world.start();
  world.self->monitor(world.root);
  world.live(60s);
  caf::error why;
  world.self->receive([&](caf::down_msg& down) { why = down.reason; }, caf::after(0s) >> [] {});
  CHECK_EQ(why, caf::sec::runtime_error);
  CHECK_EQ(reason_of(why), "root gives up: 3 crashes within 60 s, the last one of intake: "
                           "intake gives up: 3 crashes within 60 s, the last one of kafka_reader: no client");
  for (const auto& [name, which] : world.actors)
    for (const auto& each : which)
      if (auto living = each.lock())
        CHECK(!world.alive(living));
}

// ---- a crash at every single step ----

namespace {

/// Crashes the named actor before each `stride`-th message of the whole run, in a world of its own each time.
void crash_before_every_message(const std::string& name, price highest, std::size_t stride) {
  constexpr int requests = 6;
  service_world undisturbed;
  undisturbed.start();
  undisturbed.ask(requests);
  CAF_REQUIRE(undisturbed.run_until([&] { return undisturbed.all_done(); }));
  auto steps = undisturbed.steps;
  CAF_REQUIRE(steps > 60);
  std::size_t crashes = 0;
  for (std::size_t at = 1; at <= steps; at += stride) {
    service_world world;
    world.before_step = [&] {
      if (world.steps == at)
        crashes += world.kill(name);
    };
    world.start();
    world.ask(requests);
    bool done = world.run_until([&] { return world.all_done(); });
    world.live(500ms);
    world.check_replies(highest.replies);
    if (!done)
      CAF_FAIL(name << " crashed before message " << at << ": requests were left");
    if (!world.complaints.empty())
      CAF_FAIL(name << " crashed before message " << at << ": " << world.complaint());
    if (world.model_calls_sum() > requests + highest.calls)
      CAF_FAIL(name << " crashed before message " << at << ": " << world.model_calls_sum() << " model calls");
  }
  CHECK_GT(crashes, steps / stride / 2);
}

} // namespace

TEST_CASE("the health monitor may crash before any message") {
  crash_before_every_message("health_monitor", {0, 0}, 3);
}
TEST_CASE("the producer may crash before any message; acknowledgements it has not passed on are lost with it") {
  crash_before_every_message("producer", {0, 4}, 1); // the broker acknowledges up to four at once
}
TEST_CASE("the sanitizer may crash before any message") { crash_before_every_message("sanitizer", {0, 0}, 3); }
TEST_CASE("the one for long answers may, too") { crash_before_every_message("sanitizer/long", {0, 0}, 3); }
TEST_CASE("a worker may crash before any message") { crash_before_every_message("ollama_worker", {1, 0}, 3); }
TEST_CASE("the reader may crash before any message") { crash_before_every_message("kafka_reader", {0, 0}, 3); }
TEST_CASE("the dispatcher may crash before any message") { crash_before_every_message("dispatcher", {6, 6}, 3); }
