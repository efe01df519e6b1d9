#define CAF_SUITE path
#include "tests/support/test.hpp"

#include "tests/support/service_world.hpp"

#include <random>

using namespace mp;
using namespace mp::test;

namespace {

using stage = std::string;

/// Runs a world up to the moment at which some request is in `where`.
bool reach(service_world& world, const stage& where) {
  if (where == "waiting") { // read, but nobody has begun to work on it
    return world.run_until([&] { return world.busy_connection() != nullptr && world.model_calls_sum() < world.topic->fetched; });
  }
  if (where == "assigned")
    return world.run_until([&] { return world.busy_connection() != nullptr; });
  if (where == "cleaning")
    return world.run_until([&] { return world.model_calls_sum() > 0 && world.has_job("sanitizer"); });
  if (where == "publishing") {
    world.broker_answers = false;
    bool reached = world.run_until([&] { return world.broker->under_way() > 0; });
    world.broker_answers = true;
    return reached;
  }
  CAF_FAIL("no stage " << where);
}

/// What the crash of one actor may cost beside time.
struct price {
  std::size_t calls = 0;   ///< model calls more than there are requests
  std::size_t replies = 0; ///< replies more than there are requests
};

/// Crashes one actor at `where` of a request's life and lets the world go on; every request has to be answered.
std::string crash_at(const stage& where, const std::function<bool(service_world&)>& crash, price highest) {
  service_world world;
  world.start();
  world.ask(10);
  if (!reach(world, where))
    return "never " + where;
  if (!crash(world))
    return "nobody to crash";
  if (!world.run_until([&] { return world.all_done(); }))
    return "requests were left when it crashed at " + where;
  world.live(1s);
  world.check_replies(highest.replies);
  if (world.model_calls_sum() > 10 + highest.calls)
    return std::to_string(world.model_calls_sum()) + " model calls for ten requests after a crash at " + where;
  return world.complaint();
}

void crash_at_every_stage(const std::function<bool(service_world&)>& crash, price highest = {}) {
  for (const auto* where : {"waiting", "assigned", "cleaning", "publishing"})
    CHECK_EQ(crash_at(where, crash, highest), "");
}

std::function<bool(service_world&)> killing(std::string name) {
  return [name](service_world& world) { return world.kill(name); };
}

} // namespace

TEST_CASE("a text goes from the topic to the broker, byte for byte, and is committed only when it was acknowledged") {
  service_world world;
  world.start();
  world.topic->add(0, "chat-4", R"({"key":"chat-4","value":{"user_email":"user@example.com","question":"How many calories has it?","date":"2026-11-23"}})",
                   0, {{"correlation-id", "c-1"}, {"other", "x"}});
  world.broker_answers = false;
  world.models_answer = false;
  REQUIRE(world.run_until([&] { return world.busy_connection() != nullptr; }));
  auto& call = *world.busy_connection()->model;
  CHECK_EQ(call.running->model, "llava:latest");
  CHECK_EQ(call.running->question->prompt_json.view(), "\"How many calories has it?\"");
  CHECK(!call.running->needs_vision);
  call.answer("About 285 a slice.");
  REQUIRE(world.run_until([&] { return world.broker->under_way() == 1; }));
  auto& reply = world.broker->taken[0].record;
  CHECK(reply.to == destination::text_reply);
  CHECK_EQ(reply.key, "chat-4");
  CHECK_EQ(reply.body, R"({"key":"chat-4","value":{"user_email":"user@example.com","response":"About 285 a slice.",)"
                       R"("model":"llava:latest","analysis":"About 285 a slice.","date":"2026-11-23"}})");
  CHECK_EQ(reply.headers.back(), (name_and_text{"correlation-id", "c-1"}));
  world.live(5s);
  CHECK(world.topic->commits.empty());
  world.broker->deliver_all();
  REQUIRE(world.run_until([&] { return world.topic->committed_offset(0) == 1; }, 1s));
  CHECK_EQ(world.complaint(), "");
  CHECK_EQ(world.sample("models_processor_requests_total{kind=\"text\",outcome=\"ok\"}"), 1);
}

