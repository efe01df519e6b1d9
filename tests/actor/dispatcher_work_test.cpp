#define CAF_SUITE dispatcher_work
#include "tests/support/test.hpp"

#include "tests/support/dispatcher_fixture.hpp"

using namespace mp;
using namespace mp::test;
using offset_list = std::vector<std::int64_t>;

BEGIN_FIXTURE_SCOPE(dispatcher_fixture)

TEST_CASE("a worker gets one request each time it asks, the oldest first") {
  start();
  ask(1);
  ask(2);
  ask(3);
  CHECK_EQ(given(), (offset_list{1}));
  answer();
  CHECK_EQ(given(), (offset_list{1, 2}));
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 2}));
}

TEST_CASE("an assignment carries the question and the model: the request's own, where allowed, or the configured one") {
  start(2);
  ask(1);
  auto asked = question(2);
  asked.model = "codellama";
  ask(asked);
  auto& first = assignments(given(0) == offset_list{1} ? 0 : 1).at(0);
  auto& second = assignments(given(0) == offset_list{1} ? 1 : 0).at(0);
  CHECK_EQ(first.model, "llava:latest");
  CHECK_EQ(first.question->id, "id-1");
  CHECK_EQ(first.call_number, 1u);
  CHECK_EQ(second.model, "codellama");
}

TEST_CASE(
  "a model that is not allowed is passed over, and the one that is asked instead is the one that replies name") {
  start(1);
  auto asked = question(1);
  asked.model = "gemini-pro";
  ask(asked);
  CHECK_EQ(assignments(0).at(0).model, "llava:latest");
  fail(fault::model_refused);
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("\"model\":\"llava:latest\""), std::string::npos);
}

TEST_CASE("a request goes to the model of its task, else to that of its kind") {
  config.routes.text = "phi3";
  config.routes.by_task = {{"code", "codellama"}};
  start(3);
  auto code = question(1);
  code.task = "code";
  ask(code);
  ask(2);
  ask(question(3, request_kind::photo));
  std::map<std::string, std::string> models;
  for (std::size_t i = 0; i < workers.size(); ++i)
    for (const auto& each : assignments(i))
      models[each.question->id] = each.model;
  const std::map<std::string, std::string> expected{{"id-1", "codellama"}, {"id-2", "phi3"}, {"id-3", "llava:latest"}};
  CHECK(models == expected);
}

TEST_CASE("nothing is assigned to a host that is not usable, and all of it as soon as it is") {
  start(0);
  host("alpha", false);
  new_worker();
  ask(1);
  CHECK(given().empty());
  host("alpha", true);
  CHECK_EQ(given(), (offset_list{1}));
}

TEST_CASE("a demand for work from a worker that never reported its start is ignored") {
  start(0);
  played_worker stranger;
  stranger.handle = kept(spawn_recording_worker(parent(), stranger.log));
  caf::send_as(stranger.handle, dispatcher, work_demand{});
  settle();
  ask(1);
  CHECK(stranger.log->assignments.empty());
}

TEST_CASE("a failure that may pass is tried again after its backoff, on another host where there is one") {
  start(0);
  host("beta", true);
  auto a = new_worker("alpha");
  ask(1);
  auto b = new_worker("beta");
  REQUIRE_EQ(given(a), (offset_list{1}));
  fail(fault::model_error, a, 500);
  pass(490ms);
  CHECK(given(b).empty());
  CHECK_EQ(given(a).size(), 1u);
  pass(10ms);
  REQUIRE_EQ(given(b), (offset_list{1}));
  CHECK_EQ(assignments(b).back().call_number, 2u);
  CHECK_EQ(sample("models_processor_retries_total{fault=\"model_error\"}"), 1);
}

