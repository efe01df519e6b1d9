#define CAF_SUITE ollama_worker
#include "tests/support/test.hpp"

#include "actors/ollama_worker/ollama_worker.hpp"
#include "tests/support/fake_ports.hpp"
#include "tests/support/neighbour_fixture.hpp"

using namespace mp;
using namespace mp::test;

namespace {

struct worker_fixture : neighbour_fixture<ollama_worker_actor> {
  ollama_worker_actor& worker = subject;
  std::shared_ptr<fake_model> model = std::make_shared<fake_model>();
  call_limits limits{10s, 2s, 30s, 5s};

  void new_worker() {
    worker_config config{"alpha:11434", [model = model] { return std::make_unique<fake_model_port>(model); }, limits,
                         directory};
    put_under_test(spawn_ollama_worker(parent(), std::move(config)));
  }

  void start() {
    new_dispatcher();
    new_worker();
  }

  void assign(std::uint64_t ticket, request_kind kind = request_kind::text, std::uint32_t call_number = 1) {
    mp::request asked;
    asked.id = "id-" + std::to_string(ticket);
    asked.kind = kind;
    tell(assignment{ticket, call_number, shared_request{std::move(asked)}, "llava:latest"});
  }

  void cancel(std::uint64_t ticket) { tell(cancel_call{ticket}); }

  fault failure(std::size_t index) {
    CAF_REQUIRE(std::holds_alternative<call_failure>(heard->results.at(index).outcome));
    return std::get<call_failure>(heard->results.at(index).outcome).why;
  }
};

} // namespace

BEGIN_FIXTURE_SCOPE(worker_fixture)

TEST_CASE("a worker reports its start with its host, then requests work once") {
  start();
  pass(1min);
  REQUIRE_EQ(heard->workers.size(), 1u);
  CHECK_EQ(heard->workers[0].worker, worker);
  CHECK_EQ(heard->workers[0].host, "alpha:11434");
  CHECK_EQ(heard->work_demands, 1u);
}

TEST_CASE("a worker without a dispatcher waits for one") {
  new_worker();
  pass(1s);
  new_dispatcher();
  CHECK_EQ(heard->workers.size(), 1u);
  CHECK_EQ(heard->work_demands, 1u);
}

TEST_CASE("an answer is reported with its ticket, call number and duration, and only then work is asked for") {
  start();
  assign(7, request_kind::text, 2);
  REQUIRE(model->running.has_value());
  CHECK_EQ(model->running->question->id, "id-7");
  CHECK_EQ(model->running->model, "llava:latest");
  CHECK(!model->running->needs_vision);
  pass(1s);
  CHECK(heard->results.empty());
  CHECK_EQ(heard->work_demands, 1u);
  model->answer("an answer");
  settle();
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK_EQ(heard->results[0].ticket, 7u);
  CHECK_EQ(heard->results[0].call_number, 2u);
  CHECK_EQ(heard->results[0].duration, 1s);
  REQUIRE(std::holds_alternative<raw_answer>(heard->results[0].outcome));
  CHECK_EQ(std::get<raw_answer>(heard->results[0].outcome).text.view(), "an answer");
  CHECK_EQ(heard->work_demands, 2u);
}

TEST_CASE("a photo needs a model that can see") {
  start();
  assign(1, request_kind::photo);
  CHECK(model->running->needs_vision);
}

TEST_CASE("a failure is reported as it came") {
  start();
  assign(1);
  model->fail(fault::host_busy, 503);
  settle();
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK(failure(0) == fault::host_busy);
  CHECK_EQ(std::get<call_failure>(heard->results[0].outcome).http_status, 503);
  CHECK_EQ(heard->work_demands, 2u);
}

TEST_CASE("one call after the other goes over the same port") {
  start();
  for (std::uint64_t ticket = 1; ticket <= 5; ++ticket) {
    assign(ticket);
    model->answer("x");
    settle();
  }
  CHECK_EQ(model->opened, 1);
  CHECK_EQ(model->calls, 5);
  CHECK_EQ(heard->results.size(), 5u);
  CHECK_EQ(heard->work_demands, 6u);
}

TEST_CASE("work that was not asked for is a crash") {
  start();
  assign(1);
  assign(2);
  CHECK(!subject_alive());
}

TEST_CASE("a model that says nothing is given up at the limit of the first byte") {
  start();
  assign(1);
  pass(9900ms);
  CHECK(heard->results.empty());
  pass(600ms);
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK(failure(0) == fault::first_byte_timeout);
  CHECK_EQ(model->cancels, 1);
  CHECK_EQ(heard->work_demands, 2u); // the cancelled call has ended
  CHECK(!model->running.has_value());
}

TEST_CASE("a model that falls silent is given up at the idle limit") {
  start();
  assign(1);
  for (int i = 0; i < 10; ++i) {
    ++model->pieces;
    pass(1500ms);
  }
  CHECK(heard->results.empty());
  pass(1500ms);
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK(failure(0) == fault::idle_timeout);
}