TEST_CASE("a photo goes from the topic to the broker, byte for byte, and is committed only when it was acknowledged") {
  service_world world;
  world.start();
  world.topic->add(0, "order-17", photo_body());
  world.broker_answers = false;
  world.models_answer = false;
  REQUIRE(world.run_until([&] { return world.busy_connection() != nullptr; }));
  auto& call = *world.busy_connection()->model;
  CHECK(call.running->needs_vision);
  CHECK_EQ(call.running->question->photo.view().substr(0, 12), "iVBORw0KGgoA");
  call.answer("```json\n{ \"dish_name\" : \"Pizza\", \"calories\" : 285.0 }\n```");
  REQUIRE(world.run_until([&] { return world.broker->under_way() == 1; }));
  auto& reply = world.broker->taken[0].record;
  CHECK(reply.to == destination::photo_reply);
  CHECK_EQ(reply.body, R"({"key":"order-17","value":{"user_email":"someone@example.org",)"
                       R"("analysis":"{\"dish_name\":\"Pizza\",\"calories\":285.0}","timestamp":1732356420123}})");
  world.live(5s);
  CHECK(world.topic->commits.empty());
  world.broker->deliver_all();
  REQUIRE(world.run_until([&] { return world.topic->committed_offset(0) == 1; }, 1s));
  CHECK_EQ(world.complaint(), "");
}

TEST_CASE("what is no question is a dead letter and what comes after it is answered") {
  service_world world;
  world.start();
  world.topic->add(0, "bad", "\xFF\xFE");
  world.topic->add(0, "good", text_body());
  REQUIRE(world.run_until([&] { return world.topic->committed_offset(0) == 2; }));
  REQUIRE_EQ(world.ends["bad"].size(), 1u);
  CHECK(world.ends["bad"][0].to == destination::dead_letter);
  REQUIRE_EQ(world.ends["good"].size(), 1u);
  CHECK(world.ends["good"][0].to == destination::text_reply);
}

TEST_CASE("requests that come while no host is usable wait in the topic and are answered when one is") {
  service_world world;
  world.hosts_answer = false;
  world.start();
  world.ask(10);
  world.live(5s);
  CHECK_EQ(world.topic->fetched, 0u);
  world.hosts_answer = true;
  REQUIRE(world.run_until([&] { return world.all_done(); }));
  world.check_replies();
  CHECK_EQ(world.complaint(), "");
}

TEST_CASE("each request is asked once, and never more are in the house than the limits allow, whoever is slow") {
  for (int slow = 0; slow < 3; ++slow) {
    service_world world{2};
    if (slow == 1)
      world.model_ticks = 40;
    if (slow == 2)
      world.broker_ticks = 60;
    world.start();
    world.live(100ms);
    world.mailbox_most = 0; // at the start everybody says hello
    world.ask(150);
    REQUIRE(world.run_until([&] { return world.all_done(); }, 200s));
    world.check_replies();
    CHECK_EQ(world.complaint(), "");
    CHECK_EQ(world.model_calls_sum(), 150u);
    CHECK_EQ(world.topic->fetched, 150u);
    CHECK_LE(world.unsettled_most, 8u);
    CHECK_LE(world.mailbox_most, 9u); // the dispatcher's: a result and a demand of each of four workers, and receipts
  }
}

TEST_CASE("when the broker acknowledges nothing, reading stops at the limit and goes on afterwards") {
  service_world world;
  world.broker_answers = false;
  world.start();
  world.ask(100);
  world.live(30s);
  CHECK_LE(world.topic->fetched, 8u);
  CHECK(world.topic->commits.empty());
  world.broker_answers = true;
  REQUIRE(world.run_until([&] { return world.all_done(); }, 100s));
  world.check_replies();
  CHECK_EQ(world.complaint(), "");
}

TEST_CASE("when all models hang, requests end as timeouts, in bounded time, and nothing is lost") {
  service_world world;
  for (auto& each : world.config.workers)
    each.each.limits = {2s, 1s, 5s, 1s};
  world.models_answer = false;
  world.start();
  world.ask(4);
  REQUIRE(world.run_until([&] { return world.all_done(); }, 60s));
  for (auto& [key, records] : world.ends) {
    REQUIRE_EQ(records.size(), 2u); // error reply and dead letter
    CHECK(std::any_of(records.begin(), records.end(), [](auto& each) { return each.to == destination::dead_letter; }));
  }
  CHECK_EQ(world.complaint(), "");
  CHECK_EQ(world.model_calls_sum(), 8u);
}