TEST_CASE("with one host the same one is tried again") {
  start();
  ask(1);
  fail(fault::stream_cut);
  pass(500ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("a request that waits for its retry does not hold up younger ones") {
  start();
  ask(1);
  ask(2);
  fail(fault::model_error);
  CHECK_EQ(given(), (offset_list{1, 2}));
  pass(500ms);
  answer();
  CHECK_EQ(given(), (offset_list{1, 2, 1}));
}

TEST_CASE("after the last attempt the sender is told and a dead letter is written") {
  start();
  ask(1);
  fail(fault::model_error);
  pass(500ms);
  fail(fault::model_error);
  pass(1s);
  fail(fault::model_error);
  pass(1min);
  CHECK_EQ(given(), (offset_list{1, 1, 1}));
  REQUIRE_EQ(published->size(), 2u);
  auto& reply = *published->at(0).record;
  CHECK(reply.to == destination::text_reply);
  CHECK_NE(reply.body.find("\"code\":\"model_error\""), std::string::npos);
  CHECK_EQ(header(reply, "attempt"), "3");
  auto& dead = *published->at(1).record;
  CHECK(dead.to == destination::dead_letter);
  CHECK_EQ(header(dead, "reason"), "model_error");
  CHECK_EQ(header(dead, "attempts"), "3");
  CHECK_EQ(header(dead, "source-topic"), "eater-send-photo");
  CHECK_EQ(header(dead, "source-partition"), "0");
  CHECK_EQ(header(dead, "source-offset"), "1");
  CHECK_EQ(header(dead, "timestamp"), "2024-11-23T10:07:00.123Z");
  CHECK_EQ(dead.body, "");
}

TEST_CASE("a fault that no retry can help is told at once") {
  start();
  ask(1);
  fail(fault::answer_too_large);
  CHECK_EQ(published->size(), 2u);
  CHECK_EQ(header(*published->at(1).record, "reason"), "answer_too_large");
}

TEST_CASE("a sender's mistake found by the host is told without a dead letter") {
  start();
  ask(1);
  fail(fault::photo_unreadable);
  REQUIRE_EQ(published->size(), 1u);
  CHECK_NE(published->at(0).record->body.find("photo_unreadable"), std::string::npos);
}

TEST_CASE("a question that the port refuses is told without a call: no attempt, no host, no mark against the host") {
  config.breaker.failures_max = 1;
  start();
  for (std::int64_t offset = 1; offset <= 20; ++offset) {
    ask(offset);
    fail(fault::invalid_request);
    REQUIRE_EQ(published->size(), static_cast<std::size_t>(offset));
    const auto& reply = *published->back().record;
    CHECK_NE(reply.body.find("\"code\":\"invalid_request\""), std::string::npos);
    CHECK_EQ(header(reply, "attempt"), "0");
    CHECK_EQ(header(reply, "host"), "(none)");
  }
  CHECK(watched_by->troubles.empty());
  ask(21);
  CHECK_EQ(given().back(), 21);
}

TEST_CASE("what the host itself refuses had a call") {
  start();
  ask(1);
  fail(fault::photo_unreadable, 0, 400);
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "1");
  CHECK_EQ(header(*published->at(0).record, "host"), "alpha");
}

TEST_CASE("the followers of a question that the port refuses get an error reply, too") {
  start();
  auto first = question(1);
  first.id = "same";
  auto second = question(2);
  second.id = "same";
  ask(first);
  ask(second);
  fail(fault::invalid_request);
  CHECK_EQ(published->size(), 2u);
  CHECK_EQ(given().size(), 1u);
}

TEST_CASE("a photo present at two deaths of a runner is poison, and nothing was charged to its neighbour") {
  start(2);
  host("beta", true);
  ask(1, request_kind::photo);
  ask(2);
  auto photo = holder(1), neighbour = holder(2);
  new_worker("beta");
  fail(fault::runner_died, photo);
  fail(fault::runner_died, neighbour);
  pass(500ms);
  host("alpha", true);
  answer("an answer", holder(2));
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(published->at(0).from.offset, 2);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "1");
  pass(500ms);
  fail(fault::runner_died, holder(1));
  REQUIRE_EQ(published->size(), 3u);
  CHECK_NE(published->at(1).record->body.find("poison"), std::string::npos);
  CHECK(published->at(1).record->to == destination::photo_reply);
  CHECK_EQ(header(*published->at(2).record, "reason"), "poison");
}

TEST_CASE("an unreachable host is not the request's fault: no attempt is charged, however often it happens") {
  start();
  ask(1);
  for (int i = 0; i < 10; ++i) {
    fail(fault::host_unreachable);
    host("alpha", true);
    pass(30s);
  }
  CHECK(published->empty());
  CHECK_EQ(given().size(), 11u);
  answer();
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "1");
}