TEST_CASE("a model that never stops is given up at the limit of the whole call") {
  start();
  assign(1);
  for (int i = 0; i < 29; ++i) {
    ++model->pieces;
    pass(1s);
  }
  CHECK(heard->results.empty());
  ++model->pieces;
  pass(1500ms);
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK(failure(0) == fault::call_timeout);
}

TEST_CASE("the limits of one call are not those of the next") {
  start();
  assign(1);
  pass(9s);
  model->answer("x");
  settle();
  assign(2);
  pass(9s);
  CHECK_EQ(heard->results.size(), 1u);
  model->answer("x");
  settle();
  CHECK_EQ(heard->results.size(), 2u);
}

TEST_CASE("a call given up on time is reported once, whatever it still says") {
  start();
  model->deaf = true;
  assign(1);
  pass(10500ms);
  REQUIRE_EQ(heard->results.size(), 1u);
  CHECK_EQ(heard->work_demands, 1u); // not free yet
  model->answer("too late");
  settle();
  CHECK_EQ(heard->results.size(), 1u);
  CHECK_EQ(heard->work_demands, 2u);
}

TEST_CASE("a call that does not end when it is cancelled is a crash of the worker, not of the model's other callers") {
  start();
  model->deaf = true;
  assign(1);
  pass(10500ms);
  CHECK_EQ(heard->results.size(), 1u);
  pass(4400ms);
  CHECK(subject_alive());
  pass(1100ms);
  CHECK(!subject_alive());
  REQUIRE_EQ(model->left_behind.size(), 1u);
  model->left_behind[0](call_failure{fault::cancelled, 0}); // ends at last: nobody is there to hear it
  settle();
  CHECK_EQ(heard->results.size(), 1u);
}

TEST_CASE("a cancelled call is not reported, and work is asked for when it has ended") {
  start();
  model->deaf = true;
  assign(1);
  cancel(1);
  CHECK_EQ(model->cancels, 1);
  CHECK_EQ(heard->work_demands, 1u);
  model->fail(fault::cancelled);
  settle();
  CHECK(heard->results.empty());
  CHECK_EQ(heard->work_demands, 2u);
}

TEST_CASE("cancelling something else, or nothing at all, changes nothing") {
  start();
  cancel(1);
  assign(2);
  cancel(1);
  CHECK_EQ(model->cancels, 0);
  model->answer("x");
  settle();
  CHECK_EQ(heard->results.size(), 1u);
  cancel(2);
  CHECK_EQ(model->cancels, 0);
}

TEST_CASE("a call is cancelled once, however often that is asked for") {
  start();
  model->deaf = true;
  assign(1);
  cancel(1);
  cancel(1);
  pass(4s);
  CHECK_EQ(model->cancels, 1);
  CHECK(subject_alive());
}

TEST_CASE("the time to wait for a cancelled call counts from the first order") {
  start();
  model->deaf = true;
  assign(1);
  cancel(1);
  pass(4s);
  cancel(1);
  pass(2s);
  CHECK(!subject_alive());
}

TEST_CASE("a new dispatcher in mid-call gets worker_started at once, and a demand only when the old call has ended") {
  start();
  model->deaf = true;
  assign(1);
  auto before = heard;
  new_dispatcher();
  REQUIRE_EQ(heard->workers.size(), 1u);
  CHECK_EQ(heard->work_demands, 0u);
  CHECK_EQ(model->cancels, 1);
  model->answer("for the old one");
  settle();
  CHECK(heard->results.empty());
  CHECK(before->results.empty());
  CHECK_EQ(heard->work_demands, 1u);
}

TEST_CASE("a new dispatcher of an idle worker gets worker_started and a demand") {
  start();
  new_dispatcher();
  CHECK_EQ(heard->workers.size(), 1u);
  CHECK_EQ(heard->work_demands, 1u);
}

TEST_CASE("the late end of a call that was over is ignored") {
  start();
  assign(1);
  auto tell_again = model->tell;
  model->answer("the first");
  settle();
  assign(2);
  tell_again(call_failure{fault::model_error, 0});
  settle();
  CHECK_EQ(heard->results.size(), 1u);
  CHECK_EQ(heard->work_demands, 2u);
  model->answer("the second");
  settle();
  REQUIRE_EQ(heard->results.size(), 2u);
  CHECK_EQ(heard->results[1].ticket, 2u);
}

TEST_CASE("a port that cannot start a call is a crash") {
  start();
  model->fail_start = true;
  assign(1);
  CHECK(!subject_alive());
}

TEST_CASE("a worker with a call under way hears an exit message at once") {
  start();
  assign(1);
  stop_subject();
  CHECK(!subject_alive());
  CHECK(!model->running.has_value());
}

TEST_CASE("an idle worker has no timer") {
  start();
  assign(1);
  model->answer("x");
  settle();
  pass(3s);
  CHECK(!sched.has_pending_timeout());
}

END_FIXTURE_SCOPE()