// ---- one crash -------------------------------------------------------------------------------------------------------

TEST_CASE("a crash of the health monitor at any stage costs no request anything") { crash_at_every_stage(killing("health_monitor")); }

TEST_CASE("a crash of the producer at any stage costs no model call and no second reply") {
  crash_at_every_stage(killing("producer"));
  crash_at_every_stage([](service_world& world) {
    world.broker->broken = "_FATAL";
    if (world.broker->ring)
      world.broker->ring();
    world.run();
    world.broker->broken.clear();
    return true;
  });
}

TEST_CASE("a crash of the sanitizer at any stage costs no model call") { crash_at_every_stage(killing("sanitizer")); }

TEST_CASE("a crash of a worker at any stage costs at most the call it was at") { crash_at_every_stage(killing("ollama_worker"), {1, 0}); }

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
  for (const std::string name : {"health_monitor", "producer", "sanitizer", "dispatcher", "kafka_reader", "ollama_worker"}) {
    service_world world;
    world.start();
    world.ask(4);
    REQUIRE(reach(world, "assigned"));
    std::map<std::string, caf::strong_actor_ptr> before;
    for (const auto& [each, which] : world.actors)
      before[each] = world.find(each);
    world.kill(name);
    world.live(2s);
    for (const auto& [each, handle] : before)
      if (each != "supervisor" && each != "ollama_worker")
        CHECK_EQ(world.find(each) == handle, each != name);
    CHECK(world.find(name) != nullptr);
    CHECK_EQ(world.sample("models_processor_actor_restarts_total{actor=\"" + name + "\"}"), name == "ollama_worker" ? 1 : 1);
  }
}

TEST_CASE("a branch that gives up takes those along that were started after it, and nobody else") {
  service_world world;
  world.config.intensity = {3, 60s};
  world.start();
  world.ask(10);
  REQUIRE(reach(world, "assigned"));
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
  CHECK_NE(to_string(why).find("root gives up: too many restarts of intake"), std::string::npos);
  CHECK_NE(to_string(why).find("too many restarts of kafka_reader"), std::string::npos);
  CHECK_NE(to_string(why).find("no client"), std::string::npos);
  for (const auto& [name, which] : world.actors)
    for (const auto& each : which)
      if (auto living = each.lock())
        CHECK(!world.alive(living));
}

// ---- a crash at every single step --------------------------------------------------------------------------------------