TEST_CASE("an unreachable host gets nothing more until it was looked at, and the health monitor is told once") {
  start();
  new_worker();
  ask(1);
  ask(2);
  fail(fault::host_unreachable, 0);
  fail(fault::host_unreachable, 1);
  CHECK_EQ(watched_by->troubles, std::vector<std::string>{"alpha"});
  pass(10min);
  CHECK_EQ(given(0).size() + given(1).size(), 2u);
  host("alpha", true);
  CHECK_EQ(given(0).size() + given(1).size(), 4u);
  CHECK_EQ(sample("models_processor_host_usable{host=\"alpha\"}"), 1);
}

TEST_CASE("requests put back for a host that is away go on at once on another one") {
  start(0);
  host("beta", true);
  auto a = new_worker("alpha");
  ask(1);
  auto b = new_worker("beta");
  fail(fault::host_unreachable, a);
  pass(500ms);
  CHECK_EQ(given(b), (offset_list{1}));
}

TEST_CASE("a busy host is waited for with growing delays and no charge") {
  config.breaker.failures_max = 100;
  start();
  ask(1);
  auto delay = 500ms;
  for (int i = 0; i < 5; ++i, delay *= 2) {
    fail(fault::host_busy, 0, 503);
    pass(delay - 10ms);
    CHECK_EQ(given().size(), static_cast<std::size_t>(i + 1));
    pass(10ms);
    CHECK_EQ(given().size(), static_cast<std::size_t>(i + 2));
  }
  CHECK(watched_by->troubles.empty());
  CHECK(published->empty());
}

TEST_CASE(
  "a host that stays busy is left to a probe, and when that finds room everything goes on whose own pause is over") {
  config.breaker.failures_max = 2;
  start(2);
  ask(1);
  ask(2);
  fail(fault::host_busy, 0, 503);
  fail(fault::host_busy, 1, 503);
  CHECK_EQ(watched_by->troubles, (std::vector<std::string>{"alpha"}));
  pass(1min);
  CHECK_EQ(given(0).size() + given(1).size(), 2u);
  host("alpha", true);
  CHECK_EQ(given(0).size() + given(1).size(), 4u);
}

