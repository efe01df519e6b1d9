#define CAF_SUITE path
#include "tests/support/test.hpp"

#include "tests/support/service_world.hpp"

using namespace mp;
using namespace mp::test;

TEST_CASE("a text goes from the topic to the broker, byte for byte, and is committed only when it was acknowledged") {
  service_world world;
  world.start();
  world.topic->add(0, "chat-4",
                   R"({"key":"chat-4","value":{"user_email":"user@example.com",)"
                   R"("question":"How many calories has it?","date":"2026-11-23"}})",
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
    world.mailbox_most.clear(); // at the start every actor reports that
    world.ask(150);
    REQUIRE(world.run_until([&] { return world.all_done(); }, 200s));
    world.check_replies();
    CHECK_EQ(world.complaint(), "");
    CHECK_EQ(world.model_calls_sum(), 150u);
    CHECK_EQ(world.topic->fetched, 150u);
    CHECK_LE(world.unsettled_most, 8u);
    CHECK_LE(world.mailbox_most["dispatcher"], 9u); // a result and a demand of each of four workers, and receipts
    CHECK_LE(world.mailbox_most["sanitizer"], 4u);  // an answer of each worker
    CHECK_LE(world.mailbox_most["ollama_worker"], 2u);
    CHECK_EQ(world.mailbox_overrun(), "");
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

// ---- the end ----

TEST_CASE("a drain finishes what is under way, hands back the rest and leaves the group; the next one goes on") {
  service_world world;
  world.start();
  world.ask(12);
  REQUIRE(world.reach("assigned"));
  bool drained = false;
  auto requester = world.sys.spawn([&](caf::event_based_actor* self) {
    self->request(world.directory->dispatcher(), caf::infinite, drain{})
      .then([&] { drained = true; }, [](caf::error&) {});
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
  REQUIRE(world.reach("publishing"));
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

TEST_CASE("an answer that cannot be used is asked for again, and only the second one is published") {
  service_world world;
  world.config.dispatcher.reask_rounds = 1;
  world.start();
  world.topic->add(0, "order-17", photo_body());
  world.models_answer = false;
  REQUIRE(world.run_until([&] { return world.busy_connection() != nullptr; }));
  world.busy_connection()->model->answer("I see a pizza.");
  REQUIRE(world.run_until([&] { return world.busy_connection() != nullptr; }));
  auto& call = *world.busy_connection()->model;
  REQUIRE(call.running->reask.has_value());
  CHECK_EQ(call.running->reask->answer, "I see a pizza.");
  CHECK_EQ(call.running->question->photo.view().substr(0, 12), "iVBORw0KGgoA");
  call.answer(R"({"dish_name":"Pizza"})");
  REQUIRE(world.run_until([&] { return world.topic->committed_offset(0) == 1; }, 1s));
  REQUIRE_EQ(world.ends["order-17"].size(), 1u);
  CHECK_NE(world.ends["order-17"][0].body.find(R"({\"dish_name\":\"Pizza\"})"), std::string::npos);
  CHECK_EQ(world.sample("models_processor_repair_rounds_total{outcome=\"repaired\"}"), 1);
  CHECK_EQ(world.complaint(), "");
}