namespace {

/// Crashes the named actor before each `stride`-th message of the whole run, in a world of its own each time.
void crash_before_every_message(const std::string& name, price highest, std::size_t stride) {
  constexpr int requests = 6;
  service_world calm;
  calm.start();
  calm.ask(requests);
  CAF_REQUIRE(calm.run_until([&] { return calm.all_done(); }));
  auto steps = calm.steps;
  CAF_REQUIRE(steps > 100);
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

TEST_CASE("the health monitor may crash before any message") { crash_before_every_message("health_monitor", {0, 0}, 3); }
TEST_CASE("the producer may crash before any message; acknowledgements it has not passed on are lost with it") {
  crash_before_every_message("producer", {0, 2}, 3);
}
TEST_CASE("the sanitizer may crash before any message") { crash_before_every_message("sanitizer", {0, 0}, 3); }
TEST_CASE("a worker may crash before any message") { crash_before_every_message("ollama_worker", {1, 0}, 3); }
TEST_CASE("the reader may crash before any message") { crash_before_every_message("kafka_reader", {0, 0}, 3); }
TEST_CASE("the dispatcher may crash before any message") { crash_before_every_message("dispatcher", {6, 6}, 3); }

namespace {

/// Lets messages come in any order that keeps those between two actors in theirs, and kills somebody now and then.
struct storm {
  service_world& world;
  std::mt19937 random;
  std::size_t crashes = 0;

  storm(service_world& of, unsigned seed) : world(of), random(seed) {
    world.config.intensity = {100'000, 1s};
    world.config.dispatcher.retry.attempts_max = 1'000'000; // workers die without end here
    world.before_step = [this] {
      auto& jobs = world.sched.jobs;
      std::swap(jobs.front(), jobs[random() % jobs.size()]);
      if (rages() && random() % 40 == 0)
        kill_somebody();
    };
  }

  /// A storm is over after a while.
  bool rages() const { return world.steps < 4'000; }

  void kill_somebody() {
    static constexpr const char* names[] = {"health_monitor", "producer",     "sanitizer", "dispatcher",
                                            "kafka_reader",   "ollama_worker", "supervisor"};
    auto name = names[random() % (random() % 4 == 0 ? 7 : 6)];
    if (name == std::string{"supervisor"} && world.find(name) == caf::actor_cast<caf::strong_actor_ptr>(world.root))
      return;
    crashes += world.kill(name);
  }
};

} // namespace

TEST_CASE("in storms of crashes with messages in any order every request is answered and committed after its reply") {
  std::size_t crashes = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    service_world world{1 + seed % 2};
    storm raging{world, seed};
    world.start();
    world.ask(40);
    bool done = world.run_until([&] { return world.all_done(); }, 600s);
    world.check_replies(100'000);
    if (!done || !world.complaints.empty())
      CAF_FAIL("seed " << seed << ": " << (done ? world.complaint() : "requests were left"));
    crashes += raging.crashes;
  }
  CHECK_GT(crashes, 1'000u);
}

TEST_CASE("in storms of faults around it the service loses nothing and commits nothing before its reply") {
  std::size_t crashes = 0, faults = 0;
  for (unsigned seed = 1; seed <= 100; ++seed) {
    service_world world{1 + seed % 2};
    storm raging{world, seed};
    auto& random = raging.random;
    world.start();
    world.ask(40);
    bool done = world.run_until([&] {
      if (world.all_done())
        return true;
      world.topic->commit_answer = commit_result::done;
      if (!raging.rages() || random() % 10 != 0)
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
            static constexpr fault some[] = {fault::host_unreachable, fault::host_busy, fault::model_error, fault::stream_cut, fault::answer_empty};
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
    }, 600s);
    world.check_replies(100'000);
    if (!done || !world.complaints.empty())
      CAF_FAIL("seed " << seed << ": " << (done ? world.complaint() : "requests were left"));
    crashes += raging.crashes;
  }
  CHECK_GT(crashes, 2'000u);
  CHECK_GT(faults, 10'000u);
}

// ---- the end ---------------------------------------------------------------------------------------------------------

TEST_CASE("a drain finishes what is under way, hands back the rest and leaves the group; the next service goes on there") {
  service_world world;
  world.start();
  world.ask(12);
  REQUIRE(reach(world, "assigned"));
  bool drained = false;
  auto asker = world.sys.spawn([&](caf::event_based_actor* self) {
    self->request(world.directory->dispatcher(), caf::infinite, drain{}).then([&] { drained = true; }, [](caf::error&) {});
  });
  REQUIRE(world.run_until([&] { return drained; }));
  CHECK(world.topic->closed);
  auto answered = world.ends.size();
  CHECK_GT(answered, 0u);
  CHECK_LT(answered, 12u);
  world.live(1s);
  CHECK_EQ(world.complaint(), "");
  order_exit(caf::actor_cast<caf::strong_actor_ptr>(world.root), caf::exit_reason::user_shutdown);
  world.live(1s);
  CHECK(!world.alive(caf::actor_cast<caf::strong_actor_ptr>(world.root)));

  world.actors.clear();
  world.start();
  REQUIRE(world.run_until([&] { return world.all_done(); }));
  world.check_replies();
  CHECK_EQ(world.complaint(), "");
  CHECK_EQ(world.model_calls_sum(), 12u);
}

TEST_CASE("an exit message to the root ends all actors within their graces, and what was finished is committed") {
  service_world world;
  world.start();
  world.ask(12);
  REQUIRE(reach(world, "publishing"));
  order_exit(caf::actor_cast<caf::strong_actor_ptr>(world.root), caf::exit_reason::user_shutdown);
  world.live(9s);
  CHECK(!world.alive(caf::actor_cast<caf::strong_actor_ptr>(world.root)));
  for (const auto& [name, which] : world.actors)
    for (const auto& each : which)
      if (auto living = each.lock())
        CHECK(!world.alive(living));
  CHECK_EQ(world.complaint(), "");
  CHECK(world.topic->closed);
}