TEST_CASE("good news of a host does not shorten the backoff of a request that failed there") {
  start();
  ask(1);
  fail(fault::model_error);
  for (int i = 0; i < 4; ++i) {
    host("alpha", true);
    pass(100ms);
  }
  CHECK_EQ(given(), (offset_list{1}));
  pass(100ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("good news of a host does not shorten the pause of a request that waits for it either") {
  start();
  ask(1);
  fail(fault::host_unreachable);
  host("alpha", true);
  pass(490ms);
  CHECK_EQ(given(), (offset_list{1}));
  pass(10ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
}

TEST_CASE("the configured model missing on a host is trouble of the host, not an end of the request") {
  start();
  ask(1);
  fail(fault::model_not_found, 0, 404);
  CHECK_EQ(watched_by->troubles, std::vector<std::string>{"alpha"});
  CHECK(published->empty());
}

TEST_CASE("a model of the request's own that is not there is told") {
  start();
  auto asked = question(1);
  asked.model = "no-such-model";
  ask(asked);
  fail(fault::model_not_found, 0, 404);
  CHECK(watched_by->troubles.empty());
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("model_not_found"), std::string::npos);
  CHECK_NE(published->at(0).record->body.find("\"model\":\"no-such-model\""), std::string::npos);
}

TEST_CASE("a worker that dies costs the request one attempt") {
  start(0);
  for (int i = 0; i < 3; ++i) {
    auto worker = new_worker();
    if (i == 0)
      ask(1);
    pass(1s);
    REQUIRE_EQ(given(worker), (offset_list{1}));
    kill(workers[worker].handle);
  }
  REQUIRE_EQ(published->size(), 2u);
  CHECK_NE(published->at(0).record->body.find("worker_lost"), std::string::npos);
}

TEST_CASE("a worker that dies without work costs nothing") {
  start(2);
  kill(workers[0].handle);
  ask(1);
  CHECK_EQ(given(1), (offset_list{1}));
}

TEST_CASE("a worker that dies after its result was taken costs nothing") {
  start();
  ask(1);
  raw_answer said;
  said.text = text_slice{std::string{"an answer"}};
  end_call(0, said);
  kill(workers[0].handle);
  pass(5s);
  clean();
  CHECK_EQ(published->size(), 1u);
  CHECK_EQ(sample("models_processor_retries_total{fault=\"worker_lost\"}"), -1);
}

TEST_CASE("a worker that reports its start again has dropped its work") {
  start();
  ask(1);
  tell(worker_started{workers[0].handle, "alpha"});
  ask_for_work(0);
  pass(500ms);
  CHECK_EQ(given(), (offset_list{1, 1}));
  CHECK_EQ(sample("models_processor_retries_total{fault=\"worker_lost\"}"), 1);
}

TEST_CASE("an answer to an older assignment is dropped") {
  start(0);
  host("beta", true);
  auto a = new_worker("alpha");
  ask(1);
  auto b = new_worker("beta");
  auto old = assignments(a).at(0);
  end_call(a, call_failure{fault::first_byte_timeout, 0}); // a's call has not ended yet, so it does not ask for work
  pass(500ms);
  REQUIRE_EQ(given(b), (offset_list{1}));
  raw_answer late;
  late.text = text_slice{std::string{"too late"}};
  tell(call_result{old.ticket, old.call_number, late, 1s});
  CHECK(cleaning->empty());
  answer("in time", b);
  REQUIRE_EQ(cleaning->size(), 1u);
  CHECK_EQ(cleaning->at(0).answer.view(), "in time");
}

TEST_CASE("a worker that dies over a call it had given up does not charge the worker that has the request now") {
  start(0);
  host("beta", true);
  auto a = new_worker("alpha");
  ask(1);
  auto b = new_worker("beta");
  end_call(a, call_failure{fault::first_byte_timeout, 0});
  pass(500ms);
  REQUIRE_EQ(given(b), (offset_list{1}));
  kill(workers[a].handle);
  answer("an answer", b);
  REQUIRE_EQ(cleaning->size(), 1u);
  clean();
  REQUIRE_EQ(published->size(), 1u);
  CHECK_EQ(header(*published->at(0).record, "attempt"), "2");
}

TEST_CASE("a call given up by one worker can still be cancelled at the one that has it now") {
  start(0);
  host("beta", true);
  auto a = new_worker("alpha");
  ask(1);
  auto b = new_worker("beta");
  end_call(a, call_failure{fault::first_byte_timeout, 0});
  pass(500ms);
  REQUIRE_EQ(given(b), (offset_list{1}));
  ask_for_work(a);
  tell(partitions_taken{{{0, 1, 2, {}}}}); // another member has ended it meanwhile
  CHECK_EQ(workers[b].log->cancelled, std::vector<std::uint64_t>{assignments(b).back().ticket});
}

TEST_CASE("a result reported twice counts once") {
  start();
  ask(1);
  auto work = assignments().back();
  raw_answer said;
  said.text = text_slice{std::string{"an answer"}};
  tell(call_result{work.ticket, work.call_number, said, 1s});
  tell(call_result{work.ticket, work.call_number, call_failure{fault::model_error, 0}, 1s});
  CHECK_EQ(cleaning->size(), 1u);
  clean();
  CHECK_EQ(published->size(), 1u);
}

TEST_CASE("work is spread over hosts by what they have under way") {
  start(0);
  host("beta", true);
  for (int i = 0; i < 2; ++i)
    new_worker("alpha"), new_worker("beta");
  ask(1);
  ask(2);
  CHECK_EQ(given(0).size() + given(2).size(), 1u);
  CHECK_EQ(given(1).size() + given(3).size(), 1u);
}

TEST_CASE("the time a request waited, the model's time and its tokens are counted") {
  start(0);
  ask(1);
  pass(300ms);
  new_worker();
  answer();
  CHECK_EQ(sample("models_processor_queue_time_seconds_count"), 1);
  CHECK_EQ(sample("models_processor_queue_time_seconds_sum"), 0.3);
  CHECK_EQ(sample("models_processor_model_time_seconds_sum{kind=\"text\"}"), 1.5);
  CHECK_EQ(sample("models_processor_tokens_total{direction=\"prompt\"}"), 11);
  CHECK_EQ(sample("models_processor_tokens_total{direction=\"answer\"}"), 22);
}

TEST_CASE("the dispatcher says how much there is to do") {
  start();
  ask(1);
  ask(2);
  ask(3);
  auto said = how_much();
  CHECK_EQ(said.waiting, 2u);
  CHECK_EQ(said.in_flight, 3u);
  CHECK_EQ(sample("models_processor_queue_depth"), 2);
  CHECK_EQ(sample("models_processor_in_flight"), 1);
  CHECK_EQ(sample("models_processor_held_bytes"), 3000);
}

END_FIXTURE_SCOPE()
